#pragma once

#include <array>
#include <cstddef>

#include <openssl/sha.h>

#include "base/bytes.h"

namespace sotto::crypto {

// HMAC with SHA-1, RFC 2104, by a key of at most 64 bytes. Allocates nothing and cannot fail: fit for a media
// turn. The interface that OpenSSL 3.0 recommends takes memory for each digest; this is the older one below
// it.
class HmacSha1 {
 public:
  static constexpr size_t kBytes = 20;
  static constexpr size_t kKeyBytesMax = 64;
  using Code = std::array<std::byte, kBytes>;

  explicit HmacSha1(base::ByteView key);

  // Of the two parts as if they were one.
  Code code_of(base::ByteView first, base::ByteView second) const noexcept;

 private:
  SHA_CTX inner_;  // both have taken in the key already
  SHA_CTX outer_;
};

}  // namespace sotto::crypto
