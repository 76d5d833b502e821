#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "text/ssml.h"
#include "text/utf8.h"

// Engines are handed what comes out: it must be valid text within the bounds that the header states.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  namespace text = sotto::text;
  const auto speech = text::parse_speech(std::string_view(reinterpret_cast<const char*>(data), size));
  for (const auto& part : speech.parts) {
    if (const auto* pause = std::get_if<std::chrono::milliseconds>(&part)) {
      CHECK(pause->count() > 0 && pause->count() <= 10'000);
      continue;
    }
    const auto& spoken = std::get<text::SpokenText>(part);
    CHECK(!spoken.text.empty() && text::is_utf8(spoken.text));
    CHECK(spoken.prosody.rate >= 0.2 && spoken.prosody.rate <= 3);
    CHECK(spoken.prosody.pitch >= 0.5 && spoken.prosody.pitch <= 2);
    CHECK(spoken.prosody.volume_db >= -60 && spoken.prosody.volume_db <= 12);
  }
  return 0;
}
