#include "http/request.h"

#include "base/check.h"
#include "http/multipart.h"
#include "text/form.h"

namespace sotto::http {

std::string_view Request::parameter(std::string_view name) const {
  const std::string* value = text::find_parameter(parameters, name);
  CHECK(value != nullptr);
  return *value;
}

Result<text::Parameters> Request::query() const {
  return text::parse_form(query_text);
}

Result<text::Parameters> Request::form() const {
  const std::string_view content_type = headers.get("Content-Type");
  const std::string type = media_type(content_type);
  if (type == "multipart/form-data") return parse_multipart(content_type, body);
  if (type.empty() || type == "application/x-www-form-urlencoded") return text::parse_form(body);
  return fail(ErrorCode::Unsupported, "the body is " + type + ", not a form");
}

std::string Request::base_url() const {
  return (secure ? "https://" : "http://") + host;
}

}  // namespace sotto::http
