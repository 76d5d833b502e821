#include "dialect/vonage/api/errors.h"

#include "text/utf8.h"

namespace sotto::vonage {
namespace {

using text::Json;
using text::JsonArray;
using text::JsonObject;

struct VoiceError {
  int status;
  std::string_view type;
  std::string_view title;
};
constexpr VoiceError kVoiceErrors[] = {{400, "BAD_REQUEST", "Bad Request"},
                                       {401, "UNAUTHORIZED", "Unauthorized"},
                                       {404, "NOT_FOUND", "Not Found"},
                                       {405, "METHOD_NOT_ALLOWED", "Method Not Allowed"},
                                       {429, "TOO_MANY_REQUESTS", "Too Many Requests"}};

struct ApplicationError {
  int status;
  std::string_view type;
  std::string_view title;
};
constexpr ApplicationError kApplicationErrors[] = {
    {400, "/application#payload-validation", "Bad Request"},
    {401, "#unauthorized", "Invalid credentials supplied"},
    {403, "#forbidden", "Forbidden"},
    {404, "#not-found", "Not Found"},
    {405, "#wrong-verb", "Request method not allowed"},
    {406, "#accept-header", "Invalid Accept header"},
    {415, "#content-type-header", "Unsupported Content-Type header"}};

constexpr std::string_view kErrorPages = "https://developer.nexmo.com/api-errors";

JsonObject voice_body(int status, std::string_view detail) {
  VoiceError row{status, "INTERNAL_ERROR", http::reason_phrase(status)};
  for (const VoiceError& each : kVoiceErrors) {
    if (each.status == status) row = each;
  }
  // A superset that every client reads what it looks for in.
  return {{"type", row.type}, {"error_title", row.title}, {"title", row.title}, {"detail", detail}};
}

JsonObject application_body(int status, std::string_view type, std::string_view title,
                            std::string_view detail, base::Random& random) {
  (void)status;
  return {{"type", std::string(kErrorPages) + std::string(type)},
          {"title", title},
          {"detail", detail},
          {"instance", base::id_to_hex(random.next(), random.next())}};
}

}  // namespace

http::Response json_reply(int status, const Json& body) {
  // A refusal repeats what it refuses, which may be any bytes of a path.
  return http::Response::with(status, "application/json", text::to_valid_utf8(text::to_text(body)));
}

http::Response voice_error(int status, std::string_view detail) {
  return json_reply(status, voice_body(status, detail));
}

http::Response voice_invalid(std::string_view field, std::string_view reason) {
  JsonObject body = voice_body(400, std::string(field) + ": " + std::string(reason));
  JsonObject invalid;
  invalid.set(field, reason);
  body.add("invalid_parameters", std::move(invalid));
  return json_reply(400, std::move(body));
}

http::Response voice_invalid(const Error& error) {
  const size_t colon = error.detail.find(": ");
  if (colon == std::string::npos) return voice_error(400, error.detail);
  const std::string field = error.detail.substr(0, colon);
  const std::string reason = error.detail.substr(colon + 2);
  if (field.ends_with(".number") && reason.starts_with("can contain"))
    return voice_invalid_number("number", reason);
  return voice_invalid(field, reason == "is required" ? "Is required." : reason);
}

Error inside(std::string_view place, const Error& error) {
  std::string_view rest = error.detail;
  if (rest.starts_with("document")) rest.remove_prefix(std::string_view("document").size());
  return Error{error.code, std::string(place) + std::string(rest)};
}

http::Response voice_invalid_number(std::string_view name, std::string_view reason) {
  JsonArray invalid{JsonObject{{"name", name}, {"reason", reason}}};
  return json_reply(
      400, JsonObject{{"type", 400}, {"title", "Bad Request"}, {"invalid_parameters", std::move(invalid)}});
}

http::Response application_error(int status, std::string_view detail, base::Random& random) {
  ApplicationError row{status, "#internal-error", http::reason_phrase(status)};
  for (const ApplicationError& each : kApplicationErrors) {
    if (each.status == status) row = each;
  }
  return json_reply(status, application_body(status, row.type, row.title, detail, random));
}

http::Response application_invalid(std::string_view kind, const std::vector<InvalidParameter>& invalid,
                                   base::Random& random) {
  JsonObject body = application_body(400, "/application#" + std::string(kind), "Bad Request",
                                     "The request failed due to validation errors", random);
  JsonArray list;
  for (const InvalidParameter& each : invalid) {
    list.emplace_back(JsonObject{{"name", each.name}, {"reason", each.reason}});
  }
  body.add("invalid_parameters", std::move(list));
  return json_reply(400, std::move(body));
}

http::Response number_result(int status, std::string_view label) {
  return json_reply(status, JsonObject{{"error-code", std::to_string(status)}, {"error-code-label", label}});
}

http::Response render_error(ErrorFamily family, int status, std::string_view detail, base::Random& random) {
  switch (family) {
    case ErrorFamily::Voice: return voice_error(status, detail);
    case ErrorFamily::Application: return application_error(status, detail, random);
    case ErrorFamily::Number: break;
  }
  return number_result(status, detail);
}

}  // namespace sotto::vonage
