#include "net/web_socket_frame.h"

namespace sotto::net {
namespace {

constexpr size_t kControlPayloadMax = 125;

bool is_control(Opcode opcode) {
  return static_cast<uint8_t>(opcode) >= 8;
}

bool is_known(uint8_t opcode) {
  return opcode <= 2 || (opcode >= 8 && opcode <= 10);
}

uint64_t big_endian(std::string_view bytes) {
  uint64_t value = 0;
  for (const char byte : bytes) value = value << 8 | static_cast<unsigned char>(byte);
  return value;
}

void append_big_endian(std::string& out, uint64_t value, size_t bytes) {
  for (size_t i = bytes; i-- > 0;) out += static_cast<char>(value >> (8 * i));
}

void apply_mask(char* data, size_t size, std::string_view mask) {
  for (size_t i = 0; i < size; ++i) data[i] = static_cast<char>(data[i] ^ mask[i & 3]);
}

}  // namespace

Result<std::optional<Frame>> take_frame(std::string_view& input, bool masked, size_t payload_max) {
  if (input.size() < 2) return std::nullopt;
  const auto first = static_cast<unsigned char>(input[0]);
  const auto second = static_cast<unsigned char>(input[1]);
  if ((first & 0x70) != 0) return fail(ErrorCode::Invalid, "a reserved bit is set");
  if (!is_known(first & 0x0F)) return fail(ErrorCode::Invalid, "the opcode is unknown");
  if (((second & 0x80) != 0) != masked) return fail(ErrorCode::Invalid, "the mask is on the wrong side");
  Frame frame{(first & 0x80) != 0, static_cast<Opcode>(first & 0x0F), {}};
  uint64_t size = second & 0x7F;
  if (is_control(frame.opcode) && (!frame.final || size > kControlPayloadMax)) {
    return fail(ErrorCode::Invalid, "a control frame is fragmented or too long");
  }
  const size_t size_bytes = size == 126 ? 2 : size == 127 ? 8 : 0;
  const size_t head = 2 + size_bytes + (masked ? 4 : 0);
  if (input.size() < head) return std::nullopt;
  if (size_bytes > 0) size = big_endian(input.substr(2, size_bytes));
  if (size > payload_max) return fail(ErrorCode::TooLarge, "the message is too large");
  if (input.size() - head < size) return std::nullopt;
  frame.payload = input.substr(head, size);
  if (masked) apply_mask(frame.payload.data(), frame.payload.size(), input.substr(head - 4, 4));
  input.remove_prefix(head + size);
  return frame;
}

void append_frame(std::string& out, Opcode opcode, std::string_view payload, std::optional<uint32_t> mask) {
  const unsigned char mask_bit = mask ? 0x80 : 0;
  out += static_cast<char>(0x80 | static_cast<uint8_t>(opcode));
  if (payload.size() < 126) {
    out += static_cast<char>(mask_bit | payload.size());
  } else if (payload.size() <= 0xFFFF) {
    out += static_cast<char>(mask_bit | 126);
    append_big_endian(out, payload.size(), 2);
  } else {
    out += static_cast<char>(mask_bit | 127);
    append_big_endian(out, payload.size(), 8);
  }
  if (!mask) {
    out += payload;
    return;
  }
  std::string key;
  append_big_endian(key, *mask, 4);
  out += key;
  const size_t start = out.size();
  out += payload;
  apply_mask(out.data() + start, payload.size(), key);
}

bool is_close_code(uint16_t code) {
  if (code >= 3000 && code <= 4999) return true;
  return code >= 1000 && code <= 1014 && code != 1004 && code != 1005 && code != 1006;
}

}  // namespace sotto::net
