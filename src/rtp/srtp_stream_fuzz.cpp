#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "base/check.h"
#include "base/limits.h"
#include "rtp/srtp_stream.h"

// The first byte names the suite; then datagrams, each behind a byte of its length, as a network without our
// keys can send them. None may pass, and none may touch a byte beyond its own. What we protect ourselves
// passes once.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  namespace rtp = sotto::rtp;
  using Outcome = rtp::SrtpStream::Outcome;
  constexpr rtp::SrtpSuite kSuites[] = {rtp::SrtpSuite::Aead128Gcm, rtp::SrtpSuite::Aead256Gcm,
                                        rtp::SrtpSuite::Aes128CmSha1_80, rtp::SrtpSuite::Aes128CmSha1_32};
  constexpr uint32_t kSsrc = 0x01020304;
  sotto::base::ByteReader reader({reinterpret_cast<const std::byte*>(data), size});
  const rtp::SrtpKey key{.suite = kSuites[reader.u8() % std::size(kSuites)]};
  auto ours = rtp::SrtpStream::create(key, kSsrc);
  auto theirs = rtp::SrtpStream::create(key, kSsrc);
  CHECK(ours && theirs);
  std::array<std::byte, sotto::base::limits::kRtpPacketBytesMax> packet{};
  while (reader.left() > 1) {
    const size_t wanted = reader.u8();
    const auto datagram = reader.take(std::min(wanted, reader.left()));
    std::copy(datagram.begin(), datagram.end(), packet.begin());
    size_t bytes = datagram.size();
    const bool is_rtcp = rtp::classify(datagram) == rtp::PacketKind::Rtcp;
    const auto exact = std::span(packet).first(bytes);
    // A tag of 32 bits can be guessed, at one in four billion.
    static_cast<void>(is_rtcp ? theirs->unprotect_rtcp(exact, bytes) : theirs->unprotect_rtp(exact, bytes));
    std::copy(datagram.begin(), datagram.end(), packet.begin());
    bytes = datagram.size();
    const Outcome sent = is_rtcp ? ours->protect_rtcp(packet, bytes) : ours->protect_rtp(packet, bytes);
    CHECK(bytes <= datagram.size() + rtp::SrtpStream::kTrailerBytesMax);
    if (sent != Outcome::Done) continue;
    const auto whole = std::span(packet).first(bytes);
    const Outcome received =
        is_rtcp ? theirs->unprotect_rtcp(whole, bytes) : theirs->unprotect_rtp(whole, bytes);
    CHECK(received == Outcome::Done && bytes == datagram.size());
    CHECK(std::equal(datagram.begin(), datagram.end(), packet.begin()));
  }
  return 0;
}
