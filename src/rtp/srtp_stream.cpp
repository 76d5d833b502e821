#include "rtp/srtp_stream.h"

#include <algorithm>
#include <array>

namespace sotto::rtp {
namespace {

constexpr size_t kRtcpReadableBytes = 8;
constexpr size_t kRtcpIndexBytes = 4;
constexpr uint32_t kRtcpEnciphered = 0x80000000;  // beside the index
constexpr size_t kSsrcAtOfRtcp = 4;
using Word = std::array<std::byte, 4>;

static_assert(crypto::AesGcm::kTagBytes + kRtcpIndexBytes <= SrtpStream::kTrailerBytesMax);

Word word_of(uint32_t value) {
  Word word{};
  base::ByteWriter(word).u32(value);
  return word;
}

// What stays readable of an RTP packet: header, contributing sources, extension. Nothing where it is none.
struct Head {
  size_t bytes = 0;
  uint16_t sequence_number = 0;
  uint32_t ssrc = 0;
};
std::optional<Head> head_of(base::ByteView packet) {
  constexpr uint8_t kExtensionBit = 0x10;
  base::ByteReader reader(packet);
  const uint8_t first = reader.u8();
  reader.u8();
  Head head{.sequence_number = reader.u16()};
  reader.u32();
  head.ssrc = reader.u32();
  reader.take((first & 0x0F) * size_t{4});
  if ((first & kExtensionBit) != 0) {
    reader.u16();
    const size_t words = reader.u16();
    reader.take(words * 4);
  }
  if (reader.failed()) return std::nullopt;
  head.bytes = packet.size() - reader.left();
  return head;
}

uint32_t ssrc_of_rtcp(base::ByteView packet) {
  return base::ByteReader(packet.subspan(kSsrcAtOfRtcp)).u32();
}

}  // namespace

Result<SrtpStream> SrtpStream::create(const SrtpKey& key, uint32_t ssrc) {
  auto rtp = SrtpTransform::create(key, SrtpTransform::For::Rtp);
  auto rtcp = SrtpTransform::create(key, SrtpTransform::For::Rtcp);
  if (!rtp) return fail(rtp.error());
  if (!rtcp) return fail(rtcp.error());
  return SrtpStream(ssrc, std::move(*rtp), std::move(*rtcp));
}

SrtpStream::Outcome SrtpStream::protect_rtp(std::span<std::byte> buffer, size_t& bytes) noexcept {
  if (buffer.size() < bytes + kTrailerBytesMax) return Outcome::Forged;
  const auto head = head_of(buffer.first(bytes));
  if (!head) return Outcome::Forged;
  if (head->ssrc != ssrc_) return Outcome::WrongSource;
  const int64_t index = sequences_.peek(head->sequence_number);
  if (!rtp_seen_.admits(index)) return Outcome::Replayed;
  const Word count = word_of(static_cast<uint32_t>(index >> 16));
  rtp_.protect({.bytes = buffer.first(bytes),
                .readable = head->bytes,
                .appendix = rtp_.is_gcm() ? base::ByteView() : base::ByteView(count),
                .ssrc = ssrc_,
                .index = static_cast<uint64_t>(index)},
               buffer.subspan(bytes, rtp_.tag_bytes()));
  sequences_.extend(head->sequence_number);
  rtp_seen_.add(index);
  bytes += rtp_.tag_bytes();
  return Outcome::Done;
}

SrtpStream::Outcome SrtpStream::unprotect_rtp(std::span<std::byte> packet, size_t& bytes) noexcept {
  if (packet.size() < bytes || bytes < rtp_.tag_bytes()) return Outcome::Forged;
  const size_t length = bytes - rtp_.tag_bytes();
  const auto head = head_of(packet.first(length));
  if (!head) return Outcome::Forged;
  if (head->ssrc != ssrc_) return Outcome::WrongSource;
  const int64_t index = sequences_.peek(head->sequence_number);
  if (!rtp_seen_.admits(index)) return Outcome::Replayed;
  const Word count = word_of(static_cast<uint32_t>(index >> 16));
  const bool authentic = rtp_.unprotect({.bytes = packet.first(length),
                                         .readable = head->bytes,
                                         .appendix = rtp_.is_gcm() ? base::ByteView() : base::ByteView(count),
                                         .ssrc = ssrc_,
                                         .index = static_cast<uint64_t>(index)},
                                        packet.subspan(length, rtp_.tag_bytes()));
  if (!authentic) return Outcome::Forged;
  sequences_.extend(head->sequence_number);
  rtp_seen_.add(index);
  bytes = length;
  return Outcome::Done;
}

// RFC 3711 §3.4 has the tag behind the index, RFC 7714 §9.2 before it.
SrtpStream::Outcome SrtpStream::protect_rtcp(std::span<std::byte> buffer, size_t& bytes) noexcept {
  if (bytes < kRtcpReadableBytes || buffer.size() < bytes + kTrailerBytesMax) return Outcome::Forged;
  if (ssrc_of_rtcp(buffer) != ssrc_) return Outcome::WrongSource;
  if ((rtcp_next_ & kRtcpEnciphered) != 0) return Outcome::Replayed;  // the keys are used up
  const Word word = word_of(rtcp_next_ | kRtcpEnciphered);
  const size_t tag_at = rtcp_.is_gcm() ? bytes : bytes + kRtcpIndexBytes;
  const size_t word_at = rtcp_.is_gcm() ? bytes + rtcp_.tag_bytes() : bytes;
  rtcp_.protect({.bytes = buffer.first(bytes),
                 .readable = kRtcpReadableBytes,
                 .appendix = word,
                 .ssrc = ssrc_,
                 .index = rtcp_next_},
                buffer.subspan(tag_at, rtcp_.tag_bytes()));
  std::ranges::copy(word, buffer.begin() + static_cast<ptrdiff_t>(word_at));
  ++rtcp_next_;
  bytes += kRtcpIndexBytes + rtcp_.tag_bytes();
  return Outcome::Done;
}

SrtpStream::Outcome SrtpStream::unprotect_rtcp(std::span<std::byte> packet, size_t& bytes) noexcept {
  const size_t trailer = kRtcpIndexBytes + rtcp_.tag_bytes();
  if (packet.size() < bytes || bytes < kRtcpReadableBytes + trailer) return Outcome::Forged;
  if (ssrc_of_rtcp(packet) != ssrc_) return Outcome::WrongSource;
  const size_t length = bytes - trailer;
  const size_t tag_at = rtcp_.is_gcm() ? length : length + kRtcpIndexBytes;
  const size_t word_at = rtcp_.is_gcm() ? length + rtcp_.tag_bytes() : length;
  const uint32_t word = base::ByteReader(packet.subspan(word_at, kRtcpIndexBytes)).u32();
  if ((word & kRtcpEnciphered) == 0) return Outcome::Forged;  // to leave it readable was not agreed on
  const int64_t index = word & ~kRtcpEnciphered;
  if (!rtcp_seen_.admits(index)) return Outcome::Replayed;
  const bool authentic = rtcp_.unprotect({.bytes = packet.first(length),
                                          .readable = kRtcpReadableBytes,
                                          .appendix = packet.subspan(word_at, kRtcpIndexBytes),
                                          .ssrc = ssrc_,
                                          .index = static_cast<uint64_t>(index)},
                                         packet.subspan(tag_at, rtcp_.tag_bytes()));
  if (!authentic) return Outcome::Forged;
  rtcp_seen_.add(index);
  bytes = length;
  return Outcome::Done;
}

}  // namespace sotto::rtp
