#pragma once

#include <string>

#include "directory/model.h"
#include "http/method.h"
#include "text/json.h"

// What the dialect keeps on numbers and applications: the fields of their REST resources, by their names.
namespace sotto::twilio {

struct VoiceSettings {
  std::string url;
  http::Method method = http::Method::Post;
  std::string fallback_url;
  http::Method fallback_method = http::Method::Post;
  std::string status_callback;
  http::Method status_callback_method = http::Method::Post;
  std::string application_sid;
};

VoiceSettings voice_of(const directory::Number& number);
VoiceSettings voice_of(const directory::Application& application);

// An object, empty if there is none.
text::Json settings_json(const directory::DialectSettings& settings);

}  // namespace sotto::twilio
