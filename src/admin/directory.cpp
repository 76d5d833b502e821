// What the server knows: numbers, phones, trunks, applications, and where a call to a number would go.
#include "admin/json.h"
#include "admin/resources.h"
#include "directory/route.h"
#include "text/e164.h"

namespace sotto::admin {
namespace {

using text::Json;
using text::JsonArray;
using text::JsonObject;

std::string account_name(const directory::Snapshot& all, const std::optional<directory::AccountId>& id) {
  const directory::Account* account = id ? all.account(*id) : nullptr;
  return account == nullptr ? std::string() : account->name;
}

struct Does {
  const directory::Snapshot& all;
  std::string operator()(std::monostate) const { return "nothing"; }
  std::string operator()(const directory::ToApplication& to) const {
    const auto* application = all.application(to.application);
    return "runs application " + (application == nullptr ? base::to_hex(to.application) : application->name);
  }
  std::string operator()(const directory::ToDialect& to) const { return "runs " + to.dialect; }
  std::string operator()(const directory::ToPhone& to) const {
    const auto* phone = all.phone(to.phone);
    return "rings phone " + (phone == nullptr ? base::to_hex(to.phone) : phone->user);
  }
  std::string operator()(const directory::ToCampaign& to) const { return "campaign " + to.campaign; }
  std::string operator()(const directory::ToAddresses& to) const {
    std::string out = "forwards to";
    for (const base::Address& each : to.in_turn) out += " " + each.text;
    return out;
  }
};

Json number_json(const directory::Snapshot& all, const directory::Number& number) {
  const bool for_sale = !number.owner;
  return JsonObject{{"number", number.digits},
                    {"country", number.country},
                    {"pool", number.pool},
                    {"owner", account_name(all, number.owner)},
                    {"does", for_sale ? "for sale" : std::visit(Does{all}, number.assignment)},
                    {"label", number.label}};
}

Json texts(const std::vector<std::string>& all) {
  JsonArray list;
  for (const std::string& each : all) list.emplace_back(each);
  return list;
}

struct RouteText {
  const directory::Snapshot& all;
  std::string operator()(const directory::RingPhone& to) const {
    const auto* phone = all.phone(to.phone);
    return "rings phone " + (phone == nullptr ? base::to_hex(to.phone) : phone->user);
  }
  std::string operator()(const directory::RunProgram& run) const {
    return run.campaign.empty() ? "runs " + run.dialect : "campaign " + run.campaign;
  }
  std::string operator()(const directory::UseTrunks& use) const {
    std::string out = "to " + use.number + " by";
    for (const directory::TrunkId id : use.in_order) {
      const auto* trunk = all.trunk(id);
      out += " " + (trunk == nullptr ? base::to_hex(id) : trunk->name);
    }
    return out;
  }
  std::string operator()(const directory::CallUri& call) const { return "calls " + call.uri; }
  std::string operator()(const directory::Forward& forward) const {
    return Does{all}(directory::ToAddresses{forward.in_turn});
  }
  std::string operator()(const directory::Refuse& refuse) const { return "refused: " + refuse.detail; }
};

base::Address dialled(const directory::Snapshot& all, const std::string& word) {
  using Kind = base::Address::Kind;
  if (word.starts_with("sip:") || word.starts_with("sips:")) return {Kind::Sip, word, {}};
  if (all.phone_by_extension(word) != nullptr) return {Kind::Phone, word, {}};
  if (all.phone_by_user(word) != nullptr) return {Kind::User, word, {}};
  return {Kind::Number, text::to_e164(word).value_or(word), {}};
}

}  // namespace

Answer list_numbers(Context context, http::Request) {
  const auto all = context.services.directory.now();
  std::vector<const directory::Number*> sorted;
  for (const directory::Number& each : all->all().numbers) sorted.push_back(&each);
  std::sort(sorted.begin(), sorted.end(), [](const auto* a, const auto* b) { return a->digits < b->digits; });
  JsonArray list;
  for (const directory::Number* each : sorted) list.push_back(number_json(*all, *each));
  co_return json_reply(JsonObject{{"numbers", list}});
}

Answer list_phones(Context context, http::Request) {
  const auto all = context.services.directory.now();
  JsonArray list;
  for (const directory::Phone& each : all->all().phones) {
    const auto* organisation = all->organisation(each.organisation);
    list.emplace_back(JsonObject{{"user", each.user},
                                 {"extension", each.extension},
                                 {"organisation", organisation == nullptr ? "" : organisation->name},
                                 {"account", account_name(*all, each.account)},
                                 {"caller_id_number", each.caller_id_number},
                                 {"may_register", !each.ha1.empty()}});
  }
  co_return json_reply(JsonObject{{"phones", list}});
}

Answer list_trunks(Context context, http::Request) {
  const auto all = context.services.directory.now();
  JsonArray list;
  for (const directory::Trunk& each : all->all().trunks) {
    list.emplace_back(JsonObject{{"name", each.name},
                                 {"hosts", texts(each.hosts)},
                                 {"allow_from", texts(each.allow_from)},
                                 {"registers", each.registers},
                                 {"priority", each.priority},
                                 {"weight", each.weight},
                                 {"destinations", texts(each.destinations)},
                                 {"emergency", each.emergency}});
  }
  co_return json_reply(JsonObject{{"trunks", list}});
}

Answer list_applications(Context context, http::Request) {
  const auto all = context.services.directory.now();
  JsonArray list;
  for (const directory::Application& each : all->all().applications) {
    size_t numbers = 0;
    for (const directory::Number& number : all->all().numbers) {
      const auto* to = std::get_if<directory::ToApplication>(&number.assignment);
      if (to != nullptr && to->application == each.id) ++numbers;
    }
    list.emplace_back(JsonObject{{"id", base::to_uuid(each.id)},
                                 {"name", each.name},
                                 {"dialect", each.dialect},
                                 {"account", account_name(*all, each.account)},
                                 {"numbers", numbers}});
  }
  co_return json_reply(JsonObject{{"applications", list}});
}

Answer explain_route(Context context, http::Request request) {
  const auto all = context.services.directory.now();
  const auto query = request.query();
  if (!query) co_return fail(query.error());
  // For whom: a trunk's call has no account, a phone's has its own.
  std::optional<directory::AccountId> account;
  if (const auto* phone = all->phone_by_user(parameter(*query, "phone"))) account = phone->account;
  const base::Address to = dialled(*all, std::string(request.parameter("number")));
  const directory::Decision decision = directory::route(*all, to, account, context.services.random);
  co_return json_reply(JsonObject{{"number", to.text},
                                  {"route", std::visit(RouteText{*all}, decision.route)},
                                  {"steps", texts(decision.steps)}});
}

}  // namespace sotto::admin
