#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "text/uri.h"

// A URI is the same after writing and reading, and no reference resolves to something that does not parse.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  namespace text = sotto::text;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const auto uri = text::parse_uri(input);
  if (uri) {
    const std::string written = text::to_text(*uri);
    const auto again = text::parse_uri(written);
    CHECK(again ? text::to_text(*again) == written : again.error().code == sotto::ErrorCode::TooLarge);
  }
  static const auto base = text::parse_uri("http://user@example.com/a/b/../c?d=e#f");
  const auto resolved = text::resolve(*base, input);
  if (resolved) {
    const auto again = text::parse_uri(text::to_text(*resolved));
    CHECK(again || again.error().code == sotto::ErrorCode::TooLarge);
  }
  return 0;
}
