#pragma once

#include <string_view>

#include "base/result.h"
#include "text/uri.h"

namespace sotto::http {

// multipart/form-data (RFC 7578), given the Content-Type that came with it. A file's content is its value;
// its file name and type are not kept. Fails with Invalid, or with TooLarge over limits::kHttpPartsMax.
Result<text::Parameters> parse_multipart(std::string_view content_type, std::string_view body);

}  // namespace sotto::http
