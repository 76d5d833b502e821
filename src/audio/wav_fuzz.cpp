#include <array>
#include <cstddef>
#include <cstdint>

#include "audio/wav.h"
#include "base/check.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto reader = sotto::audio::WavReader::create({reinterpret_cast<const std::byte*>(data), size});
  if (!reader) return 0;
  std::array<int16_t, 256> samples;
  uint64_t frame = 0;
  while (const size_t count =
             reader->read(frame, static_cast<uint16_t>(frame % reader->format().channels), samples)) {
    CHECK(reader->read_mixed(frame, samples) == count);
    frame += count;
  }
  CHECK(frame == reader->frames());
  return 0;
}
