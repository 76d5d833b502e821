#include "dialect/voipnow/api/path.h"

#include <algorithm>

namespace sotto::voipnow {

Checked<Place> read_place(const Ask& ask) {
  auto user = ask.scope.user(ask.request.parameter("user"));
  if (!user) return tl::unexpected(user.error());
  auto extension = ask.scope.extension(ask.request.parameter("extension"), *user);
  if (!extension) return tl::unexpected(extension.error());
  return Place{std::move(*user), *extension};
}

Renderer renderer_for(const Ask& ask, const Place& place) {
  const std::string extension = place.extension.is_self() ? "@self" : place.extension.phone->extension;
  return Renderer(ask.parts.services.switchboard, ask.scope.directory(), ask.parts.book,
                  ask.base() + "/uapi/phoneCalls/" + place.user.text + "/" + extension + "/");
}

bool concerns(const Ask& ask, const Place& place, const PhoneCall& call) {
  const auto matches = [&](const std::string& extension) {
    if (!place.extension.is_self()) return place.extension.phone->extension == extension;
    const directory::Phone* phone = ask.scope.directory().phone_by_extension(extension);
    return phone != nullptr && ask.scope.sees(*phone) && ask.scope.belongs(*phone, place.user);
  };
  if (call.views.empty()) return false;
  return matches(call.extension) || std::any_of(call.views.begin(), call.views.end(),
                                                [&](const View& view) { return matches(view.extension); });
}

std::vector<PhoneCall*> calls_at(const Ask& ask, const Place& place) {
  std::vector<PhoneCall*> found = ask.parts.book.all();
  std::erase_if(found, [&](const PhoneCall* call) { return !concerns(ask, place, *call); });
  return found;
}

Checked<text::JsonObject> read_body(const Ask& ask) {
  const auto body = text::parse_json(ask.request.body);
  if (!body) return refuse("request_invalid", "body: " + body.error().detail);
  if (body->object() == nullptr) return refuse("request_invalid", "body: an object is wanted");
  return *body->object();
}

const text::Json* field(const text::JsonObject& body, std::string_view key) {
  const text::Json* value = body.find(key);
  return value == nullptr || value->is_null() ? nullptr : value;
}

http::Response json_reply(int status, const text::Json& body) {
  return http::Response::json(status, text::to_text(body));
}

}  // namespace sotto::voipnow
