#pragma once

#include <span>

#include "dialect/twilio/api/request.h"

namespace sotto::twilio {

// A parameter of a resource whose fields are kept as they are shown.
struct ResourceField {
  std::string_view parameter;
  std::string_view key;
  enum class Kind { Text, Url, Method, Flag } kind = Kind::Text;
};

inline constexpr ResourceField kVoiceFields[] = {
    {"VoiceUrl", "voice_url", ResourceField::Kind::Url},
    {"VoiceMethod", "voice_method", ResourceField::Kind::Method},
    {"VoiceFallbackUrl", "voice_fallback_url", ResourceField::Kind::Url},
    {"VoiceFallbackMethod", "voice_fallback_method", ResourceField::Kind::Method},
    {"VoiceCallerIdLookup", "voice_caller_id_lookup", ResourceField::Kind::Flag},
    {"StatusCallback", "status_callback", ResourceField::Kind::Url},
    {"StatusCallbackMethod", "status_callback_method", ResourceField::Kind::Method},
    {"SmsUrl", "sms_url", ResourceField::Kind::Url},
    {"SmsMethod", "sms_method", ResourceField::Kind::Method},
    {"SmsFallbackUrl", "sms_fallback_url", ResourceField::Kind::Url},
    {"SmsFallbackMethod", "sms_fallback_method", ResourceField::Kind::Method},
};

// Takes what the request has of these into `body`; what is not sent stays, what is sent empty is cleared.
ApiResult<void> read_fields(const ApiRequest& request, std::span<const ResourceField> fields,
                            text::JsonObject& body);
// All of them, with the default of their kind where `body` has none.
void show_fields(const text::Json& body, std::span<const ResourceField> fields, text::JsonObject& out);

}  // namespace sotto::twilio
