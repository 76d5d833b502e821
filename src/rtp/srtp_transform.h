#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <variant>

#include "crypto/hmac_sha1.h"
#include "crypto/packet_cipher.h"
#include "rtp/srtp.h"

namespace sotto::rtp {

// What a suite does to one packet, by the session keys of one direction for RTP or for RTCP: RFC 3711 §4 and
// RFC 7714. Made off the media thread, for it allocates; its use is fit for a turn.
class SrtpTransform {
 public:
  enum class For : uint8_t { Rtp, Rtcp };
  static Result<SrtpTransform> create(const SrtpKey& master, For what);
  // RFC 7714's tests begin with session keys.
  static Result<SrtpTransform> of_session_keys(base::ByteView key, base::ByteView salt);

  struct Packet {
    std::span<std::byte> bytes;  // what stays readable, then the body
    size_t readable = 0;
    base::ByteView appendix;  // is authenticated as well: RTP's roll-over count, RTCP's index
    uint32_t ssrc = 0;
    uint64_t index = 0;  // 48 bits
  };
  bool is_gcm() const noexcept { return std::holds_alternative<Gcm>(cipher_); }
  size_t tag_bytes() const noexcept { return tag_bytes_; }
  // In place; `tag` is tag_bytes() long and no part of the packet.
  void protect(const Packet& packet, std::span<std::byte> tag) noexcept;
  // False for a forged one, whose body is then worth nothing.
  bool unprotect(const Packet& packet, base::ByteView tag) noexcept;

 private:
  struct Counter {
    crypto::AesCounter cipher;
    crypto::HmacSha1 hmac;
    crypto::AesCounter::Iv salt{};
  };
  struct Gcm {
    crypto::AesGcm cipher;
    crypto::AesGcm::Iv salt{};
  };
  SrtpTransform(std::variant<Counter, Gcm> cipher, size_t tag_bytes)
      : cipher_(std::move(cipher)), tag_bytes_(tag_bytes) {}

  std::variant<Counter, Gcm> cipher_;
  size_t tag_bytes_;
};

}  // namespace sotto::rtp
