#pragma once

#include "stream/framing.h"

namespace sotto::stream {

// Binary frames of 20 ms, 16-bit little-endian mono without a header; JSON text frames for everything else.
// What comes back is one stream of bytes, whatever the frames' sizes.
class RawL16 final : public Framing {
 public:
  explicit RawL16(const Parameters& parameters) : greeting_(parameters.greeting) {}

  std::vector<Frame> opening() override;
  Frame sound(size_t track, std::span<const int16_t> samples, milliseconds at) override;
  std::optional<Frame> digit(char digit, milliseconds length) override;
  Frame reached(const std::string& mark) override;
  std::vector<Frame> cleared(const std::vector<std::string>& marks) override;
  std::optional<Frame> closing() override { return std::nullopt; }
  Received read(const Frame& frame) override;

 private:
  Received read_samples(std::string_view bytes);

  const text::Json greeting_;
  std::optional<char> odd_byte_;  // the first half of a sample
};

}  // namespace sotto::stream
