#include <vector>

#include "base/check.h"
#include "net/web_socket_frame.h"

// The bytes of a connection as frames, in one piece and byte by byte: both must come to the same frames, and
// what was read can be written and read again.
namespace sotto::net {
namespace {

constexpr size_t kPayloadMax = 4096;

struct Seen {
  std::vector<Frame> frames;
  std::optional<ErrorCode> refused;
};

Seen take_all(std::string_view bytes, size_t step, bool masked) {
  Seen seen;
  std::string buffer;
  while (true) {
    std::string_view input = buffer;
    auto frame = take_frame(input, masked, kPayloadMax);
    if (!frame) {
      seen.refused = frame.error().code;
      return seen;
    }
    CHECK(input.size() <= buffer.size());
    buffer.erase(0, buffer.size() - input.size());
    if (*frame) {
      CHECK((*frame)->payload.size() <= kPayloadMax);
      seen.frames.push_back(std::move(**frame));
      continue;
    }
    if (bytes.empty()) return seen;
    buffer += bytes.substr(0, step);
    bytes.remove_prefix(std::min(step, bytes.size()));
  }
}

bool same(const Frame& a, const Frame& b) {
  return a.final == b.final && a.opcode == b.opcode && a.payload == b.payload;
}

void check_round_trip(const Frame& frame, bool masked) {
  if (!frame.final) return;  // we send whole messages
  std::string bytes;
  append_frame(bytes, frame.opcode, frame.payload, masked ? std::optional(0x12345678U) : std::nullopt);
  std::string_view input = bytes;
  const auto again = take_frame(input, masked, kPayloadMax);
  CHECK(again && *again && input.empty() && same(**again, frame));
}

}  // namespace
}  // namespace sotto::net

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace sotto::net;
  if (size == 0) return 0;
  const bool masked = (data[0] & 1) != 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const Seen whole = take_all(bytes, bytes.size() + 1, masked);
  const Seen slow = take_all(bytes, 1, masked);
  CHECK(whole.refused == slow.refused && whole.frames.size() == slow.frames.size());
  for (size_t i = 0; i < whole.frames.size(); ++i) {
    CHECK(same(whole.frames[i], slow.frames[i]));
    check_round_trip(whole.frames[i], masked);
  }
  return 0;
}
