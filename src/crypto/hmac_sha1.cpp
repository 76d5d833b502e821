#define OPENSSL_SUPPRESS_DEPRECATED
#include "crypto/hmac_sha1.h"

#include "base/check.h"

namespace sotto::crypto {
namespace {

SHA_CTX begun_with(base::ByteView key, std::byte pad) {
  std::array<std::byte, HmacSha1::kKeyBytesMax> block{};
  block.fill(pad);
  for (size_t i = 0; i < key.size(); ++i) block[i] ^= key[i];
  SHA_CTX context;
  SHA1_Init(&context);
  SHA1_Update(&context, block.data(), block.size());
  return context;
}

HmacSha1::Code finished(SHA_CTX& context) {
  HmacSha1::Code code{};
  SHA1_Final(reinterpret_cast<unsigned char*>(code.data()), &context);
  return code;
}

}  // namespace

HmacSha1::HmacSha1(base::ByteView key) {
  CHECK(key.size() <= kKeyBytesMax);
  inner_ = begun_with(key, std::byte{0x36});
  outer_ = begun_with(key, std::byte{0x5C});
}

HmacSha1::Code HmacSha1::code_of(base::ByteView first, base::ByteView second) const noexcept {
  SHA_CTX inner = inner_;
  SHA1_Update(&inner, first.data(), first.size());
  SHA1_Update(&inner, second.data(), second.size());
  const Code within = finished(inner);
  SHA_CTX outer = outer_;
  SHA1_Update(&outer, within.data(), within.size());
  return finished(outer);
}

}  // namespace sotto::crypto
