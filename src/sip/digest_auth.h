#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "sip/message.h"

// HTTP digest in SIP (RFC 3261 §22, RFC 7616, RFC 8760): MD5 and SHA-256, qop=auth or none.
namespace sotto::sip {

enum class DigestAlgorithm : uint8_t { Md5, Sha256 };

std::string_view to_string(DigestAlgorithm algorithm);
// What is stored for a user: H(user:realm:password).
std::string ha1(DigestAlgorithm algorithm, std::string_view user, std::string_view realm,
                std::string_view password);

// One "Digest name=value, ..." header, either a challenge or credentials. Values without quotes.
struct DigestFields {
  std::string realm, nonce, opaque, qop, user, uri, response, cnonce, nonce_count;
  DigestAlgorithm algorithm = DigestAlgorithm::Md5;
  bool stale = false;
};

// Unsupported: another scheme or algorithm.
Result<DigestFields> parse_digest(std::string_view value);

// The `response` value for these fields.
std::string digest_response(const DigestFields& fields, std::string_view ha1, std::string_view method);

// The best challenge in a 401 or 407 that we can answer; nullopt if there is none.
std::optional<DigestFields> choose_challenge(const Message& response);
// The value of Authorization or Proxy-Authorization. `count` is how often this nonce has been used, from 1.
std::string make_credentials(const DigestFields& challenge, std::string_view user, std::string_view password,
                             std::string_view method, std::string_view uri, std::string_view cnonce,
                             uint32_t count);

}  // namespace sotto::sip
