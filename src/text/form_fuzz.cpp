#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "text/form.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  namespace text = sotto::text;
  const auto fields = text::parse_form(std::string_view(reinterpret_cast<const char*>(data), size));
  if (!fields) return 0;
  CHECK(text::parse_form(text::encode_form(*fields)) == *fields);
  return 0;
}
