#include "rtp/srtp_transform.h"

#include <algorithm>

#include "crypto/digest.h"

namespace sotto::rtp {
namespace {

constexpr size_t kHmacKeyBytes = 20;
constexpr size_t kMasterSaltBytes = 14;  // GCM's is shorter and filled up with zeros, RFC 7714 §11
constexpr size_t kLabelAt = 7;
// RFC 3711 §4.3.2; RTCP's are three higher.
constexpr uint8_t kLabelKey = 0;
constexpr uint8_t kLabelCode = 1;
constexpr uint8_t kLabelSalt = 2;
constexpr uint8_t kLabelsOfRtcp = 3;

using MasterSalt = std::array<std::byte, kMasterSaltBytes>;

// RFC 3711 §4.3.3, with a key derivation rate of zero.
void derive(crypto::AesCounter& generator, const MasterSalt& salt, uint8_t label, std::span<std::byte> out) {
  crypto::AesCounter::Iv iv{};
  std::ranges::copy(salt, iv.begin());
  iv[kLabelAt] ^= std::byte{label};
  std::ranges::fill(out, std::byte{0});
  generator.apply(iv, out);
}

// RFC 3711 §4.1.1 and RFC 7714 §8.1: the salt with the source and the packet's index laid over it.
template <size_t kBytes>
std::array<std::byte, kBytes> iv_of(const std::array<std::byte, kBytes>& salt, size_t ssrc_at, uint32_t ssrc,
                                    uint64_t index) {
  std::array<std::byte, kBytes> laid{};
  base::ByteWriter writer(std::span<std::byte>(laid).subspan(ssrc_at));
  writer.u32(ssrc);
  writer.u16(static_cast<uint16_t>(index >> 32));
  writer.u32(static_cast<uint32_t>(index));
  for (size_t i = 0; i < kBytes; ++i) laid[i] ^= salt[i];
  return laid;
}
constexpr size_t kCounterSsrcAt = 4;
constexpr size_t kGcmSsrcAt = 2;

}  // namespace

Result<SrtpTransform> SrtpTransform::create(const SrtpKey& master, For what) {
  const SrtpLengths lengths = srtp_lengths(master.suite);
  const base::ByteView bytes = master.bytes;
  auto generator = crypto::AesCounter::create(bytes.first(lengths.key));
  if (!generator) return fail(generator.error());
  MasterSalt salt{};
  std::ranges::copy(bytes.subspan(lengths.key, lengths.salt), salt.begin());
  const uint8_t labels = what == For::Rtp ? 0 : kLabelsOfRtcp;
  std::array<std::byte, SrtpKey::kBytesMax> key{};
  const auto session_key = std::span(key).first(lengths.key);
  derive(*generator, salt, kLabelKey + labels, session_key);
  std::array<std::byte, kMasterSaltBytes> session_salt{};
  derive(*generator, salt, kLabelSalt + labels, std::span(session_salt).first(lengths.salt));
  if (lengths.gcm) return of_session_keys(session_key, std::span(session_salt).first(lengths.salt));
  std::array<std::byte, kHmacKeyBytes> hmac_key{};
  derive(*generator, salt, kLabelCode + labels, hmac_key);
  auto cipher = crypto::AesCounter::create(session_key);
  if (!cipher) return fail(cipher.error());
  Counter counter{.cipher = std::move(*cipher), .hmac = crypto::HmacSha1(hmac_key)};
  std::ranges::copy(session_salt, counter.salt.begin());
  return SrtpTransform(std::move(counter), what == For::Rtp ? lengths.rtp_tag : lengths.rtcp_tag);
}

Result<SrtpTransform> SrtpTransform::of_session_keys(base::ByteView key, base::ByteView salt) {
  auto cipher = crypto::AesGcm::create(key);
  if (!cipher) return fail(cipher.error());
  Gcm gcm{.cipher = std::move(*cipher)};
  std::ranges::copy(salt.first(gcm.salt.size()), gcm.salt.begin());
  return SrtpTransform(std::move(gcm), crypto::AesGcm::kTagBytes);
}

void SrtpTransform::protect(const Packet& packet, std::span<std::byte> tag) noexcept {
  const auto readable = packet.bytes.first(packet.readable);
  const auto body = packet.bytes.subspan(packet.readable);
  if (auto* const gcm = std::get_if<Gcm>(&cipher_)) {
    const auto iv = iv_of(gcm->salt, kGcmSsrcAt, packet.ssrc, packet.index);
    return gcm->cipher.seal(iv, {.first = readable, .second = packet.appendix}, body,
                            tag.first<crypto::AesGcm::kTagBytes>());
  }
  auto& counter = *std::get_if<Counter>(&cipher_);
  counter.cipher.apply(iv_of(counter.salt, kCounterSsrcAt, packet.ssrc, packet.index), body);
  const auto code = counter.hmac.code_of(packet.bytes, packet.appendix);
  std::copy_n(code.begin(), tag_bytes_, tag.begin());
}

bool SrtpTransform::unprotect(const Packet& packet, base::ByteView tag) noexcept {
  const auto readable = packet.bytes.first(packet.readable);
  const auto body = packet.bytes.subspan(packet.readable);
  if (auto* const gcm = std::get_if<Gcm>(&cipher_)) {
    const auto iv = iv_of(gcm->salt, kGcmSsrcAt, packet.ssrc, packet.index);
    return gcm->cipher.open(iv, {.first = readable, .second = packet.appendix}, body,
                            tag.first<crypto::AesGcm::kTagBytes>());
  }
  auto& counter = *std::get_if<Counter>(&cipher_);
  const auto code = counter.hmac.code_of(packet.bytes, packet.appendix);
  const auto expected = base::ByteView(code).first(tag_bytes_);
  if (!crypto::equal_in_constant_time(base::as_text(expected), base::as_text(tag))) return false;
  counter.cipher.apply(iv_of(counter.salt, kCounterSsrcAt, packet.ssrc, packet.index), body);
  return true;
}

}  // namespace sotto::rtp
