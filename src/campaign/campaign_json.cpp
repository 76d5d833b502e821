#include "campaign/campaign_json.h"

#include "text/json_text.h"

namespace sotto::campaign {
namespace {

using std::chrono::milliseconds;
using text::Json;
using text::JsonArray;
using text::JsonObject;
using text::text_at;

Json list(const std::vector<std::string>& texts) {
  JsonArray all;
  for (const std::string& each : texts) all.emplace_back(each);
  return all;
}

// Adds what is not the default.
template <typename T>
void add(JsonObject& out, const char* key, const T& value, const T& usual) {
  if (value != usual) out.set(key, value);
}

void add_hours(JsonObject& out, const OpeningHours& hours) {
  if (std::string week = to_text(hours.week); !week.empty()) out.set("hours", week);
  out.set("time_zone", hours.time_zone);
  std::vector<std::string> holidays;
  for (const auto& date : hours.holidays) holidays.push_back(to_text(date));
  if (!holidays.empty()) out.set("holidays", list(holidays));
}

int64_t integer_at(const Json& json, std::string_view key) {
  const int64_t* integer = json[key].integer();
  return integer == nullptr ? 0 : *integer;
}
std::optional<milliseconds> time_at(const Json& json, std::string_view key) {
  const int64_t* integer = json[key].integer();
  return integer == nullptr ? std::nullopt : std::optional(milliseconds(*integer));
}
std::optional<int64_t> count_of(const std::optional<milliseconds>& time) {
  return time ? std::optional(int64_t{time->count()}) : std::nullopt;
}

// The enumerator whose name it is; the first one for a name of a later version.
template <typename Enum>
Enum named(const std::string& name, size_t count) {
  for (size_t i = 0; i < count; ++i) {
    if (to_string(static_cast<Enum>(i)) == name) return static_cast<Enum>(i);
  }
  return Enum{};
}

}  // namespace

std::string agent_text(const base::Address& agent) {
  return agent.kind == base::Address::Kind::Number ? "+" + agent.text : agent.text;
}

Json to_json(const Campaign& campaign) {
  const Campaign usual;
  JsonObject out{{"name", campaign.name}, {"numbers", list(campaign.numbers)}};
  add(out, "topic", campaign.topic, usual.topic);
  add(out, "greeting", campaign.greeting, usual.greeting);
  out.set("whisper", campaign.whisper);
  add(out, "whisper_times", campaign.whisper_times, usual.whisper_times);
  add(out, "withheld_caller", campaign.withheld_caller, usual.withheld_caller);
  add(out, "language", campaign.language, usual.language);
  add(out, "voice", campaign.voice, usual.voice);
  std::vector<std::string> agents;
  for (const base::Address& agent : campaign.agents) agents.push_back(agent_text(agent));
  out.set("agents", list(agents));
  if (campaign.order == AgentOrder::InTurn) out.set("agent_order", "in_turn");
  out.set("accept_key", campaign.accept_key);
  add(out, "ring_timeout_s", int64_t{campaign.ring_timeout.count()}, int64_t{usual.ring_timeout.count()});
  add(out, "accept_timeout_s", int64_t{campaign.accept_timeout.count()},
      int64_t{usual.accept_timeout.count()});
  if (campaign.caller_id == CallerId::Number) out.set("caller_id", "number");
  add(out, "caller_gone_notice", campaign.caller_gone_notice, usual.caller_gone_notice);
  add(out, "hold_music", campaign.hold_music, usual.hold_music);
  if (campaign.recording == Recording::On) out.set("recording", true);
  if (campaign.hours) add_hours(out, *campaign.hours);
  add(out, "closed_message", campaign.closed_message, usual.closed_message);
  add(out, "missed_message", campaign.missed_message, usual.missed_message);
  return out;
}

Json to_json(const CallRecord& record) {
  return JsonObject{{"call", base::to_hex(record.call)},
                    {"campaign", record.campaign},
                    {"number", record.number},
                    {"caller", record.caller},
                    {"first_time", record.first_time},
                    {"started_us", int64_t{record.started.time_since_epoch().count()}},
                    {"length_ms", int64_t{record.length.count()}},
                    {"time_to_answer_ms", count_of(record.time_to_answer)},
                    {"time_to_accept_ms", count_of(record.time_to_accept)},
                    {"talk_ms", int64_t{record.talk.count()}},
                    {"outcome", to_string(record.outcome)},
                    {"hung_up_by", to_string(record.hung_up_by)},
                    {"agent", record.agent}};
}

CallRecord record_from_json(const Json& json) {
  CallRecord record;
  record.call = base::parse_id<call::CallId>(text_at(json, "call")).value_or(call::CallId{});
  record.campaign = text_at(json, "campaign");
  record.number = text_at(json, "number");
  record.caller = text_at(json, "caller");
  record.first_time = json["first_time"].boolean() != nullptr && *json["first_time"].boolean();
  record.started = base::WallTime(std::chrono::microseconds(integer_at(json, "started_us")));
  record.length = milliseconds(integer_at(json, "length_ms"));
  record.time_to_answer = time_at(json, "time_to_answer_ms");
  record.time_to_accept = time_at(json, "time_to_accept_ms");
  record.talk = milliseconds(integer_at(json, "talk_ms"));
  record.outcome = named<CallOutcome>(text_at(json, "outcome"), kCallOutcomes);
  record.hung_up_by = named<HungUpBy>(text_at(json, "hung_up_by"), 3);
  record.agent = text_at(json, "agent");
  return record;
}

}  // namespace sotto::campaign
