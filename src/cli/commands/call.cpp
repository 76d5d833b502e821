#include <algorithm>

#include <fmt/format.h>

#include "cli/commands/all.h"
#include "cli/table.h"
#include "text/time_format.h"
#include "text/timeline.h"

namespace sotto::cli {
namespace {

using base::WallTime;
using text::Json;

constexpr size_t kWidth = 60;

std::optional<WallTime> time_of(const Json& json) {
  const auto time = json.text() == nullptr ? Result<WallTime>(fail(ErrorCode::NotFound, ""))
                                           : text::parse_iso8601(*json.text());
  return time ? std::optional(*time) : std::nullopt;
}

std::string clock(const Json& json) {
  const auto time = time_of(json);
  return time ? text::format_iso8601(*time, text::Precision::Seconds) : std::string();
}

std::string seconds_between(const Json& from, const Json& to) {
  const auto begin = time_of(from);
  const auto end = time_of(to);
  if (!begin || !end) return {};
  return fmt::format("{:.1f}", static_cast<double>((*end - *begin).count()) / 1e6);
}

std::string state(const Json& leg) {
  if (word(leg["state"]) != "ended") return word(leg["state"]);
  const std::string by = word(leg["end"]["by"]);
  return word(leg["end"]["cause"]) + (by.empty() ? "" : ", " + by);
}

TextTable leg_table(const Json& legs) {
  TextTable out({"BEGUN", "WAY", "FROM", "TO", "TALK S", "STATE", "LEG", "CALL"});
  if (legs.array() == nullptr) return out;
  for (const Json& leg : *legs.array()) {
    out.add({clock(leg["created_at"]), word(leg["direction"]) == "inbound" ? "in" : "out", word(leg["from"]),
             word(leg["to"]), seconds_between(leg["answered_at"], leg["ended_at"]), state(leg),
             word(leg["leg"]), word(leg["call"])});
  }
  return out;
}

struct Moment {
  WallTime at;
  std::string who;
  std::string what;
};

std::string who(const Json& call, const std::string& leg_id) {
  if (call["legs"].array() != nullptr) {
    for (const Json& leg : *call["legs"].array()) {
      if (word(leg["leg"]) != leg_id) continue;
      const std::string far = word(leg[word(leg["direction"]) == "inbound" ? "from" : "to"]);
      return far.empty() ? "anonymous" : far;
    }
  }
  return leg_id.substr(leg_id.size() - std::min<size_t>(leg_id.size(), 8));  // the beginnings are alike
}

// What an event says besides its kind: "digit=1 length_ms=100".
std::string details(const Json& data) {
  std::string out;
  if (data.object() == nullptr) return out;
  for (const text::JsonMember& each : data.object()->members()) {
    const std::string value = each.value.object() != nullptr ? details(each.value) : word(each.value);
    const bool id = value.size() == 32 && each.key != "what";  // nobody reads these
    if (!value.empty() && !id) out += fmt::format("{}{}={}", out.empty() ? "" : " ", each.key, value);
  }
  return out;
}

std::vector<Moment> moments(const Json& call) {
  std::vector<Moment> all;
  if (call["events"].array() != nullptr) {
    for (const Json& event : *call["events"].array()) {
      const auto at = time_of(event["at"]);
      if (at)
        all.push_back(
            {*at, who(call, word(event["leg"])), word(event["kind"]) + " " + details(event["data"])});
    }
  }
  if (call["webhooks"].array() != nullptr) {
    for (const Json& sent : *call["webhooks"].array()) {
      const auto at = time_of(sent["at"]);
      if (at)
        all.push_back({*at, "webhook",
                       fmt::format("{} {}: {} attempts {}", word(sent["method"]), word(sent["url"]),
                                   word(sent["attempts"]), word(sent["error"]))});
    }
  }
  std::stable_sort(all.begin(), all.end(), [](const Moment& a, const Moment& b) { return a.at < b.at; });
  return all;
}

}  // namespace

Result<void> list_calls(Api& api, const Invocation& given) {
  const auto answer = api.get("/calls" + query({{"live", given.has("--live") ? "true" : ""},
                                                {"number", given.text("--number")},
                                                {"caller", given.text("--caller")},
                                                {"from", given.text("--from")},
                                                {"to", given.text("--to")},
                                                {"limit", given.text("--limit")}}));
  if (!answer) return fail(answer.error());
  if (given.json()) return print_json(*answer), Result<void>();
  const TextTable legs = leg_table((*answer)["legs"]);
  print(legs.empty() ? "no calls\n" : legs.text());
  return {};
}

Result<void> show_call(Api& api, const Invocation& given) {
  const auto call = api.get("/calls/" + segment(given.text("ID")));
  if (!call) return fail(call.error());
  if (given.json()) return print_json(*call), Result<void>();
  print(leg_table((*call)["legs"]).text());
  if (!word((*call)["digits"]).empty()) print("\ndigits: " + word((*call)["digits"]) + "\n");
  if (const Json& tracked = (*call)["campaign"]; tracked.object() != nullptr) {
    print(fmt::format("\ncampaign {}: {}, agent {}, hung up by the {}\n", word(tracked["campaign"]),
                      word(tracked["outcome"]), word(tracked["agent"]), word(tracked["hung_up_by"])));
  }
  TextTable lines({"SECONDS", "WHO", "WHAT"});
  const std::vector<Moment> all = moments(*call);
  for (const Moment& each : all) {
    const double since = static_cast<double>((each.at - all.front().at).count()) / 1e6;
    lines.add({fmt::format("{:.3f}", since), each.who, each.what});
  }
  print("\n" + lines.text());
  return {};
}

Result<void> show_hearing(Api& api, const Invocation& given) {
  const auto answer = api.get("/calls/" + segment(given.text("ID")) + "/hearing");
  if (!answer) return fail(answer.error());
  if (given.json()) return print_json(*answer), Result<void>();
  std::vector<text::NamedSpan> spans;
  WallTime last{};
  if ((*answer)["hearing"].array() != nullptr) {
    for (const Json& each : *(*answer)["hearing"].array()) {
      const auto from = time_of(each["from"]);
      if (!from) continue;
      const WallTime to = time_of(each["to"]).value_or(WallTime::max());  // it lasts
      spans.push_back({word(each["listener"]) + " hears " + word(each["source"]), *from, to});
      last = std::max({last, *from, to == WallTime::max() ? *from : to});
    }
  }
  if (spans.empty()) return print("nobody heard anybody\n"), Result<void>();
  for (text::NamedSpan& span : spans) span.to = std::min(span.to, std::max(last, span.from));
  print(text::draw_timeline(spans, kWidth));
  return {};
}

Result<void> hang_up_call(Api& api, const Invocation& given) {
  const auto answer = api.remove("/calls/" + segment(given.text("ID")));
  if (!answer) return fail(answer.error());
  if (given.json()) return print_json(*answer), Result<void>();
  const auto* legs = (*answer)["hung_up"].array();
  print(fmt::format("hung up {} legs\n", legs == nullptr ? 0 : legs->size()));
  return {};
}

Result<void> supervise_call(Api& api, const Invocation& given) {
  const Json body = text::JsonObject{{"mode", given.text("MODE")}, {"supervisor", given.text("PHONE")}};
  const auto answer = api.post("/calls/" + segment(given.text("ID")) + "/supervise", body);
  if (!answer) return fail(answer.error());
  if (given.json()) return print_json(*answer), Result<void>();
  const bool there = (*answer)["rings"] == Json(false);
  print(fmt::format("{} {}; leg {}\n", given.text("PHONE"), there ? "changes over" : "rings",
                    word((*answer)["leg"])));
  return {};
}

}  // namespace sotto::cli
