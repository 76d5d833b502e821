#include "dialect/twilio/api/resource_fields.h"

namespace sotto::twilio {

ApiResult<void> read_fields(const ApiRequest& request, std::span<const ResourceField> fields,
                            text::JsonObject& body) {
  for (const ResourceField& field : fields) {
    if (!request.has(field.parameter)) continue;
    switch (field.kind) {
      case ResourceField::Kind::Text: body.set(field.key, request.text(field.parameter)); break;
      case ResourceField::Kind::Url: {
        auto url = request.url(field.parameter, 21402);
        if (!url) return tl::unexpected(url.error());
        body.set(field.key, *url);
        break;
      }
      case ResourceField::Kind::Method: {
        auto method = request.method(field.parameter);
        if (!method) return tl::unexpected(method.error());
        body.set(field.key, std::string(to_string(*method)));
        break;
      }
      case ResourceField::Kind::Flag: {
        const int code = field.parameter == "VoiceCallerIdLookup" ? 21409 : 20001;
        auto flag = request.flag(field.parameter, false, code);
        if (!flag) return tl::unexpected(flag.error());
        body.set(field.key, *flag);
        break;
      }
    }
  }
  const text::Json* url = body.find("voice_url");
  const text::Json* fallback = body.find("voice_fallback_url");
  const auto is_set = [](const text::Json* json) {
    return json != nullptr && json->text() != nullptr && !json->text()->empty();
  };
  if (is_set(fallback) && !is_set(url)) {
    return refuse(400, 21405, "VoiceFallbackUrl: it needs a VoiceUrl to fall back from");
  }
  return {};
}

void show_fields(const text::Json& body, std::span<const ResourceField> fields, text::JsonObject& out) {
  for (const ResourceField& field : fields) {
    const text::Json& value = body[field.key];
    if (!value.is_null()) {
      out.set(field.key, value);
    } else if (field.kind == ResourceField::Kind::Method) {
      out.set(field.key, "POST");
    } else if (field.kind == ResourceField::Kind::Flag) {
      out.set(field.key, false);
    } else {
      out.set(field.key, "");
    }
  }
}

}  // namespace sotto::twilio
