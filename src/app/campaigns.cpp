#include "app/campaigns.h"

#include "admin/zones.h"
#include "app/config/reader.h"
#include "app/configured.h"
#include "base/log.h"
#include "campaign/campaign_json.h"
#include "net/one_shot.h"
#include "text/e164.h"

namespace sotto::app {
namespace {

constexpr char kKind[] = "campaign";

}  // namespace

Campaigns::Campaigns(net::Loop& loop, store::Store& store, store::LiveDirectory& directory,
                     directory::AccountId owner)
    : loop_(loop), store_(store), directory_(directory), owner_(owner) {}

Result<void> Campaigns::add_to(Entries& entries, campaign::Campaign campaign, bool configured) {
  if (auto valid = campaign::validate(campaign); !valid) return valid;
  Open open{nullptr, campaign::TimeZone::utc(), configured};
  if (campaign.hours) {
    auto zone = admin::load_zone(campaign.hours->time_zone);
    if (!zone) return fail(zone.error().code, "campaign " + campaign.name + ": " + zone.error().detail);
    open.zone = std::move(*zone);
  }
  const std::string name = campaign.name;
  open.campaign = std::make_shared<const campaign::Campaign>(std::move(campaign));
  entries[name] = std::move(open);
  return {};
}

Result<void> Campaigns::open(const std::vector<campaign::Campaign>& configured, const Stored& stored) {
  for (const store::Document& document : stored.campaigns) {
    const auto json = text::parse_json(document.body);
    auto campaign = json ? read(*json) : Result<campaign::Campaign>(fail(json.error()));
    const auto added = campaign ? add_to(entries_, std::move(*campaign), false) : fail(campaign.error());
    // It was good when it was stored; the server starts without it rather than not at all.
    if (!added) {
      base::log(base::LogLevel::Error, "app", "a stored campaign cannot be read",
                {{"campaign", document.id}, {"why", added.error().detail}});
    }
  }
  callers_.insert(stored.callers.begin(), stored.callers.end());
  return reconfigure(configured, [] { return Result<void>(); });
}

Result<void> Campaigns::reconfigure(const std::vector<campaign::Campaign>& configured,
                                    const std::function<Result<void>()>& apply) {
  Entries next = entries_;
  std::erase_if(next, [](const auto& each) { return each.second.configured; });
  for (const campaign::Campaign& each : configured) {
    if (auto added = add_to(next, each, true); !added) return added;
  }
  if (auto applied = apply(); !applied) return applied;
  entries_ = std::move(next);
  return {};
}

const Campaigns::Open* Campaigns::find(const std::string& name) const {
  const auto it = entries_.find(name);
  return it == entries_.end() ? nullptr : &it->second;
}

std::vector<Campaigns::Entry> Campaigns::all() const {
  std::vector<Entry> out;
  for (const auto& [name, open] : entries_) out.push_back({open.campaign, open.configured});
  return out;
}

Result<campaign::Campaign> Campaigns::read(const text::Json& json) const {
  auto campaign = config::read_campaign(json);
  if (!campaign) return campaign;
  // What is written like an extension or a number may be the user of a phone.
  for (base::Address& agent : campaign->agents) {
    if (directory_.now()->phone_by_extension(agent.text) != nullptr) agent.kind = base::Address::Kind::Phone;
    if (directory_.now()->phone_by_user(agent.text) != nullptr) agent.kind = base::Address::Kind::User;
  }
  return campaign;
}

// Its numbers become ours, if nobody has them, and lead to it.
Result<store::LiveDirectory::Change> Campaigns::numbers_to_take(const campaign::Campaign& campaign) const {
  store::LiveDirectory::Change change;
  for (const std::string& digits : campaign.numbers) {
    directory::Number number;
    if (const directory::Number* known = directory_.now()->number(digits)) {
      number = *known;
      const bool free = std::holds_alternative<std::monostate>(number.assignment);
      if (!free || (number.owner && *number.owner != owner_)) {
        return fail(ErrorCode::AlreadyExists,
                    "numbers: " + digits + " is in use; `sotto number list` says what for");
      }
    } else {
      number.id = configured_id<directory::NumberId>("number", digits);
      number.digits = digits;
      number.country = std::string(text::country_of(digits));
    }
    number.owner = owner_;
    number.assignment = directory::ToCampaign{campaign.name};
    change.put.emplace_back(std::move(number));
  }
  return change;
}

// A pool's number goes back for sale; others are forgotten.
store::LiveDirectory::Change Campaigns::numbers_to_free(const campaign::Campaign& campaign) const {
  store::LiveDirectory::Change change;
  for (const std::string& digits : campaign.numbers) {
    const directory::Number* known = directory_.now()->number(digits);
    const auto* to = known == nullptr ? nullptr : std::get_if<directory::ToCampaign>(&known->assignment);
    if (to == nullptr || to->campaign != campaign.name) continue;
    if (known->pool.empty()) {
      change.erase.emplace_back(known->id);
      continue;
    }
    directory::Number number = *known;
    number.owner.reset();
    number.assignment = std::monostate{};
    change.put.emplace_back(std::move(number));
  }
  return change;
}

asio::awaitable<Result<void>> Campaigns::add(text::Json json) {
  auto campaign = read(json);
  if (!campaign) co_return fail(campaign.error());
  if (find(campaign->name) != nullptr) {
    co_return fail(ErrorCode::AlreadyExists, "name: there is a campaign \"" + campaign->name + "\" already");
  }
  Entries made;
  if (auto valid = add_to(made, *campaign, false); !valid) co_return fail(valid.error());
  auto numbers = numbers_to_take(*campaign);
  if (!numbers) co_return fail(numbers.error());
  store::LiveDirectory::Change taken = std::move(*numbers);
  const Result<void> changed = co_await change(std::move(taken));
  if (!changed) co_return fail(changed.error());

  const store::Document document{kKind, campaign->name, base::to_hex(owner_), 0,
                                 text::to_text(campaign::to_json(*campaign))};
  const base::WallTime now = loop_.clock().wall();
  store::Store::Change store = [document, now](store::Connection& connection) {
    return store::overwrite_document(connection, document, now);
  };
  const Result<void> stored = co_await write(std::move(store));
  if (!stored) co_return fail(stored.error());
  entries_[campaign->name] = std::move(made.begin()->second);
  co_return Result<void>();
}

asio::awaitable<Result<void>> Campaigns::remove(std::string name) {
  const Open* open = find(name);
  if (open == nullptr) co_return fail(ErrorCode::NotFound, "no campaign \"" + name + "\"");
  if (open->configured) {
    co_return fail(ErrorCode::Forbidden,
                   "campaign \"" + name + "\" is in the configuration file; remove it there");
  }
  const std::shared_ptr<const campaign::Campaign> campaign = open->campaign;
  store::LiveDirectory::Change freed = numbers_to_free(*campaign);
  const Result<void> changed = co_await change(std::move(freed));
  if (!changed) co_return fail(changed.error());
  store::Store::Change erase = [name](store::Connection& connection) {
    return store::erase_document(connection, kKind, name);
  };
  const Result<void> erased = co_await write(std::move(erase));
  if (!erased) co_return fail(erased.error());
  entries_.erase(name);
  co_return Result<void>();
}

asio::awaitable<Result<void>> Campaigns::write(store::Store::Change change) {
  auto answer = std::make_shared<net::OneShot<Result<void>>>(loop_.context());
  auto asked =
      store_.write(std::move(change), [answer](Result<void> result) { answer->set(std::move(result)); });
  if (!asked) co_return fail(asked.error());
  Result<void> result = co_await answer->wait();
  co_return result;
}

asio::awaitable<Result<void>> Campaigns::change(store::LiveDirectory::Change change) {
  if (change.put.empty() && change.erase.empty()) co_return Result<void>();
  auto answer = std::make_shared<net::OneShot<Result<void>>>(loop_.context());
  directory_.change(std::move(change), [answer](Result<void> result) { answer->set(std::move(result)); });
  Result<void> result = co_await answer->wait();
  co_return result;
}

bool Campaigns::has_called(const std::string& campaign, const std::string& caller) const {
  return callers_.contains({campaign, caller});
}

void Campaigns::remember(const std::string& campaign, const std::string& caller) {
  callers_.insert({campaign, caller});
}

void Campaigns::on_record(const campaign::CallRecord& record) {
  ++calls_;
  base::log(base::LogLevel::Info, "app", "call ended",
            {{"campaign", record.campaign},
             {"caller", record.caller},
             {"outcome", std::string(to_string(record.outcome))}});
  journal_->add({base::to_hex(record.call), record.started, record.campaign, record.caller,
                 text::to_text(campaign::to_json(record))});
}

}  // namespace sotto::app
