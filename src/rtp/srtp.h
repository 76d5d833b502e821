#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

struct srtp_ctx_t_;

// Secure RTP, RFC 3711 and 7714, by libsrtp. Keys come from SDES (RFC 4568) or a DTLS handshake (RFC 5764).
namespace sotto::rtp {

enum class SrtpSuite : uint8_t { Aes128CmSha1_80, Aes128CmSha1_32, Aead128Gcm, Aead256Gcm };

// As in a=crypto.
std::string_view to_string(SrtpSuite suite);
std::optional<SrtpSuite> parse_srtp_suite(std::string_view name);

// Master key and salt together.
struct SrtpKey {
  static constexpr size_t kBytesMax = 44;
  SrtpSuite suite = SrtpSuite::Aead128Gcm;
  std::array<std::byte, kBytesMax> bytes{};
  bool operator==(const SrtpKey&) const = default;
};
size_t srtp_key_bytes(SrtpSuite suite);  // those of `bytes` that count

// "inline:" with base64, as in a=crypto. Unsupported where it asks for a master key index.
Result<SrtpKey> parse_inline_key(SrtpSuite suite, std::string_view text);
std::string make_inline_key(const SrtpKey& key);

// From what the handshake exports under "EXTRACTOR-dtls_srtp": twice the key, then twice the salt, the
// client's first.
struct DtlsKeys {
  SrtpKey client;
  SrtpKey server;
};
Result<DtlsKeys> split_dtls_keys(SrtpSuite suite, std::span<const std::byte> material);

// One direction of one source. Made off the media thread, for it allocates; protect and unprotect are fit for
// a turn. After a change of keys or source there is a new one.
class SrtpStream {
 public:
  static constexpr size_t kTrailerBytesMax = 32;  // what protect() may add
  enum class Outcome : uint8_t { Done, WrongSource, Replayed, Forged };

  static Result<SrtpStream> create(const SrtpKey& key, uint32_t ssrc);
  SrtpStream(SrtpStream&&) noexcept = default;
  SrtpStream& operator=(SrtpStream&&) noexcept = default;

  // In place. `bytes` is the packet's length before and after; `buffer` has kTrailerBytesMax more room than
  // that.
  Outcome protect_rtp(std::span<std::byte> buffer, size_t& bytes) noexcept;
  Outcome protect_rtcp(std::span<std::byte> buffer, size_t& bytes) noexcept;
  Outcome unprotect_rtp(std::span<std::byte> packet, size_t& bytes) noexcept;
  Outcome unprotect_rtcp(std::span<std::byte> packet, size_t& bytes) noexcept;

 private:
  struct Free {
    void operator()(srtp_ctx_t_* context) const noexcept;
  };
  using Context = std::unique_ptr<srtp_ctx_t_, Free>;
  explicit SrtpStream(Context context) : context_(std::move(context)) {}

  Context context_;
};

}  // namespace sotto::rtp
