#pragma once

#include <optional>
#include <string_view>

#include "dialect/vonage/api/api.h"
#include "store/leg_store.h"

// Finding and showing legs, for the resources below /v1/calls.
namespace sotto::vonage {

// Those of the account, unless they are another application's.
bool sees(const Caller& caller, const call::Leg& leg);
CallState shown_state(const ApiContext& context, const call::Leg& leg, const std::string& extra);
text::Json call_object(const call::Leg& leg, const CallState& state);

// The live leg of the path's uuid. NotFound; Conflict if it has ended.
asio::awaitable<Result<call::LegId>> live_leg(ApiContext& context, Caller caller, std::string uuid);
// Its record, live or ended; NotFound also when it was kept long enough.
asio::awaitable<Result<store::LegRecord>> leg_record(ApiContext& context, Caller caller, std::string uuid);
// How long the caller's application shows what has ended.
base::WallTime shown_since(const ApiContext& context, const Caller& caller);

http::Response no_such_leg(const Error& error);  // 404, or 400 for one that is not in a state for it

}  // namespace sotto::vonage
