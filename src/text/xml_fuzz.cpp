#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "text/xml.h"

// What parses must be the same after writing and reading, but for the limits.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  namespace text = sotto::text;
  const auto root = text::parse_xml(std::string_view(reinterpret_cast<const char*>(data), size));
  if (!root) return 0;
  const std::string written = text::to_text(*root);
  const auto again = text::parse_xml(written, "UTF-8", {.bytes_max = SIZE_MAX});
  CHECK(again && text::to_text(*again) == written);
  return 0;
}
