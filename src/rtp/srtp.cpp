#include "rtp/srtp.h"

#include <algorithm>

#include <srtp2/srtp.h>

#include "base/bytes.h"
#include "crypto/base64.h"

namespace sotto::rtp {
namespace {

struct SuiteRow {
  SrtpSuite suite;
  std::string_view name;
  size_t key_bytes;
  size_t salt_bytes;
  void (*set_rtp)(srtp_crypto_policy_t*);
  void (*set_rtcp)(srtp_crypto_policy_t*);
};

// RFC 4568 §6.2: the short tag is RTP's alone.
constexpr SuiteRow kSuites[] = {
    {SrtpSuite::Aead128Gcm, "AEAD_AES_128_GCM", 16, 12, srtp_crypto_policy_set_aes_gcm_128_16_auth,
     srtp_crypto_policy_set_aes_gcm_128_16_auth},
    {SrtpSuite::Aead256Gcm, "AEAD_AES_256_GCM", 32, 12, srtp_crypto_policy_set_aes_gcm_256_16_auth,
     srtp_crypto_policy_set_aes_gcm_256_16_auth},
    {SrtpSuite::Aes128CmSha1_80, "AES_CM_128_HMAC_SHA1_80", 16, 14, srtp_crypto_policy_set_rtp_default,
     srtp_crypto_policy_set_rtcp_default},
    {SrtpSuite::Aes128CmSha1_32, "AES_CM_128_HMAC_SHA1_32", 16, 14,
     srtp_crypto_policy_set_aes_cm_128_hmac_sha1_32, srtp_crypto_policy_set_rtcp_default},
};

const SuiteRow& row_of(SrtpSuite suite) {
  return *std::ranges::find(kSuites, suite, &SuiteRow::suite);
}

constexpr unsigned long kReplayWindow = 1'024;
constexpr size_t kRtpBytesMin = 12;
constexpr size_t kRtcpBytesMin = 8;

SrtpStream::Outcome outcome_of(srtp_err_status_t status) {
  switch (status) {
    case srtp_err_status_ok: return SrtpStream::Outcome::Done;
    case srtp_err_status_no_ctx: return SrtpStream::Outcome::WrongSource;
    case srtp_err_status_replay_fail:
    case srtp_err_status_replay_old: return SrtpStream::Outcome::Replayed;
    default: return SrtpStream::Outcome::Forged;
  }
}

using Transform = srtp_err_status_t (*)(srtp_t, void*, int*);

SrtpStream::Outcome run(Transform transform, srtp_t context, std::span<std::byte> buffer, size_t& bytes,
                        size_t bytes_min, size_t room) {
  if (bytes < bytes_min || bytes + room > buffer.size()) return SrtpStream::Outcome::Forged;
  int length = static_cast<int>(bytes);
  const SrtpStream::Outcome outcome = outcome_of(transform(context, buffer.data(), &length));
  if (outcome == SrtpStream::Outcome::Done) bytes = static_cast<size_t>(length);
  return outcome;
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

size_t srtp_key_bytes(SrtpSuite suite) {
  return row_of(suite).key_bytes + row_of(suite).salt_bytes;
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
  const SuiteRow& row = row_of(suite);
  if (material.size() != 2 * (row.key_bytes + row.salt_bytes)) {
    return fail(ErrorCode::Invalid, "srtp: length of exported keys");
  }
  const auto salts = material.subspan(2 * row.key_bytes);
  DtlsKeys keys{.client = {.suite = suite}, .server = {.suite = suite}};
  const auto join = [&](size_t side, SrtpKey& key) {
    const auto end =
        std::ranges::copy(material.subspan(side * row.key_bytes, row.key_bytes), key.bytes.begin()).out;
    std::ranges::copy(salts.subspan(side * row.salt_bytes, row.salt_bytes), end);
  };
  join(0, keys.client);
  join(1, keys.server);
  return keys;
}

void SrtpStream::Free::operator()(srtp_ctx_t_* context) const noexcept {
  srtp_dealloc(context);
}

Result<SrtpStream> SrtpStream::create(const SrtpKey& key, uint32_t ssrc) {
  static const srtp_err_status_t ready = srtp_init();
  if (ready != srtp_err_status_ok) return fail(ErrorCode::Internal, "srtp: library does not start");
  const SuiteRow& row = row_of(key.suite);
  std::array<std::byte, SrtpKey::kBytesMax> bytes = key.bytes;
  srtp_policy_t policy{};
  row.set_rtp(&policy.rtp);
  row.set_rtcp(&policy.rtcp);
  policy.ssrc = {.type = ssrc_specific, .value = ssrc};
  policy.key = reinterpret_cast<unsigned char*>(bytes.data());
  policy.window_size = kReplayWindow;
  srtp_t context = nullptr;
  const srtp_err_status_t status = srtp_create(&context, &policy);
  if (status != srtp_err_status_ok) return fail(ErrorCode::Internal, "srtp: stream cannot be made");
  return SrtpStream(Context(context));
}

SrtpStream::Outcome SrtpStream::protect_rtp(std::span<std::byte> buffer, size_t& bytes) noexcept {
  return run(srtp_protect, context_.get(), buffer, bytes, kRtpBytesMin, kTrailerBytesMax);
}

SrtpStream::Outcome SrtpStream::protect_rtcp(std::span<std::byte> buffer, size_t& bytes) noexcept {
  return run(srtp_protect_rtcp, context_.get(), buffer, bytes, kRtcpBytesMin, kTrailerBytesMax);
}

SrtpStream::Outcome SrtpStream::unprotect_rtp(std::span<std::byte> packet, size_t& bytes) noexcept {
  return run(srtp_unprotect, context_.get(), packet, bytes, kRtpBytesMin, 0);
}

SrtpStream::Outcome SrtpStream::unprotect_rtcp(std::span<std::byte> packet, size_t& bytes) noexcept {
  return run(srtp_unprotect_rtcp, context_.get(), packet, bytes, kRtcpBytesMin, 0);
}

}  // namespace sotto::rtp
