#include "dialect/twilio/number_settings.h"

#include "dialect/twilio/account_settings.h"

namespace sotto::twilio {
namespace {

VoiceSettings read(const directory::DialectSettings& settings) {
  const text::Json json = settings_json(settings);
  const auto text = [&json](std::string_view name) {
    const std::string* value = json[name].text();
    return value == nullptr ? std::string() : *value;
  };
  const auto method = [&text](std::string_view name) {
    return text(name) == "GET" ? http::Method::Get : http::Method::Post;
  };
  return {text("voice_url"),
          method("voice_method"),
          text("voice_fallback_url"),
          method("voice_fallback_method"),
          text("status_callback"),
          method("status_callback_method"),
          text("voice_application_sid")};
}

}  // namespace

text::Json settings_json(const directory::DialectSettings& settings) {
  const auto it = settings.find(std::string(kDialect));
  if (it == settings.end()) return text::Json(text::JsonObject{});
  auto json = text::parse_json(it->second);
  return json && json->object() != nullptr ? std::move(*json) : text::Json(text::JsonObject{});
}

VoiceSettings voice_of(const directory::Number& number) {
  return read(number.settings);
}

VoiceSettings voice_of(const directory::Application& application) {
  return read(application.settings);
}

}  // namespace sotto::twilio
