#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

// Frames of RFC 6455 section 5.2, and nothing else.
namespace sotto::net {

enum class Opcode : uint8_t { Continuation = 0, Text = 1, Binary = 2, Close = 8, Ping = 9, Pong = 10 };

struct Frame {
  bool final = true;
  Opcode opcode = Opcode::Text;
  std::string payload;  // unmasked
};

// Takes one frame from the front of `input`; nothing yet if it is not whole. `masked` is what the peer must
// do: a client masks, a server does not. Fails: Invalid for a broken frame, TooLarge for one over
// `payload_max`.
Result<std::optional<Frame>> take_frame(std::string_view& input, bool masked, size_t payload_max);

// Appends one frame; with a mask if there is one.
void append_frame(std::string& out, Opcode opcode, std::string_view payload, std::optional<uint32_t> mask);

// Whether a close code may be sent (section 7.4).
bool is_close_code(uint16_t code);

}  // namespace sotto::net
