#pragma once

#include "dialect/voipnow/api/routes.h"
#include "dialect/voipnow/render.h"

namespace sotto::voipnow {

// What the path of a request names, resolved in the documented order: user, then extension.
struct Place {
  UserRef user;
  ExtensionRef extension;
};
Checked<Place> read_place(const Ask& ask);

// Addresses of calls as this request would name them.
Renderer renderer_for(const Ask& ask, const Place& place);
// Whether the call has, or is charged to, an extension of the place.
bool concerns(const Ask& ask, const Place& place, const PhoneCall& call);
// Those that do, oldest first.
std::vector<PhoneCall*> calls_at(const Ask& ask, const Place& place);

// The body as an object, whatever its type is said to be.
Checked<text::JsonObject> read_body(const Ask& ask);
// A member of it; null is absent.
const text::Json* field(const text::JsonObject& body, std::string_view key);

http::Response json_reply(int status, const text::Json& body);

}  // namespace sotto::voipnow
