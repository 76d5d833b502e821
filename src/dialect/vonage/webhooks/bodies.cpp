#include "dialect/vonage/webhooks/bodies.h"

#include <charconv>

#include "dialect/vonage/ids.h"
#include "dialect/vonage/status.h"
#include "text/ascii.h"
#include "text/time_format.h"

namespace sotto::vonage {
namespace {

using text::Json;
using text::JsonArray;
using text::JsonObject;

constexpr std::string_view kNoMoney = "0.00000000";  // no tariff: eight decimals all the same

JsonObject common(const call::Leg& leg, const CallState& state, std::string_view status, call::WallTime at) {
  JsonObject event;
  if (state.headers.object() != nullptr) {
    event.add("headers", state.headers);
  } else if (leg.direction == call::Direction::Inbound) {
    event.add("headers", JsonObject{});
  }
  event.add("from", state.from_text);
  event.add("to", state.to_text);
  event.add("uuid", leg_text(leg.id, leg.direction));
  event.add("conversation_uuid", state.conversation);
  event.add("status", status);
  event.add("direction", leg.direction == call::Direction::Inbound ? "inbound" : "outbound");
  event.add("timestamp", text::format_iso8601(at));
  return event;
}

std::string confidence_text(float confidence) {
  char digits[32];
  const auto written = std::to_chars(digits, digits + sizeof digits, confidence);
  return {digits, written.ptr};
}

Json speech_part(const std::optional<call::SpeechHeard>& heard) {
  JsonArray results;
  JsonObject part;
  if (heard) {
    for (const auto& guess : heard->guesses) {
      results.emplace_back(
          JsonObject{{"confidence", confidence_text(guess.confidence)}, {"text", guess.text}});
    }
    const bool failed = heard->reason.starts_with("error");
    if (failed) part.add("error", heard->reason);
    if (!failed && !heard->reason.empty()) {
      const bool silence = heard->reason == "end_on_silence";
      part.add("timeout_reason", silence ? "end_on_silence_timeout" : heard->reason);
    }
  }
  part.add("results", std::move(results));
  return part;
}

std::string_view endpoint_type(const call::Leg& leg) {
  const base::Address& other = leg.direction == call::Direction::Inbound ? leg.from : leg.to;
  switch (other.kind) {
    case base::Address::Kind::Sip: return "sip";
    case base::Address::Kind::WebSocket: return "websocket";
    case base::Address::Kind::User:
    case base::Address::Kind::Application: return "app";
    case base::Address::Kind::Phone: return "vbc";
    default: return "phone";
  }
}

// X- headers of the INVITE reach the app, the vendor's own excepted.
void add_sip_headers(const call::Leg& leg, text::Parameters& parameters) {
  if (leg.direction != call::Direction::Inbound) return;
  for (const auto& [name, value] : leg.headers) {
    const std::string lower = text::lower_case(name);
    const bool wanted = lower.starts_with("x-") && !lower.starts_with("x-nexmo");
    if (wanted || lower == "user-to-user") parameters.emplace_back("SipHeader_" + name, value);
  }
}

}  // namespace

Json started_event(const call::Leg& leg, const CallState& state, call::WallTime at) {
  return common(leg, state, "started", at);
}

Json ringing_event(const call::Leg& leg, const CallState& state, call::WallTime at) {
  return common(leg, state, "ringing", at);
}

Json answered_event(const call::Leg& leg, const CallState& state, call::WallTime at) {
  JsonObject event = common(leg, state, "answered", at);
  event.add("start_time", nullptr);
  event.add("rate", nullptr);
  event.add("network", nullptr);
  return event;
}

Json disconnected_event(const call::Leg& leg, const CallState& state, call::WallTime at) {
  return common(leg, state, "disconnected", at);
}

Json failure_event(const call::Leg& leg, const CallState& state, call::WallTime at) {
  const FinalStatus final = final_status(leg);
  JsonObject event = common(leg, state, final.status, at);
  if (!final.detail.empty()) event.add("detail", final.detail);
  if (leg.end && leg.end->sip_code != 0) event.add("sip_code", leg.end->sip_code);
  return event;
}

Json completed_event(const call::Leg& leg, const CallState& state, call::WallTime at) {
  JsonObject event = common(leg, state, "completed", at);
  const auto time = [](const std::optional<call::WallTime>& when) {
    return when ? Json(text::format_iso8601(*when)) : Json();
  };
  event.add("start_time", time(leg.answered_at));
  event.add("end_time", time(leg.ended_at));
  event.add("duration", duration_text(leg));
  event.add("rate", kNoMoney);
  event.add("price", kNoMoney);
  const std::string network = network_of(leg.direction == call::Direction::Inbound ? leg.from : leg.to);
  event.add("network", network.empty() ? Json() : Json(network));
  const bool user = leg.end && leg.end->by == call::EndedBy::FarEnd;
  event.add("disconnected_by", user ? "user" : "platform");
  const int code = leg.end ? leg.end->sip_code : 0;
  event.add("sip_code", code != 0 ? code : 200);
  return event;
}

Json machine_event(const call::Leg& leg, const CallState& state, const call::MachineVerdict& verdict,
                   call::WallTime at) {
  const bool machine = is_machine(verdict.kind);
  JsonObject event = common(leg, state, machine ? "machine" : "human", at);
  event.add("call_uuid", leg_text(leg.id, leg.direction));  // published so; the others have uuid
  if (verdict.kind == call::MachineVerdict::Kind::MachineEndBeep) event.add("sub_state", "beep_start");
  if (verdict.kind == call::MachineVerdict::Kind::MachineEndOther) event.add("sub_state", "beep_timeout");
  return event;
}

Json transfer_event(const call::Leg& leg, const std::string& from, const std::string& to, call::WallTime at) {
  return JsonObject{{"conversation_uuid_from", from},
                    {"conversation_uuid_to", to},
                    {"uuid", leg_text(leg.id, leg.direction)},
                    {"timestamp", text::format_iso8601(at)}};
}

Json error_event(const call::Leg& leg, const CallState& state, const std::string& reason, call::WallTime at) {
  return JsonObject{{"reason", reason},
                    {"uuid", leg_text(leg.id, leg.direction)},
                    {"conversation_uuid", state.conversation},
                    {"timestamp", text::format_iso8601(at)}};
}

Json notify_event(const CallState& state, const Json& payload, call::WallTime at) {
  return JsonObject{{"conversation_uuid", state.conversation},
                    {"payload", payload},
                    {"timestamp", text::format_iso8601(at)}};
}

Json input_event(const call::Leg& leg, const CallState& state, const flow::Gathered& gathered,
                 const InputForm& form, call::WallTime at) {
  JsonObject event;
  const bool digits =
      form.digits && !(gathered.digits.empty() && gathered.speech && !gathered.speech->guesses.empty());
  if (form.legacy) {
    event.add("dtmf", gathered.digits);
    event.add("timed_out", gathered.timed_out);
  } else {
    event.add("speech",
              form.speech ? speech_part(gathered.speech) : Json(JsonObject{{"results", JsonArray{}}}));
    event.add("dtmf", JsonObject{{"digits", digits ? Json(gathered.digits) : Json()},
                                 {"timed_out", form.digits && gathered.timed_out}});
  }
  event.add("from", state.from_text);
  event.add("to", state.to_text);
  event.add("uuid", leg_text(leg.id, leg.direction));
  event.add("conversation_uuid", state.conversation);
  event.add("timestamp", text::format_iso8601(at));
  return event;
}

Json record_event(const call::RecordingInfo& recording, const std::string& public_url, call::WallTime at) {
  const std::string conversation =
      recording.call.valid() ? conversation_text(recording.call) : conversation_text(recording.room);
  return JsonObject{
      {"start_time", text::format_iso8601(recording.started, text::Precision::Seconds)},
      {"recording_url", public_url + "/v1/files/" + file_text(recording.id)},
      {"size", static_cast<int64_t>(recording.bytes)},
      {"recording_uuid", recording_text(recording.id)},
      {"end_time", text::format_iso8601(recording.ended.value_or(at), text::Precision::Seconds)},
      {"conversation_uuid", conversation},
      {"timestamp", text::format_iso8601(at)}};
}

text::Parameters answer_parameters(const call::Leg& leg, const CallState& state,
                                   const std::string& public_url) {
  text::Parameters parameters{{"to", state.to_text}};
  const bool user = leg.direction == call::Direction::Inbound && leg.from.kind == base::Address::Kind::User;
  parameters.emplace_back(user ? "from_user" : "from", state.from_text);
  parameters.emplace_back("uuid", leg_text(leg.id, leg.direction));
  parameters.emplace_back("conversation_uuid", state.conversation);
  parameters.emplace_back("endpoint_type", endpoint_type(leg));
  parameters.emplace_back("region_url", public_url);
  add_sip_headers(leg, parameters);
  return parameters;
}

Json to_json(const text::Parameters& parameters) {
  JsonObject object;
  for (const auto& [name, value] : parameters) object.set(name, value);
  return object;
}

text::Parameters to_parameters(const Json& event) {
  text::Parameters parameters;
  if (event.object() == nullptr) return parameters;
  for (const text::JsonMember& member : event.object()->members()) {
    if (member.value.is_null()) continue;
    const std::string* words = member.value.text();
    parameters.emplace_back(member.key, words != nullptr ? *words : text::to_text(member.value));
  }
  return parameters;
}

}  // namespace sotto::vonage
