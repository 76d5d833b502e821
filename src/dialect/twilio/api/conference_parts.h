#pragma once

#include "dialect/twilio/api/request.h"

namespace sotto::twilio {

// Fetches a document and plays it to a room, or to one of its members. In the background: whether it can be
// had is told by the room's callbacks.
asio::awaitable<void> announce_later(ApiParts& parts, std::string account_hex, call::RoomId room,
                                     std::optional<call::LegId> only, std::string url, http::Method method);

}  // namespace sotto::twilio
