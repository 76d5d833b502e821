// Calls, live and past: what they were, everything that happened in them, and who heard whom.
#include <map>
#include <set>

#include "admin/call_lookup.h"
#include "admin/json.h"
#include "admin/resources.h"
#include "base/limits.h"
#include "campaign/campaign_json.h"
#include "dialect/host/await.h"
#include "store/campaign_call_store.h"
#include "store/event_store.h"
#include "store/hearing_store.h"
#include "store/outbox_store.h"

namespace sotto::admin {
namespace {

using text::Json;
using text::JsonArray;
using text::JsonObject;

constexpr int64_t kCallsMax = 1000;
constexpr size_t kOtherLegsMax = 200;  // that are named in a ledger

Result<store::LegQuery> query_of(const text::Parameters& query) {
  store::LegQuery out;
  const auto from = time_parameter(query, "from");
  if (!from) return fail(from.error());
  const auto until = time_parameter(query, "to");
  if (!until) return fail(until.error());
  const auto count = count_parameter(query, "limit", 50, kCallsMax);
  if (!count) return fail(count.error());
  out.created_from = *from;
  out.created_until = *until;
  out.count_max = static_cast<uint64_t>(*count);
  out.live_only = parameter(query, "live") == "true";
  out.from = parameter(query, "caller");
  out.to = parameter(query, "number");
  return out;
}

Json event_json(const store::EventRecord& event) {
  return JsonObject{{"at", time_json(event.wall)},
                    {"leg", event.leg.valid() ? base::to_hex(event.leg) : ""},
                    {"kind", event.kind},
                    {"data", text::parse_json(event.body).value_or(Json())}};
}

Json delivery_json(const store::Delivery& delivery) {
  return JsonObject{
      {"id", delivery.id},           {"at", time_json(delivery.created)}, {"method", delivery.method},
      {"url", delivery.url},         {"attempts", delivery.attempts},     {"dead", delivery.dead},
      {"error", delivery.last_error}};
}

// Everything that is stored of one call.
Result<Json> read_call(store::Connection& connection, const std::string& id) {
  const auto legs = find_call(connection, id);
  if (!legs) return fail(legs.error());
  const call::CallId call = legs->front().leg.call;
  JsonArray leg_list;
  for (const store::LegRecord& each : *legs) leg_list.push_back(leg_json(each.leg));
  const auto events = store::events_of_call(connection, call, 0, base::limits::kStorePageMax);
  if (!events) return fail(events.error());
  JsonArray event_list;
  std::string digits;
  for (const store::EventRecord& each : *events) {
    event_list.push_back(event_json(each));
    const Json& data = (*event_list.back().object()->find("data"));
    if (each.kind == "digit_received" && data["digit"].text() != nullptr) digits += *data["digit"].text();
  }
  const auto deliveries =
      store::deliveries_of_call(connection, base::to_hex(call), base::limits::kStorePageMax);
  if (!deliveries) return fail(deliveries.error());
  JsonArray webhooks;
  for (const store::Delivery& each : *deliveries) webhooks.push_back(delivery_json(each));
  const auto tracked = store::find_campaign_calls(connection, {{}, {}, base::to_hex(call)});
  if (!tracked) return fail(tracked.error());
  JsonObject out{{"call", base::to_hex(call)},
                 {"legs", leg_list},
                 {"events", event_list},
                 {"digits", digits},
                 {"webhooks", webhooks}};
  if (!tracked->empty()) out.set("campaign", text::parse_json(tracked->front().body).value_or(Json()));
  return Json(std::move(out));
}

// The names by which people know what a ledger speaks of.
class Names {
 public:
  Names(const std::vector<store::LegRecord>& legs, const std::vector<store::EventRecord>& events) {
    for (const store::LegRecord& each : legs) {
      const call::Leg& leg = each.leg;
      const base::Address& far = leg.direction == call::Direction::Inbound ? leg.from : leg.to;
      const std::string name = far.text.empty() ? std::string("anonymous") : far.text;
      const size_t alike = ++count_[name];
      legs_[leg.id] = alike == 1 ? name : name + " (" + std::to_string(alike) + ")";
    }
    for (const store::EventRecord& each : events) {
      if (each.kind != "prompt_started") continue;
      const Json data = text::parse_json(each.body).value_or(Json());
      const std::string* prompt = data["prompt"].text();
      const std::string* what = data["what"].text();
      if (prompt != nullptr && what != nullptr) prompts_[*prompt] = *what;
    }
  }

  std::string of(const hearing::Source& source) const {
    if (const auto* leg = std::get_if<hearing::LegId>(&source)) return of(*leg);
    const auto it = prompts_.find(base::to_hex(std::get<hearing::PromptId>(source)));
    return it == prompts_.end() ? "a sound" : it->second;
  }
  std::string of(const hearing::Listener& listener) const {
    if (const auto* leg = std::get_if<hearing::LegId>(&listener)) return of(*leg);
    const auto& channel = std::get<hearing::TapChannel>(listener);
    return "recording, track " + std::to_string(channel.channel + 1);
  }

