#include <fmt/format.h>

#include "cli/commands/all.h"
#include "cli/table.h"
#include "text/ascii.h"
#include "text/integer.h"

namespace sotto::cli {
namespace {

using text::Json;
using text::JsonArray;
using text::JsonObject;

Json list(const std::vector<std::string>& words) {
  JsonArray all;
  for (const std::string& each : words) all.emplace_back(each);
  return all;
}

// "ring_timeout_s=20" as a member: numbers and truth values as such, lists with commas where the API has
// lists.
Result<void> set(JsonObject& campaign, const std::string& setting) {
  const size_t equals = setting.find('=');
  if (equals == std::string::npos) {
    return fail(ErrorCode::Invalid,
                "--set: found \"" + setting + "\"; allowed is name=value, such as voice=male");
  }
  const std::string name = setting.substr(0, equals);
  const std::string value = setting.substr(equals + 1);
  const bool number = name.ends_with("_s") || name == "whisper_times";
  if (const auto count = text::whole_number(value); number && count) {
    campaign.set(name, *count);
  } else if (value == "true" || value == "false") {
    campaign.set(name, value == "true");
  } else if (name == "holidays") {
    std::vector<std::string> dates;
    for (const std::string_view each : text::split(value, ',')) dates.emplace_back(text::trim(each));
    campaign.set(name, list(dates));
  } else {
    campaign.set(name, value);
  }
  return {};
}

}  // namespace

Result<void> add_campaign(Api& api, const Invocation& given) {
  JsonObject campaign{{"name", given.text("NAME")},
                      {"numbers", list(given.all("--number"))},
                      {"agents", list(given.all("--agent"))}};
  static constexpr std::pair<const char*, const char*> kTexts[] = {
      {"--topic", "topic"},          {"--whisper", "whisper"},     {"--greeting", "greeting"},
      {"--language", "language"},    {"--voice", "voice"},         {"--accept-key", "accept_key"},
      {"--hours", "hours"},          {"--time-zone", "time_zone"}, {"--hold-music", "hold_music"},
      {"--closed", "closed_message"}};
  for (const auto& [option, name] : kTexts) {
    if (given.has(option)) campaign.set(name, given.text(option));
  }
  if (given.has("--in-turn")) campaign.set("agent_order", "in_turn");
  for (const std::string& each : given.all("--set")) {
    if (auto good = set(campaign, each); !good) return good;
  }
  const auto added = api.post("/campaigns", Json(std::move(campaign)));
  if (!added) return fail(added.error());
  if (given.json()) return print_json(*added), Result<void>();
  print(fmt::format("campaign {} takes calls to {}\n", given.text("NAME"), word((*added)["numbers"])));
  return {};
}

Result<void> list_campaigns(Api& api, const Invocation& given) {
  const auto answer = api.get("/campaigns");
  if (!answer) return fail(answer.error());
  if (given.json()) return print_json(*answer), Result<void>();
  print(table((*answer)["campaigns"], {{"NAME", "name"},
                                       {"NUMBERS", "numbers"},
                                       {"TOPIC", "topic"},
                                       {"AGENTS", "agents"},
                                       {"KEY", "accept_key"},
                                       {"HOURS", "hours"},
                                       {"IN FILE", "configured"}}));
  return {};
}

Result<void> show_campaign(Api& api, const Invocation& given) {
  const auto answer = api.get("/campaigns/" + segment(given.text("NAME")));
  if (!answer) return fail(answer.error());
  if (given.json() || answer->object() == nullptr) return print_json(*answer), Result<void>();
  TextTable out({"SETTING", "VALUE"});
  for (const text::JsonMember& each : answer->object()->members()) out.add({each.key, word(each.value)});
  print(out.text());
  return {};
}

Result<void> remove_campaign(Api& api, const Invocation& given) {
  const auto removed = api.remove("/campaigns/" + segment(given.text("NAME")));
  if (!removed) return fail(removed.error());
  if (!given.json()) print(fmt::format("campaign {} is gone; calls that are up go on\n", given.text("NAME")));
  return {};
}

}  // namespace sotto::cli
