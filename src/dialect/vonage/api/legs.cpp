#include "dialect/vonage/api/legs.h"

#include "dialect/host/await.h"
#include "dialect/vonage/api/errors.h"
#include "dialect/vonage/ids.h"
#include "dialect/vonage/status.h"
#include "text/time_format.h"

namespace sotto::vonage {
namespace {

constexpr std::string_view kNoMoney = "0.00000000";

}  // namespace

bool sees(const Caller& caller, const call::Leg& leg) {
  if (leg.origin.account != base::to_hex(caller.account)) return false;
  const bool others = leg.origin.dialect == kDialect && !leg.origin.application.empty() &&
                      caller.application && leg.origin.application != base::to_hex(*caller.application);
  return !others;
}

CallState shown_state(const ApiContext& context, const call::Leg& leg, const std::string& extra) {
  const auto it = context.states.find(leg.id);
  return it == context.states.end() ? state_of_stored(leg, extra) : it->second;
}

text::Json call_object(const call::Leg& leg, const CallState& state) {
  const std::string uuid = leg_text(leg.id, leg.direction);
  const bool over = !leg.live();
  const auto time = [over](const std::optional<call::WallTime>& when) {
    return over && when ? text::Json(text::format_iso8601(*when)) : text::Json();
  };
  const auto once_over = [over](std::string value) {
    return over && !value.empty() ? text::Json(std::move(value)) : text::Json();
  };
  const auto started = leg.answered_at ? leg.answered_at : std::optional(leg.created);
  text::JsonObject object{
      {"uuid", uuid},
      {"status", current_status(leg)},
      {"direction", leg.direction == call::Direction::Inbound ? "inbound" : "outbound"},
      {"rate", once_over(std::string(kNoMoney))},
      {"price", once_over(std::string(kNoMoney))},
      {"duration", once_over(duration_text(leg))},
      {"network", once_over(network_of(leg.direction == call::Direction::Inbound ? leg.from : leg.to))},
      {"conversation_uuid", state.conversation},
      {"start_time", time(started)},
      {"end_time", time(leg.ended_at)},
      {"to", state.to},
      {"from", state.from}};
  object.add("_links", text::JsonObject{{"self", text::JsonObject{{"href", "/v1/calls/" + uuid}}}});
  return object;
}

base::WallTime shown_since(const ApiContext& context, const Caller& caller) {
  const base::WallTime now = context.services.loop.clock().wall();
  const directory::Application* application =
      caller.application ? context.services.directory.now()->application(*caller.application) : nullptr;
  return now - (application == nullptr ? std::chrono::days(2) : settings_of(*application).persistence());
}

asio::awaitable<Result<store::LegRecord>> leg_record(ApiContext& context, Caller caller, std::string uuid) {
  const auto id = base::parse_id<call::LegId>(uuid);
  if (!id) co_return fail(ErrorCode::NotFound, "uuid: no such call");
  if (const call::Leg* live = context.services.switchboard.leg(*id); live != nullptr && live->live()) {
    if (!sees(caller, *live)) co_return fail(ErrorCode::NotFound, "uuid: no such call");
    co_return store::LegRecord{*live, "{}"};
  }
  // What ended a moment ago is written by now.
  store::Store::Change nothing = [](store::Connection&) -> Result<void> { return {}; };
  (void)co_await dialect::write(context.services, std::move(nothing));
  std::function<Result<store::LegRecord>(store::Connection&)> query =
      [leg = *id](store::Connection& connection) { return store::find_leg(connection, leg); };
  Result<store::LegRecord> record = co_await dialect::read(context.services, std::move(query));
  const bool shown = record && sees(caller, record->leg) &&
                     record->leg.ended_at.value_or(record->leg.created) >= shown_since(context, caller);
  if (!shown) co_return fail(ErrorCode::NotFound, "uuid: no such call");
  co_return record;
}

asio::awaitable<Result<call::LegId>> live_leg(ApiContext& context, Caller caller, std::string uuid) {
  Result<store::LegRecord> record = co_await leg_record(context, caller, std::move(uuid));
  if (!record) co_return fail(record.error());
  const call::Leg* leg = context.services.switchboard.leg(record->leg.id);
  if (leg == nullptr || !leg->live()) co_return fail(ErrorCode::Conflict, "uuid: the call has ended");
  co_return leg->id;
}

http::Response no_such_leg(const Error& error) {
  return voice_error(error.code == ErrorCode::NotFound ? 404 : 400, error.detail);
}

}  // namespace sotto::vonage