 private:
  std::string of(const hearing::LegId& leg) const {
    const auto it = legs_.find(leg);
    return it == legs_.end() ? "another call" : it->second;
  }
  std::map<std::string, size_t> count_;
  std::map<hearing::LegId, std::string> legs_;
  std::map<std::string, std::string> prompts_;
};

std::string id_text(const hearing::Source& source) {
  if (const auto* leg = std::get_if<hearing::LegId>(&source)) return base::to_hex(*leg);
  return base::to_hex(std::get<hearing::PromptId>(source));
}

Json interval_json(const hearing::Interval& interval, const Names& names) {
  const auto* listener = std::get_if<hearing::LegId>(&interval.listener);
  return JsonObject{{"listener", names.of(interval.listener)},
                    {"listener_leg", listener == nullptr ? Json() : Json(base::to_hex(*listener))},
                    {"source", names.of(interval.source)},
                    {"source_is", std::holds_alternative<hearing::LegId>(interval.source) ? "leg" : "prompt"},
                    {"source_id", id_text(interval.source)},
                    {"from", time_json(interval.from)},
                    {"to", time_json(interval.to)},
                    {"gain", static_cast<double>(interval.gain)},
                    {"cause", interval.cause}};
}

// Legs of other calls that are heard in this one or hear it: supervisors, members of a conference.
void add_others(store::Connection& connection, const std::vector<hearing::Interval>& intervals,
                std::vector<store::LegRecord>& legs) {
  std::set<hearing::LegId> known;
  for (const store::LegRecord& each : legs) known.insert(each.leg.id);
  const auto add = [&](const hearing::LegId* leg) {
    if (leg == nullptr || legs.size() >= kOtherLegsMax || !known.insert(*leg).second) return;
    if (auto found = store::find_leg(connection, *leg)) legs.push_back(std::move(*found));
  };
  for (const hearing::Interval& each : intervals) {
    add(std::get_if<hearing::LegId>(&each.listener));
    add(std::get_if<hearing::LegId>(&each.source));
  }
}

Result<Json> read_hearing(store::Connection& connection, const std::string& id) {
  const auto legs = find_call(connection, id);
  if (!legs) return fail(legs.error());
  std::vector<call::LegId> ids;
  for (const store::LegRecord& each : *legs) ids.push_back(each.leg.id);
  const auto rows = store::find_hearing(connection, ids);
  if (!rows) return fail(rows.error());
  const auto events =
      store::events_of_call(connection, legs->front().leg.call, 0, base::limits::kStorePageMax);
  if (!events) return fail(events.error());
  const std::vector<hearing::Interval> intervals = hearing::intervals(*rows, ids);
  std::vector<store::LegRecord> named = *legs;
  add_others(connection, intervals, named);
  const Names names(named, *events);
  JsonArray lanes;
  for (const hearing::Interval& each : intervals) lanes.push_back(interval_json(each, names));
  return Json(JsonObject{{"call", base::to_hex(legs->front().leg.call)}, {"hearing", lanes}});
}

// Reads on the store's thread and sends what was read.
Answer reply_with(Context context, std::function<Result<Json>(store::Connection&)> query) {
  const Result<Json> read = co_await dialect::read<Json>(context.services, std::move(query));
  if (!read) co_return fail(read.error());
  co_return json_reply(*read);
}

}  // namespace

Result<std::vector<store::LegRecord>> find_call(store::Connection& connection, const std::string& id) {
  const auto as_leg = base::parse_id<call::LegId>(id);
  if (!as_leg) return fail(ErrorCode::Invalid, "id: \"" + id + "\" is no id of a call or a leg");
  call::CallId call{as_leg->high, as_leg->low};
  if (const auto leg = store::find_leg(connection, *as_leg)) call = leg->leg.call;
  store::LegQuery query;
  query.call = call;
  query.oldest_first = true;
  query.count_max = base::limits::kStorePageMax;
  auto legs = store::find_legs(connection, query);
  if (!legs) return fail(legs.error());
  if (legs->empty()) return fail(ErrorCode::NotFound, "no call or leg with id " + id);
  return legs;
}

Answer list_calls(Context context, http::Request request) {
  const auto parameters = request.query();
  if (!parameters) co_return fail(parameters.error());
  const auto query = query_of(*parameters);
  if (!query) co_return fail(query.error());
  std::function<Result<Json>(store::Connection&)> read =
      [query = *query](store::Connection& connection) -> Result<Json> {
    const auto legs = store::find_legs(connection, query);
    if (!legs) return fail(legs.error());
    JsonArray list;
    for (const store::LegRecord& each : *legs) list.push_back(leg_json(each.leg));
    return Json(JsonObject{{"legs", list}});
  };
  Result<http::Response> reply = co_await reply_with(std::move(context), std::move(read));
  co_return reply;
}

Answer show_call(Context context, http::Request request) {
  std::function<Result<Json>(store::Connection&)> read =
      [id = std::string(request.parameter("id"))](store::Connection& connection) {
        return read_call(connection, id);
      };
  Result<http::Response> reply = co_await reply_with(std::move(context), std::move(read));
  co_return reply;
}

Answer show_hearing(Context context, http::Request request) {
  std::function<Result<Json>(store::Connection&)> read =
      [id = std::string(request.parameter("id"))](store::Connection& connection) {
        return read_hearing(connection, id);
      };
  Result<http::Response> reply = co_await reply_with(std::move(context), std::move(read));
  co_return reply;
}

}  // namespace sotto::admin
