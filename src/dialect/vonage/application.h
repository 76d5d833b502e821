#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "base/result.h"
#include "dialect/vonage/hook.h"
#include "directory/model.h"
#include "http/client.h"
#include "text/json_field.h"

namespace sotto::vonage {

struct Webhook {
  Hook hook;
  std::chrono::milliseconds connect_timeout{1000};
  std::chrono::milliseconds reply_timeout{5000};
  bool operator==(const Webhook&) const = default;
};

// What the dialect keeps on an application: the members of the vendor's object (vonage.md §7.1), as they are
// shown.
struct ApplicationSettings {
  std::string public_key;
  text::Json capabilities = text::JsonObject{};
  text::Json privacy = text::JsonObject{{"improve_ai", false}};

  // Of capabilities.voice, with the vendor's defaults.
  Webhook answer() const;
  Webhook fallback() const;
  Webhook events() const;
  bool signed_callbacks() const;
  std::chrono::days persistence() const;  // how long ended calls are shown
};

ApplicationSettings settings_of(const directory::Application& application);
std::string to_json(const ApplicationSettings& settings);

struct InvalidParameter {
  std::string name;
  std::string reason;
};
// The body of a create or update request, brought to the form in which it is kept and shown. Every fault.
struct ReadApplication {
  std::string name;
  std::optional<std::string> public_key;
  ApplicationSettings settings;
  std::vector<InvalidParameter> invalid;
};
ReadApplication read_application(const text::Json& body, bool sign_by_default);
// The same of the first version's flat fields, by whose names faults are told.
ReadApplication read_application_v1(const text::Json& flat, bool sign_by_default);

}  // namespace sotto::vonage
