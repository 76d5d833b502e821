// Applications and their numbers, over the server's Vonage interface.
#include <fstream>

#include "cli/commands/all.h"
#include "cli/table.h"
#include "cli/vonage_account.h"

namespace sotto::cli {
namespace {

using text::Json;
using text::JsonObject;

Result<void> keep_key(const Json& application, const std::string& path) {
  std::ofstream file(path, std::ios::trunc);
  file << word(application["keys"]["private_key"]);
  file.close();
  if (!file) return fail(ErrorCode::Io, path + ": cannot be written");
  return {};
}

// The country of a number of ours or of one for sale, as the number requests want it.
Result<std::string> country_of(VonageAccount& account, const std::string& number) {
  const auto insight = account.get("/ni/basic/json", {{"number", number}});
  if (!insight) return fail(insight.error());
  const std::string country = word((*insight)["country_code"]);
  if (country.empty()) return fail(ErrorCode::Invalid, "\"" + number + "\" is not a number");
  return country;
}

Result<void> change_number(Api& api, const Invocation& given, const std::string& what,
                           text::Parameters more) {
  VonageAccount account(api);
  const std::string number = given.text("NUMBER");
  const auto country = country_of(account, number);
  if (!country) return fail(country.error());
  text::Parameters query{{"country", *country}, {"msisdn", number}};
  query.insert(query.end(), more.begin(), more.end());
  const auto done = account.post("/number/" + what, query);
  if (!done) return fail(done.error());
  if (given.json()) print_json(*done);
  return {};
}

}  // namespace

Json application_body(const std::string& name, const std::string& answer_url, const std::string& event_url) {
  JsonObject webhooks;
  webhooks.set("answer_url", JsonObject{{"address", answer_url}, {"http_method", "GET"}});
  webhooks.set("event_url", JsonObject{{"address", event_url}, {"http_method", "POST"}});
  JsonObject voice{{"webhooks", std::move(webhooks)}};
  return JsonObject{{"name", name}, {"capabilities", JsonObject{{"voice", std::move(voice)}}}};
}

Result<void> create_app(Api& api, const Invocation& given) {
  VonageAccount account(api);
  const Json body = application_body(given.text("NAME"), given.text("ANSWER_URL"), given.text("EVENT_URL"));
  const auto made = account.send(http::Method::Post, "/v2/applications", body);
  if (!made) return fail(made.error());
  if (given.has("--keyfile")) {
    if (auto kept = keep_key(*made, given.text("--keyfile")); !kept) return kept;
  }
  if (given.json()) return print_json(*made), Result<void>();
  print(word((*made)["id"]) + "\n");
  if (!given.has("--keyfile")) print(word((*made)["keys"]["private_key"]));
  return {};
}

Result<void> list_apps(Api& api, const Invocation& given) {
  VonageAccount account(api);
  const auto answer = account.get("/v2/applications", {{"page_size", "100"}});
  if (!answer) return fail(answer.error());
  const Json& applications = (*answer)["_embedded"]["applications"];
  if (given.json()) return print_json(applications), Result<void>();
  print(table(applications, {{"ID", "id"}, {"NAME", "name"}}));
  return {};
}

Result<void> show_app(Api& api, const Invocation& given) {
  VonageAccount account(api);
  const auto answer = account.get("/v2/applications/" + segment(given.text("ID")), {});
  if (!answer) return fail(answer.error());
  print_json(*answer);
  return {};
}

Result<void> delete_app(Api& api, const Invocation& given) {
  VonageAccount account(api);
  const auto done =
      account.send(http::Method::Delete, "/v2/applications/" + segment(given.text("ID")), Json());
  if (!done) return fail(done.error());
  return {};
}

Result<void> search_numbers(Api& api, const Invocation& given) {
  VonageAccount account(api);
  text::Parameters query{{"country", given.text("COUNTRY")}, {"size", "100"}};
  if (given.has("--contains")) {
    query.emplace_back("pattern", given.text("--contains"));
    query.emplace_back("search_pattern", "1");
  }
  const auto answer = account.get("/number/search", query);
  if (!answer) return fail(answer.error());
  if (given.json()) return print_json((*answer)["numbers"]), Result<void>();
  print(table((*answer)["numbers"], {{"NUMBER", "msisdn"}, {"COUNTRY", "country"}, {"TYPE", "type"}}));
  return {};
}

Result<void> buy_number(Api& api, const Invocation& given) {
  return change_number(api, given, "buy", {});
}

Result<void> cancel_number(Api& api, const Invocation& given) {
  return change_number(api, given, "cancel", {});
}

Result<void> link_number(Api& api, const Invocation& given) {
  return change_number(api, given, "update", {{"app_id", given.text("APP")}});
}

Result<void> unlink_number(Api& api, const Invocation& given) {
  return change_number(api, given, "update", {{"app_id", ""}});
}

}  // namespace sotto::cli
