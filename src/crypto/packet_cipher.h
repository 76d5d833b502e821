#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <span>

#include "base/bytes.h"
#include "base/result.h"

struct evp_cipher_ctx_st;

// Ciphers for packets of sound. Made off the media thread, for that allocates; using one does not and cannot
// fail, so it is fit for a media turn. Each serves one thread.
namespace sotto::crypto {

struct FreeCipherContext {
  void operator()(evp_cipher_ctx_st* context) const noexcept;
};
using CipherContext = std::unique_ptr<evp_cipher_ctx_st, FreeCipherContext>;

// AES in counter mode, by a key of 128 or 256 bits.
class AesCounter {
 public:
  using Iv = std::array<std::byte, 16>;
  static Result<AesCounter> create(base::ByteView key);

  // Enciphers or deciphers in place.
  void apply(const Iv& iv, std::span<std::byte> bytes) noexcept;

 private:
  explicit AesCounter(CipherContext context) : context_(std::move(context)) {}
  CipherContext context_;
};

// AES in Galois counter mode with tags of 128 bits. What goes along in the clear comes in two parts.
class AesGcm {
 public:
  static constexpr size_t kTagBytes = 16;
  using Iv = std::array<std::byte, 12>;
  struct Clear {
    base::ByteView first;
    base::ByteView second;
  };
  static Result<AesGcm> create(base::ByteView key);

  // In place. `tag` does not overlap `bytes`.
  void seal(const Iv& iv, const Clear& clear, std::span<std::byte> bytes,
            std::span<std::byte, kTagBytes> tag) noexcept;
  // False where the tag is another; `bytes` are then worth nothing.
  bool open(const Iv& iv, const Clear& clear, std::span<std::byte> bytes,
            std::span<const std::byte, kTagBytes> tag) noexcept;

 private:
  AesGcm(CipherContext sealing, CipherContext opening)
      : sealing_(std::move(sealing)), opening_(std::move(opening)) {}
  CipherContext sealing_;
  CipherContext opening_;
};

}  // namespace sotto::crypto
