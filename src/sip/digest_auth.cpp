#include "sip/digest_auth.h"

#include <algorithm>
#include <cstdio>

#include "crypto/digest.h"
#include "sip/scan.h"

namespace sotto::sip {
namespace {

std::string hash(DigestAlgorithm algorithm, const std::string& text) {
  return crypto::digest_hex(algorithm == DigestAlgorithm::Md5 ? crypto::Digest::Md5 : crypto::Digest::Sha256,
                            text);
}

std::string join(std::initializer_list<std::string_view> parts) {
  std::string out;
  for (const std::string_view part : parts) {
    if (!out.empty()) out += ':';
    out += part;
  }
  return out;
}

std::string* field_named(DigestFields& fields, std::string_view name) {
  const std::pair<std::string_view, std::string*> kFields[] = {
      {"realm", &fields.realm},   {"nonce", &fields.nonce},       {"opaque", &fields.opaque},
      {"qop", &fields.qop},       {"username", &fields.user},     {"uri", &fields.uri},
      {"cnonce", &fields.cnonce}, {"response", &fields.response}, {"nc", &fields.nonce_count},
  };
  for (const auto& [key, target] : kFields) {
    if (iequals(key, name)) return target;
  }
  return nullptr;
}

bool set_algorithm(std::string_view text, DigestFields& fields) {
  fields.algorithm = iequals(text, "SHA-256") ? DigestAlgorithm::Sha256 : DigestAlgorithm::Md5;
  return iequals(text, "SHA-256") || iequals(text, "MD5");
}

// What we could not say again: quote() leaves these out.
bool has_control(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7f;
  });
}

}  // namespace

std::string_view to_string(DigestAlgorithm algorithm) {
  return algorithm == DigestAlgorithm::Md5 ? "MD5" : "SHA-256";
}

std::string ha1(DigestAlgorithm algorithm, std::string_view user, std::string_view realm,
                std::string_view password) {
  return hash(algorithm, join({user, realm, password}));
}

Result<DigestFields> parse_digest(std::string_view value) {
  Scanner scanner(value);
  if (!iequals(scanner.take_token(), "Digest") || !is_space(scanner.peek())) {
    return fail(ErrorCode::Unsupported, "auth: not Digest");
  }
  scanner.skip_spaces();
  DigestFields fields;
  do {
    const std::string_view name = scanner.take_token();
    if (name.empty() || !scanner.take_separator('=')) return fail(ErrorCode::Invalid, "auth: bad parameter");
    std::string_view raw = scanner.peek() == '"' ? scanner.take_quoted() : scanner.take_until(", \t");
    if (raw.empty() || has_control(raw)) return fail(ErrorCode::Invalid, "auth: bad value");
    if (iequals(name, "algorithm") && !set_algorithm(unquote(raw), fields)) {
      return fail(ErrorCode::Unsupported, "auth: unknown algorithm");
    }
    if (iequals(name, "stale")) fields.stale = iequals(unquote(raw), "true");
    if (std::string* target = field_named(fields, name)) *target = unquote(raw);
  } while (scanner.next_item());
  if (scanner.failed()) return fail(ErrorCode::Invalid, "auth: text after a value");
  return fields;
}

std::string digest_response(const DigestFields& fields, std::string_view ha1_text, std::string_view method) {
  const std::string ha2 = hash(fields.algorithm, join({method, fields.uri}));
  if (fields.qop.empty()) return hash(fields.algorithm, join({ha1_text, fields.nonce, ha2}));
  return hash(fields.algorithm,
              join({ha1_text, fields.nonce, fields.nonce_count, fields.cnonce, fields.qop, ha2}));
}

std::optional<DigestFields> choose_challenge(const Message& response) {
  const HeaderName wanted =
      response.status == 407 ? HeaderName::ProxyAuthenticate : HeaderName::WwwAuthenticate;
  std::optional<DigestFields> best;
  for (const Header& header : response.headers) {
    if (header.name != wanted) continue;
    auto fields = parse_digest(header.value);
    if (!fields || fields->nonce.empty() || (!fields->qop.empty() && !list_has(fields->qop, "auth")))
      continue;
    if (!best || fields->algorithm > best->algorithm) best = std::move(*fields);
  }
  return best;
}

std::string make_credentials(const DigestFields& challenge, std::string_view user, std::string_view password,
                             std::string_view method, std::string_view uri, std::string_view cnonce,
                             uint32_t count) {
  DigestFields fields = challenge;
  fields.user = user;
  fields.uri = uri;
  fields.qop = challenge.qop.empty() ? "" : "auth";
  fields.cnonce = cnonce;
  char counted[9];
  std::snprintf(counted, sizeof(counted), "%08x", count);
  fields.nonce_count = counted;
  const std::string key = ha1(fields.algorithm, user, fields.realm, password);
  std::string out = "Digest username=" + quote(user) + ", realm=" + quote(fields.realm) +
                    ", nonce=" + quote(fields.nonce) + ", uri=" + quote(uri) + ", response=\"" +
                    digest_response(fields, key, method) +
                    "\", algorithm=" + std::string(to_string(fields.algorithm));
  if (!fields.opaque.empty()) out += ", opaque=" + quote(fields.opaque);
  if (!fields.qop.empty()) out += ", qop=auth, nc=" + fields.nonce_count + ", cnonce=" + quote(cnonce);
  return out;
}

}  // namespace sotto::sip
