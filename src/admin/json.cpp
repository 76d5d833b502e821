#include "admin/json.h"

#include "text/integer.h"
#include "text/time_format.h"

namespace sotto::admin {
namespace {

using text::Json;
using text::JsonObject;

std::string_view name_of(call::LegState state) {
  switch (state) {
    case call::LegState::Offered: return "offered";
    case call::LegState::Dialing: return "dialing";
    case call::LegState::Ringing: return "ringing";
    case call::LegState::Answered: return "answered";
    case call::LegState::Ended: return "ended";
  }
  return "";
}

std::string_view name_of(call::Medium medium) {
  switch (medium) {
    case call::Medium::Sip: return "sip";
    case call::Medium::WebSocket: return "websocket";
    case call::Medium::Loop: return "loop";
  }
  return "";
}

Json end_json(const std::optional<call::EndReason>& end) {
  if (!end) return {};
  return JsonObject{{"cause", call::to_string(end->cause)},
                    {"by", call::to_string(end->by)},
                    {"sip_code", end->sip_code},
                    {"detail", end->detail}};
}

}  // namespace

Json time_json(const std::optional<base::WallTime>& time) {
  if (!time) return {};
  return text::format_iso8601(*time, text::Precision::Microseconds);
}

Json leg_json(const call::Leg& leg) {
  return JsonObject{{"leg", base::to_hex(leg.id)},
                    {"call", base::to_hex(leg.call)},
                    {"direction", leg.direction == call::Direction::Inbound ? "inbound" : "outbound"},
                    {"medium", name_of(leg.medium)},
                    {"state", name_of(leg.state)},
                    {"from", leg.from.text},
                    {"from_name", leg.from.display_name},
                    {"to", leg.to.text},
                    {"dialect", leg.origin.dialect},
                    {"account", leg.origin.account},
                    {"application", leg.origin.application},
                    {"extension", leg.origin.extension},
                    {"sip_call_id", leg.sip_call_id},
                    {"created_at", time_json(leg.created)},
                    {"ringing_at", time_json(leg.ringing_at)},
                    {"answered_at", time_json(leg.answered_at)},
                    {"ended_at", time_json(leg.ended_at)},
                    {"end", end_json(leg.end)}};
}

std::string parameter(const text::Parameters& query, std::string_view name) {
  const std::string* found = text::find_parameter(query, name);
  return found == nullptr ? std::string() : *found;
}

Result<std::optional<base::WallTime>> time_parameter(const text::Parameters& query, std::string_view name) {
  const std::string given = parameter(query, name);
  if (given.empty()) return std::optional<base::WallTime>();
  const auto time = text::parse_iso8601(given);
  if (!time) {
    return fail(ErrorCode::Invalid,
                std::string(name) + ": found \"" + given +
                    "\"; allowed is a date or a time, such as 2026-03-29 or 2026-03-29T14:00Z");
  }
  return std::optional(*time);
}

Result<int64_t> count_parameter(const text::Parameters& query, std::string_view name, int64_t usual,
                                int64_t max) {
  const std::string given = parameter(query, name);
  if (given.empty()) return usual;
  const auto value = text::whole_number(given);
  if (value && *value >= 1 && *value <= max) return *value;
  return fail(ErrorCode::Invalid, std::string(name) + ": found \"" + given +
                                      "\"; allowed is a number from 1 to " + std::to_string(max));
}

Result<Json> body_of(const http::Request& request) {
  if (request.body.empty()) return Json(JsonObject{});
  auto json = text::parse_json(request.body);
  if (!json) return fail(json.error());
  if (json->object() == nullptr) return fail(ErrorCode::Invalid, "body: allowed is a JSON object");
  return json;
}

}  // namespace sotto::admin
