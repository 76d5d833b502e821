#include "crypto/packet_cipher.h"

#include <algorithm>

#include <openssl/evp.h>

#include "base/check.h"

namespace sotto::crypto {
namespace {

constexpr size_t kAes128Bytes = 16;
constexpr size_t kAes256Bytes = 32;

enum class Mode : uint8_t { Counter, Gcm };
enum class Way : uint8_t { Encipher, Decipher };

const unsigned char* raw(base::ByteView bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}
unsigned char* writable(std::span<std::byte> bytes) {
  return reinterpret_cast<unsigned char*>(bytes.data());
}

// Each is fetched once and kept: to fetch costs more than to encipher.
const EVP_CIPHER* algorithm(Mode mode, size_t key_bytes) {
  static const std::array<const EVP_CIPHER*, 4> fetched = {
      EVP_CIPHER_fetch(nullptr, "AES-128-CTR", nullptr), EVP_CIPHER_fetch(nullptr, "AES-256-CTR", nullptr),
      EVP_CIPHER_fetch(nullptr, "AES-128-GCM", nullptr), EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr)};
  return fetched[(mode == Mode::Gcm ? 2 : 0) + (key_bytes == kAes256Bytes ? 1 : 0)];
}

Result<CipherContext> make_context(Mode mode, Way way, base::ByteView key) {
  if (key.size() != kAes128Bytes && key.size() != kAes256Bytes) {
    return fail(ErrorCode::Invalid, "AES: length of the key");
  }
  CipherContext context(EVP_CIPHER_CTX_new());
  const int enciphers = way == Way::Encipher ? 1 : 0;
  if (context == nullptr || EVP_CipherInit_ex2(context.get(), algorithm(mode, key.size()), raw(key), nullptr,
                                               enciphers, nullptr) != 1) {
    return fail(ErrorCode::Internal, "AES: no context");
  }
  return context;
}

// The library refuses only what we must not ask: each call's success is our own affair.
void start(EVP_CIPHER_CTX* context, base::ByteView iv, Way way) {
  CHECK(EVP_CipherInit_ex2(context, nullptr, nullptr, raw(iv), way == Way::Encipher ? 1 : 0, nullptr) == 1);
}

void take_clear(EVP_CIPHER_CTX* context, base::ByteView clear) {
  int written = 0;
  if (clear.empty()) return;
  CHECK(EVP_CipherUpdate(context, nullptr, &written, raw(clear), static_cast<int>(clear.size())) == 1);
}

void run(EVP_CIPHER_CTX* context, std::span<std::byte> bytes) {
  int written = 0;
  if (bytes.empty()) return;
  CHECK(EVP_CipherUpdate(context, writable(bytes), &written, raw(bytes), static_cast<int>(bytes.size())) ==
        1);
}

}  // namespace

void FreeCipherContext::operator()(evp_cipher_ctx_st* context) const noexcept {
  EVP_CIPHER_CTX_free(context);
}

// ---- counter mode

Result<AesCounter> AesCounter::create(base::ByteView key) {
  auto context = make_context(Mode::Counter, Way::Encipher, key);
  if (!context) return fail(context.error());
  return AesCounter(std::move(*context));
}

void AesCounter::apply(const Iv& iv, std::span<std::byte> bytes) noexcept {
  start(context_.get(), iv, Way::Encipher);
  run(context_.get(), bytes);
}

// ---- Galois counter mode

Result<AesGcm> AesGcm::create(base::ByteView key) {
  auto sealing = make_context(Mode::Gcm, Way::Encipher, key);
  auto opening = make_context(Mode::Gcm, Way::Decipher, key);
  if (!sealing) return fail(sealing.error());
  if (!opening) return fail(opening.error());
  return AesGcm(std::move(*sealing), std::move(*opening));
}

void AesGcm::seal(const Iv& iv, const Clear& clear, std::span<std::byte> bytes,
                  std::span<std::byte, kTagBytes> tag) noexcept {
  EVP_CIPHER_CTX* const context = sealing_.get();
  start(context, iv, Way::Encipher);
  take_clear(context, clear.first);
  take_clear(context, clear.second);
  run(context, bytes);
  std::array<unsigned char, kTagBytes> none{};
  int written = 0;
  CHECK(EVP_CipherFinal_ex(context, none.data(), &written) == 1);
  CHECK(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, kTagBytes, writable(tag)) == 1);
}

bool AesGcm::open(const Iv& iv, const Clear& clear, std::span<std::byte> bytes,
                  std::span<const std::byte, kTagBytes> tag) noexcept {
  EVP_CIPHER_CTX* const context = opening_.get();
  start(context, iv, Way::Decipher);
  take_clear(context, clear.first);
  take_clear(context, clear.second);
  run(context, bytes);
  std::array<unsigned char, kTagBytes> expected{};
  std::copy_n(raw(tag), kTagBytes, expected.begin());
  CHECK(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, kTagBytes, expected.data()) == 1);
  std::array<unsigned char, kTagBytes> none{};
  int written = 0;
  return EVP_CipherFinal_ex(context, none.data(), &written) == 1;
}

}  // namespace sotto::crypto
