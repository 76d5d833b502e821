#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "text/json.h"

// What parses must survive being written and read again.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  namespace text = sotto::text;
  const auto parsed = text::parse_json(std::string_view(reinterpret_cast<const char*>(data), size));
  if (!parsed) return 0;
  const std::string written = text::to_text(*parsed);
  const auto again = text::parse_json(written, {.bytes_max = SIZE_MAX});
  CHECK(again && text::to_text(*again) == written);
  return 0;
}
