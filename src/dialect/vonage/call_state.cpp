#include "dialect/vonage/call_state.h"

#include "dialect/vonage/ids.h"
#include "dialect/vonage/ncco/endpoint.h"
#include "text/json_field.h"

namespace sotto::vonage {

std::string to_stored(const CallState& state) {
  return text::to_text(text::Json(text::JsonObject{{"conversation", state.conversation},
                                                   {"to", state.to},
                                                   {"from", state.from},
                                                   {"to_text", state.to_text},
                                                   {"from_text", state.from_text},
                                                   {"event_url", state.events.url},
                                                   {"event_method", to_string(state.events.method)}}));
}

CallState state_of_stored(const call::Leg& leg, const std::string& extra) {
  CallState state;
  state.account = base::parse_id<directory::AccountId>(leg.origin.account).value_or(directory::AccountId{});
  state.application =
      base::parse_id<directory::ApplicationId>(leg.origin.application).value_or(directory::ApplicationId{});
  const text::Json json = text::parse_json(extra).value_or(text::Json(text::JsonObject{}));
  const text::JsonField field(json);
  state.conversation = field["conversation"].text().value_or(conversation_text(leg.call));
  state.to = field["to"].value().object() != nullptr ? field["to"].value() : shown_address(leg.to);
  state.from = field["from"].value().object() != nullptr ? field["from"].value() : shown_address(leg.from);
  state.to_text = field["to_text"].text().value_or(plain_address(leg.to));
  state.from_text = field["from_text"].text().value_or(plain_address(leg.from));
  state.events.url = field["event_url"].text().value_or(std::string());
  const bool get = field["event_method"].text().value_or(std::string()) == "GET";
  state.events.method = get ? http::Method::Get : http::Method::Post;
  return state;
}

}  // namespace sotto::vonage
