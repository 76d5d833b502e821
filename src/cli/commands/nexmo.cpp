// The command lines of tutorials, as they are printed there, with what they print: nexmo-cli's, and --save,
// which no version of it ever had but which a tutorial has.
#include <algorithm>
#include <fstream>
#include <iterator>

#include "cli/commands/all.h"
#include "cli/table.h"
#include "cli/vonage_account.h"

namespace sotto::cli {
namespace {

using text::Json;

struct Line {
  VonageAccount account;
  const Invocation& given;
  std::vector<std::string> words;

  std::string at(size_t index) const { return index < words.size() ? words[index] : std::string(); }
};

Result<void> app_create(Line& line) {
  const auto made = line.account.send(http::Method::Post, "/v2/applications",
                                      application_body(line.at(0), line.at(1), line.at(2)));
  if (!made) return fail(made.error());
  print("Application created: " + word((*made)["id"]) + "\n");
  const std::string file =
      line.given.has("--keyfile") ? line.given.text("--keyfile") : line.given.text("--save");
  const std::string key = word((*made)["keys"]["private_key"]);
  if (file.empty()) {
    print("No existing config found. Writing to new file.\n" + key);
    return {};
  }
  std::ofstream out(file, std::ios::trunc);
  out << key;
  out.close();
  if (!out) return fail(ErrorCode::Io, file + ": cannot be written");
  print("Private Key saved to: " + file + "\n");
  return {};
}

Result<void> app_list(Line& line) {
  const auto answer = line.account.get("/v2/applications", {{"page_size", "100"}});
  if (!answer) return fail(answer.error());
  const text::JsonArray* list = (*answer)["_embedded"]["applications"].array();
  for (size_t i = 0; list != nullptr && i < list->size(); ++i) {
    print(word((*list)[i]["id"]) + " | " + word((*list)[i]["name"]) + "\n");
  }
  return {};
}

Result<void> app_show(Line& line) {
  const auto answer = line.account.get("/v2/applications/" + segment(line.at(0)), {});
  if (!answer) return fail(answer.error());
  print_json(*answer);
  return {};
}

Result<void> app_update(Line& line) {
  const auto done = line.account.send(http::Method::Put, "/v2/applications/" + segment(line.at(0)),
                                      application_body(line.at(1), line.at(2), line.at(3)));
  if (!done) return fail(done.error());
  print("Application updated: " + line.at(0) + "\n");
  return {};
}

Result<void> app_delete(Line& line) {
  const auto done =
      line.account.send(http::Method::Delete, "/v2/applications/" + segment(line.at(0)), Json());
  if (!done) return fail(done.error());
  print("Application deleted: " + line.at(0) + "\n");
  return {};
}

// As nexmo-cli reads it: a star in front or behind says where the digits are looked for.
void add_pattern(text::Parameters& query, const std::string& pattern) {
  if (pattern.empty()) return;
  const char* where = pattern.front() == '*' ? "2" : pattern.back() == '*' ? "0" : "1";
  query.emplace_back("pattern", pattern);
  query.emplace_back("search_pattern", where);
}

Result<std::vector<std::string>> search(Line& line, const std::string& country, const std::string& pattern) {
  text::Parameters query{{"country", country}, {"features", "VOICE"}, {"size", "100"}, {"index", "1"}};
  add_pattern(query, pattern);
  const auto answer = line.account.get("/number/search", query);
  if (!answer) return fail(answer.error());
  std::vector<std::string> numbers;
  const text::JsonArray* list = (*answer)["numbers"].array();
  for (size_t i = 0; list != nullptr && i < list->size(); ++i) numbers.push_back(word((*list)[i]["msisdn"]));
  return numbers;
}

Result<void> number_search(Line& line) {
  const auto numbers = search(line, line.at(0), line.given.text("--pattern"));
  if (!numbers) return fail(numbers.error());
  for (const std::string& each : *numbers) print(each + "\n");
  return {};
}

Result<std::string> country_of(Line& line, const std::string& number) {
  if (line.given.has("--country_code")) return line.given.text("--country_code");
  const auto insight = line.account.get("/ni/basic/json", {{"number", number}});
  if (!insight) return fail(insight.error());
  if (word((*insight)["country_code"]).empty())
    return fail(ErrorCode::Invalid, word((*insight)["status_message"]));
  return word((*insight)["country_code"]);
}

Result<void> confirmed(const Line& line) {
  if (line.given.has("--confirm")) return {};
  return fail(ErrorCode::Conflict, "add --confirm: this is not asked here");
}

Result<void> number_buy(Line& line) {
  if (auto sure = confirmed(line); !sure) return sure;
  std::string number = line.at(0);
  const auto country = country_of(line, number);
  if (!country) return fail(country.error());
  if (line.given.has("--country_code")) {
    const auto numbers = search(line, *country, number);
    if (!numbers) return fail(numbers.error());
    if (numbers->empty()) return fail(ErrorCode::NotFound, "No numbers match your search");
    number = numbers->front();
  }
  const auto done = line.account.post("/number/buy", {{"country", *country}, {"msisdn", number}});
  if (!done) return fail(done.error());
  print("Number purchased: " + number + "\n");
  return {};
}

Result<void> number_cancel(Line& line) {
  if (auto sure = confirmed(line); !sure) return sure;
  const auto country = country_of(line, line.at(0));
  if (!country) return fail(country.error());
  const auto done = line.account.post("/number/cancel", {{"country", *country}, {"msisdn", line.at(0)}});
  if (!done) return fail(done.error());
  print("Number cancelled: " + line.at(0) + "\n");
  return {};
}

Result<void> number_list(Line& line) {
  const auto answer = line.account.get("/account/numbers", {{"size", "100"}, {"index", "1"}});
  if (!answer) return fail(answer.error());
  const text::JsonArray* list = (*answer)["numbers"].array();
  for (size_t i = 0; list != nullptr && i < list->size(); ++i) print(word((*list)[i]["msisdn"]) + "\n");
  return {};
}

Result<void> link(Line& line, const std::string& application) {
  const auto country = country_of(line, line.at(0));
  if (!country) return fail(country.error());
  const auto done = line.account.post("/number/update", {{"voiceCallbackType", "app"},
                                                         {"voiceCallbackValue", application},
                                                         {"country", *country},
                                                         {"msisdn", line.at(0)}});
  if (!done) return fail(done.error());
  print("Number updated\n");
  return {};
}

Result<void> link_app(Line& line) {
  return link(line, line.at(1));
}

Result<void> unlink_app(Line& line) {
  return link(line, {});
}

// nexmo-cli filters for itself; so does this.
Result<void> app_numbers(Line& line) {
  const auto answer = line.account.get("/account/numbers", {{"size", "100"}, {"index", "1"}});
  if (!answer) return fail(answer.error());
  const text::JsonArray* list = (*answer)["numbers"].array();
  for (size_t i = 0; list != nullptr && i < list->size(); ++i) {
    if (word((*list)[i]["voiceCallbackValue"]) == line.at(0)) print(word((*list)[i]["msisdn"]) + "\n");
  }
  return {};
}

// KEYFILE, and claims such as application_id=ID.
Result<void> jwt_generate(Line& line) {
  std::ifstream file(line.at(0));
  const std::string key{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (!file.is_open()) return fail(ErrorCode::NotFound, line.at(0) + ": cannot be read");
  text::JsonObject claims;
  for (size_t i = 1; i < line.words.size(); ++i) {
    const std::string& given = line.words[i];
    const size_t equals = given.find('=');
    if (equals == std::string::npos)
      return fail(ErrorCode::Invalid, given + ": expected a claim, such as application_id=ID");
    const auto value = text::parse_json(given.substr(equals + 1));
    const bool whole = value && value->integer() != nullptr;
    claims.set(given.substr(0, equals), whole ? *value : Json(given.substr(equals + 1)));
  }
  const auto token = VonageAccount::token(key, std::move(claims));
  if (!token) return fail(token.error());
  print(*token + "\n");
  return {};
}

Result<void> balance(Line& line) {
  const auto answer = line.account.get("/account/get-balance", {});
  if (!answer) return fail(answer.error());
  print(text::to_text((*answer)["value"]) + " EUR\n");
  return {};
}

Result<void> setup(Line& line) {
  if (auto saved = VonageAccount::save(line.at(0), line.at(1), false); !saved) return saved;
  print("Credentials written\n");
  return {};
}

struct Row {
  std::string_view name;
  size_t words_min;
  Result<void> (*run)(Line& line);
};
constexpr Row kRows[] = {{"app:create", 3, app_create},
                         {"app:list", 0, app_list},
                         {"app:show", 1, app_show},
                         {"app:update", 4, app_update},
                         {"app:delete", 1, app_delete},
                         {"app:numbers", 1, app_numbers},
                         {"number:search", 1, number_search},
                         {"number:buy", 0, number_buy},
                         {"number:cancel", 1, number_cancel},
                         {"number:list", 0, number_list},
                         {"link:app", 2, link_app},
                         {"unlink:app", 1, unlink_app},
                         {"balance", 0, balance},
                         {"jwt:generate", 2, jwt_generate},
                         {"setup", 2, setup}};

}  // namespace

Result<void> nexmo(Api& api, const Invocation& given) {
  Line line{VonageAccount(api), given, given.all("WORDS")};
  const std::string name = given.text("COMMAND");
  const auto* row =
      std::find_if(std::begin(kRows), std::end(kRows), [&](const Row& each) { return each.name == name; });
  if (row == std::end(kRows)) return fail(ErrorCode::NotFound, "nexmo: there is no command \"" + name + "\"");
  if (line.words.size() < row->words_min) {
    return fail(ErrorCode::Invalid, name + ": " + std::to_string(row->words_min) + " arguments are needed");
  }
  return row->run(line);
}

}  // namespace sotto::cli
