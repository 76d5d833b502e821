#include <cstddef>
#include <cstdint>

#include "base/check.h"
#include "rtp/stun.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  namespace rtp = sotto::rtp;
  const sotto::base::ByteView datagram(reinterpret_cast<const std::byte*>(data), size);
  static_cast<void>(rtp::has_valid_integrity(datagram, "password"));
  const auto answer = rtp::answer_check(datagram, {}, {"evtj", "password"});
  CHECK(!answer || rtp::parse_stun(answer->datagram).has_value());
  return 0;
}
