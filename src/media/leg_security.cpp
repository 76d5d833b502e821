#include "media/leg_security.h"

#include "base/bytes.h"

namespace sotto::media {
namespace {

constexpr size_t kRtpSsrcAt = 8;
constexpr size_t kRtcpSsrcAt = 4;

}  // namespace

Result<std::unique_ptr<SrtpSource>> SrtpSource::create(const rtp::SrtpKey& key, uint32_t ssrc) {
  auto stream = rtp::SrtpStream::create(key, ssrc);
  if (!stream) return fail(stream.error());
  return std::make_unique<SrtpSource>(ssrc, std::move(*stream));
}

Result<std::unique_ptr<LegSecurity>> LegSecurity::create(const rtp::SrtpKey& ours, uint32_t ssrc) {
  auto sender = rtp::SrtpStream::create(ours, ssrc);
  if (!sender) return fail(sender.error());
  return std::unique_ptr<LegSecurity>(new LegSecurity(std::move(*sender)));
}

bool LegSecurity::protect(Kind kind, std::span<std::byte> buffer, size_t& bytes) noexcept {
  const auto outcome =
      kind == Kind::Rtp ? sender_.protect_rtp(buffer, bytes) : sender_.protect_rtcp(buffer, bytes);
  return outcome == rtp::SrtpStream::Outcome::Done;
}

LegSecurity::Opened LegSecurity::open(Kind kind, std::span<std::byte> packet, size_t& bytes) noexcept {
  const size_t at = kind == Kind::Rtp ? kRtpSsrcAt : kRtcpSsrcAt;
  if (bytes < at + 4 || bytes > packet.size()) return Opened::No;
  const uint32_t ssrc = base::ByteReader(packet.subspan(at, 4)).u32();
  for (const std::unique_ptr<SrtpSource>& source : sources_) {
    if (source == nullptr || source->ssrc != ssrc) continue;
    const auto outcome = kind == Kind::Rtp ? source->stream.unprotect_rtp(packet, bytes)
                                           : source->stream.unprotect_rtcp(packet, bytes);
    return outcome == rtp::SrtpStream::Outcome::Done ? Opened::Yes : Opened::No;
  }
  return Opened::UnknownSource;
}

std::unique_ptr<SrtpSource> LegSecurity::add(std::unique_ptr<SrtpSource> source) noexcept {
  for (const std::unique_ptr<SrtpSource>& known : sources_) {
    if (known != nullptr && known->ssrc == source->ssrc) return source;
  }
  std::swap(sources_[next_], source);
  next_ = (next_ + 1) % kSources;
  return source;
}

}  // namespace sotto::media
