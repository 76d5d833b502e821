#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "dialect/vonage/ncco/ncco.h"

// Whatever an app sends: a program that the engine takes, or an error that names its place.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace sotto;
  const auto json = text::parse_json({reinterpret_cast<const char*>(data), size});
  if (!json) return 0;
  vonage::EmptyScope scope;
  const auto program = vonage::parse_ncco(*json, scope, flow::Role::Main);
  if (program) {
    CHECK(flow::validate(**program, flow::Role::Main).has_value());
  } else {
    CHECK(!program.error().detail.empty());
  }
  return 0;
}
