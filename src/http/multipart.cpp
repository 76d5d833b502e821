#include "http/multipart.h"

#include <algorithm>

#include "base/limits.h"
#include "http/headers.h"

namespace sotto::http {
namespace {

constexpr std::string_view kLineEnd = "\r\n";
constexpr size_t kBoundaryMax = 70;  // RFC 2046 section 5.1.1

// Adds one part: its headers up to an empty line, then its content. The name is in Content-Disposition.
Result<void> add_part(text::Parameters& fields, std::string_view part) {
  const size_t head_end = part.find("\r\n\r\n");
  if (head_end == std::string_view::npos)
    return fail(ErrorCode::Invalid, "a multipart part has no end of headers");
  std::string_view head = part.substr(0, head_end);
  while (!head.empty()) {
    const size_t line_end = std::min(head.find(kLineEnd), head.size());
    const std::string_view line = head.substr(0, line_end);
    head.remove_prefix(std::min(line_end + kLineEnd.size(), head.size()));
    const size_t colon = std::min(line.find(':'), line.size());
    if (!equals_ignoring_case(line.substr(0, colon), "Content-Disposition")) continue;
    auto name = header_parameter(line.substr(colon), "name");
    if (!name) break;
    fields.emplace_back(std::move(*name), part.substr(head_end + 4));
    return {};
  }
  return fail(ErrorCode::Invalid, "a multipart part has no name");
}

}  // namespace

Result<text::Parameters> parse_multipart(std::string_view content_type, std::string_view body) {
  const auto boundary = header_parameter(content_type, "boundary");
  if (!boundary || boundary->empty() || boundary->size() > kBoundaryMax) {
    return fail(ErrorCode::Invalid, "the multipart body has no boundary of 1 to 70 characters");
  }
  const std::string delimiter = "\r\n--" + *boundary;
  const std::string_view first = std::string_view(delimiter).substr(kLineEnd.size());
  const size_t preamble = body.starts_with(first) ? 0 : body.find(delimiter);
  if (preamble == std::string_view::npos) return fail(ErrorCode::Invalid, "the multipart body has no part");
  body.remove_prefix(preamble + (body.starts_with(first) ? first : std::string_view(delimiter)).size());
  text::Parameters fields;
  while (!body.starts_with("--")) {
    if (!body.starts_with(kLineEnd)) return fail(ErrorCode::Invalid, "text follows a multipart boundary");
    body.remove_prefix(kLineEnd.size());
    const size_t end = body.find(delimiter);
    if (end == std::string_view::npos) return fail(ErrorCode::Invalid, "the multipart body is cut off");
    if (fields.size() == base::limits::kHttpPartsMax)
      return fail(ErrorCode::TooLarge, "too many multipart parts");
    if (auto added = add_part(fields, body.substr(0, end)); !added) return fail(added.error());
    body.remove_prefix(end + delimiter.size());
  }
  return fields;
}

}  // namespace sotto::http
