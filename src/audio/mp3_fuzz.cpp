#include <cstddef>
#include <cstdint>

#include "audio/mp3.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static_cast<void>(
      sotto::audio::decode_mp3({reinterpret_cast<const std::byte*>(data), size}, std::chrono::seconds(2)));
  return 0;
}
