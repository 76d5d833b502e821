#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "crypto/keys.h"

// JSON web tokens (RFC 7519) in compact form, RS256 and HS256. Claims go in and come out as JSON text; their
// meaning (expiry, issuer) is the caller's to check: text/claims.h. The algorithm is fixed by the function
// called, never by the token: an HS256 token keyed with a public PEM is refused.
namespace sotto::crypto {

// What the token says of itself before anyone has checked it: only for finding the key to check it with.
struct UnverifiedJwt {
  std::string header;  // JSON text
  std::string claims;  // JSON text
};

Result<UnverifiedJwt> read_unverified_jwt(std::string_view token);

// The claims' JSON text. Unauthorized unless the header names the algorithm, has no "crit", and the signature
// is right.
Result<std::string> verify_jwt_rs256(std::string_view token, const PublicKey& key);
Result<std::string> verify_jwt_hs256(std::string_view token, std::string_view secret);

// `header` replaces the usual {"alg":…,"typ":"JWT"} for tokens that carry more members; it must name the same
// algorithm.
std::string sign_jwt_rs256(std::string_view claims, const PrivateKey& key);
std::string sign_jwt_hs256(std::string_view claims, std::string_view secret,
                           std::string_view header = R"({"alg":"HS256","typ":"JWT"})");

}  // namespace sotto::crypto
