#include "crypto/jwt.h"

#include <optional>

#include "base/check.h"
#include "crypto/base64.h"
#include "crypto/digest.h"

namespace sotto::crypto {
namespace {

constexpr size_t kTokenBytesMax = 16 * 1024;

struct Parts {
  std::string_view signed_text;  // header '.' claims, as sent
  std::string header;
  std::string claims;
  std::string signature;
};

// Reads the flat JSON objects that JOSE headers are. Nested values are refused: none of our tokens has one,
// and the header is attacker-controlled text read before the signature is checked.
class HeaderReader {
 public:
  explicit HeaderReader(std::string_view text) : rest_(text) {}

  // Nothing when the text is no flat JSON object, has "crit", or names a member twice that matters.
  std::optional<std::string> algorithm() {
    std::optional<std::string> found;
    if (!take('{')) return std::nullopt;
    if (take('}')) return std::nullopt;
    do {
      const auto name = string();
      if (!name || !take(':')) return std::nullopt;
      skip_space();
      const bool is_text = !rest_.empty() && rest_.front() == '"';
      const auto value = is_text ? string() : literal();
      if (!value || *name == "crit") return std::nullopt;
      if (*name != "alg") continue;
      if (found || !is_text) return std::nullopt;
      found = value;
    } while (take(','));
    if (!take('}')) return std::nullopt;
    skip_space();
    return rest_.empty() ? found : std::nullopt;
  }

 private:
  void skip_space() {
    while (!rest_.empty() && std::string_view(" \t\r\n").find(rest_.front()) != std::string_view::npos) {
      rest_.remove_prefix(1);
    }
  }

  bool take(char expected) {
    skip_space();
    if (rest_.empty() || rest_.front() != expected) return false;
    rest_.remove_prefix(1);
    return true;
  }

  // Escapes other than \" and \\ and \/ are refused: "alg" and "crit" must not hide behind \u0061lg.
  std::optional<std::string> string() {
    if (!take('"')) return std::nullopt;
    std::string out;
    while (!rest_.empty()) {
      char c = rest_.front();
      rest_.remove_prefix(1);
      if (c == '"') return out;
      if (static_cast<unsigned char>(c) < 0x20) return std::nullopt;
      if (c == '\\') {
        if (rest_.empty()) return std::nullopt;
        c = rest_.front();
        if (c != '"' && c != '\\' && c != '/') return std::nullopt;
        rest_.remove_prefix(1);
      }
      out += c;
    }
    return std::nullopt;
  }

  std::optional<std::string> literal() {
    const size_t end = rest_.find_first_not_of("truefalsn0123456789+-.E");
    if (end == 0 || end == std::string_view::npos) return std::nullopt;
    std::string out(rest_.substr(0, end));
    rest_.remove_prefix(end);
    return out;
  }

  std::string_view rest_;
};

Result<Parts> split(std::string_view token) {
  if (token.size() > kTokenBytesMax) return fail(ErrorCode::TooLarge, "token: over 16 KiB");
  const size_t first = token.find('.');
  const size_t second = first == std::string_view::npos ? first : token.find('.', first + 1);
  if (second == std::string_view::npos || token.find('.', second + 1) != std::string_view::npos) {
    return fail(ErrorCode::Invalid, "token: must have three parts");
  }
  auto header = base64url_decode(token.substr(0, first));
  auto claims = base64url_decode(token.substr(first + 1, second - first - 1));
  auto signature = base64url_decode(token.substr(second + 1));
  if (!header || !claims || !signature) return fail(ErrorCode::Invalid, "token: a part is not base64url");
  return Parts{token.substr(0, second), std::move(*header), std::move(*claims), std::move(*signature)};
}

Result<Parts> split_pinned(std::string_view token, std::string_view algorithm) {
  auto parts = split(token);
  if (!parts) return parts;
  const auto named = HeaderReader(parts->header).algorithm();
  if (!named)
    return fail(ErrorCode::Unauthorized,
                "token: header names no algorithm or has members that are not understood");
  if (*named != algorithm) {
    return fail(ErrorCode::Unauthorized, "token: must be signed with " + std::string(algorithm));
  }
  return parts;
}

std::string signing_text(std::string_view header, std::string_view claims) {
  return base64url_encode(header) + "." + base64url_encode(claims);
}

}  // namespace

Result<UnverifiedJwt> read_unverified_jwt(std::string_view token) {
  auto parts = split(token);
  if (!parts) return fail(parts.error());
  return UnverifiedJwt{std::move(parts->header), std::move(parts->claims)};
}

Result<std::string> verify_jwt_rs256(std::string_view token, const PublicKey& key) {
  auto parts = split_pinned(token, "RS256");
  if (!parts) return fail(parts.error());
  if (!key.verify_rs256(parts->signed_text, parts->signature)) {
    return fail(ErrorCode::Unauthorized, "token: the signature does not match");
  }
  return std::move(parts->claims);
}

Result<std::string> verify_jwt_hs256(std::string_view token, std::string_view secret) {
  auto parts = split_pinned(token, "HS256");
  if (!parts) return fail(parts.error());
  // An account without a secret must not be open to anyone who signs with nothing.
  if (secret.empty()) return fail(ErrorCode::Unauthorized, "token: no secret is configured");
  if (!equal_in_constant_time(hmac(Digest::Sha256, secret, parts->signed_text), parts->signature)) {
    return fail(ErrorCode::Unauthorized, "token: the signature does not match");
  }
  return std::move(parts->claims);
}

std::string sign_jwt_rs256(std::string_view claims, const PrivateKey& key) {
  const std::string text = signing_text(R"({"alg":"RS256","typ":"JWT"})", claims);
  return text + "." + base64url_encode(key.sign_rs256(text));
}

std::string sign_jwt_hs256(std::string_view claims, std::string_view secret, std::string_view header) {
  CHECK(HeaderReader(header).algorithm() == "HS256");
  const std::string text = signing_text(header, claims);
  return text + "." + base64url_encode(hmac(Digest::Sha256, secret, text));
}

}  // namespace sotto::crypto
