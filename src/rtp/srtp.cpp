#include "rtp/srtp.h"

#include <algorithm>

#include "base/bytes.h"
#include "crypto/base64.h"

namespace sotto::rtp {
namespace {

struct SuiteRow {
  SrtpSuite suite;
  std::string_view name;
  SrtpLengths lengths;
};

// RFC 4568 §6.2: the short tag is RTP's alone.
constexpr SuiteRow kSuites[] = {
    {SrtpSuite::Aead128Gcm,
     "AEAD_AES_128_GCM",
     {.key = 16, .salt = 12, .rtp_tag = 16, .rtcp_tag = 16, .gcm = true}},
    {SrtpSuite::Aead256Gcm,
     "AEAD_AES_256_GCM",
     {.key = 32, .salt = 12, .rtp_tag = 16, .rtcp_tag = 16, .gcm = true}},
    {SrtpSuite::Aes128CmSha1_80,
     "AES_CM_128_HMAC_SHA1_80",
     {.key = 16, .salt = 14, .rtp_tag = 10, .rtcp_tag = 10}},
    {SrtpSuite::Aes128CmSha1_32,
     "AES_CM_128_HMAC_SHA1_32",
     {.key = 16, .salt = 14, .rtp_tag = 4, .rtcp_tag = 10}},
};

const SuiteRow& row_of(SrtpSuite suite) {
  return *std::ranges::find(kSuites, suite, &SuiteRow::suite);
}

}  // namespace

std::string_view to_string(SrtpSuite suite) {
  return row_of(suite).name;
}

std::optional<SrtpSuite> parse_srtp_suite(std::string_view name) {
  const auto* row = std::ranges::find(kSuites, name, &SuiteRow::name);
  if (row == std::end(kSuites)) return std::nullopt;
  return row->suite;
}

SrtpLengths srtp_lengths(SrtpSuite suite) {
  return row_of(suite).lengths;
}

size_t srtp_key_bytes(SrtpSuite suite) {
  const SrtpLengths& lengths = row_of(suite).lengths;
  return lengths.key + lengths.salt;
}

Result<SrtpKey> parse_inline_key(SrtpSuite suite, std::string_view text) {
  constexpr std::string_view kInline = "inline:";
  if (!text.starts_with(kInline)) return fail(ErrorCode::Invalid, "srtp: key is not inline");
  text.remove_prefix(kInline.size());
  const size_t bar = std::min(text.find('|'), text.size());
  if (text.substr(bar).find(':') != std::string_view::npos) {
    return fail(ErrorCode::Unsupported, "srtp: master key index");
  }
  const auto bytes = crypto::base64_decode(text.substr(0, bar));
  if (!bytes || bytes->size() != srtp_key_bytes(suite)) return fail(ErrorCode::Invalid, "srtp: key's length");
  SrtpKey key{.suite = suite};
  std::ranges::copy(base::as_bytes(*bytes), key.bytes.begin());
  return key;
}

std::string make_inline_key(const SrtpKey& key) {
  const std::span<const std::byte> used = std::span(key.bytes).first(srtp_key_bytes(key.suite));
  return "inline:" + crypto::base64_encode(base::as_text(used));
}

Result<DtlsKeys> split_dtls_keys(SrtpSuite suite, std::span<const std::byte> material) {
  const SrtpLengths& row = row_of(suite).lengths;
  if (material.size() != 2 * (row.key + row.salt)) {
    return fail(ErrorCode::Invalid, "srtp: length of exported keys");
  }
  const auto salts = material.subspan(2 * row.key);
  DtlsKeys keys{.client = {.suite = suite}, .server = {.suite = suite}};
  const auto join = [&](size_t side, SrtpKey& key) {
    const auto end = std::ranges::copy(material.subspan(side * row.key, row.key), key.bytes.begin()).out;
    std::ranges::copy(salts.subspan(side * row.salt, row.salt), end);
  };
  join(0, keys.client);
  join(1, keys.server);
  return keys;
}

}  // namespace sotto::rtp
