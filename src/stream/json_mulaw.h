#pragma once

#include "stream/framing.h"

namespace sotto::stream {

// JSON text frames only: connected, start, media (base64 of mu-law at 8 kHz), dtmf, mark, clear, stop.
class JsonMulaw final : public Framing {
 public:
  JsonMulaw(const Parameters& parameters, Names names, Ways ways);

  std::vector<Frame> opening() override;
  Frame sound(size_t track, std::span<const int16_t> samples, milliseconds at) override;
  std::optional<Frame> digit(char digit, milliseconds length) override;
  Frame reached(const std::string& mark) override;
  std::vector<Frame> cleared(const std::vector<std::string>& marks) override;
  std::optional<Frame> closing() override;
  Received read(const Frame& frame) override;

 private:
  Frame message(std::string_view event, text::JsonObject body);

  const Parameters parameters_;
  const Names names_;
  const std::string stream_;
  const Ways ways_;
  uint64_t sequence_number_ = 0;  // of all messages but the first
  std::vector<uint64_t> chunks_;  // by track
};

}  // namespace sotto::stream
