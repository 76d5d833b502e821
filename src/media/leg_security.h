#pragma once

#include <array>
#include <memory>
#include <span>

#include "base/result.h"
#include "media/media_object.h"
#include "rtp/srtp_stream.h"

namespace sotto::media {

// One source that the far end sends from, ready to be decrypted.
struct SrtpSource final : MediaObject {
  SrtpSource(uint32_t source, rtp::SrtpStream decrypter) : ssrc(source), stream(std::move(decrypter)) {}
  static Result<std::unique_ptr<SrtpSource>> create(const rtp::SrtpKey& key, uint32_t ssrc);

  const uint32_t ssrc;
  rtp::SrtpStream stream;
};

// A leg's keys in use. Made by the control thread, as is each source once the media thread has seen it: to
// make one allocates. Packets of a source not yet known are dropped meanwhile.
class LegSecurity final : public MediaObject {
 public:
  enum class Kind : uint8_t { Rtp, Rtcp };
  enum class Opened : uint8_t { Yes, No, UnknownSource };

  // `ssrc` is the leg's own.
  static Result<std::unique_ptr<LegSecurity>> create(const rtp::SrtpKey& ours, uint32_t ssrc);

  // In the turn. `buffer` has rtp::SrtpStream::kTrailerBytesMax more room than `bytes`.
  bool protect(Kind kind, std::span<std::byte> buffer, size_t& bytes) noexcept;
  Opened open(Kind kind, std::span<std::byte> packet, size_t& bytes) noexcept;
  // Returns the source that it takes the place of.
  std::unique_ptr<SrtpSource> add(std::unique_ptr<SrtpSource> source) noexcept;

 private:
  static constexpr size_t kSources = 3;  // the far end's present one and those before it
  explicit LegSecurity(rtp::SrtpStream sender) : sender_(std::move(sender)) {}

  rtp::SrtpStream sender_;
  std::array<std::unique_ptr<SrtpSource>, kSources> sources_;
  size_t next_ = 0;
};

}  // namespace sotto::media
