#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

// Secure RTP's suites and master keys, RFC 3711 and 7714. Keys come from SDES (RFC 4568) or a DTLS handshake
// (RFC 5764).
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

// In bytes.
struct SrtpLengths {
  size_t key = 0;
  size_t salt = 0;
  size_t rtp_tag = 0;
  size_t rtcp_tag = 0;
  bool gcm = false;
};
SrtpLengths srtp_lengths(SrtpSuite suite);

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

}  // namespace sotto::rtp
