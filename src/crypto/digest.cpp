#include "crypto/digest.h"

#include <array>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/check.h"

namespace sotto::crypto {
namespace {

struct DigestRow {
  const char* name;
  size_t size;
};

constexpr std::array<DigestRow, 5> kDigests = {
    {{"MD5", 16}, {"SHA1", 20}, {"SHA2-256", 32}, {"SHA2-512", 64}, {"SHA2-512/256", 32}}};

const DigestRow& row(Digest digest) {
  const auto index = static_cast<size_t>(digest);
  CHECK(index < kDigests.size());
  return kDigests[index];
}

// Fetching an algorithm costs more than hashing a short text, so each is fetched once and kept.
const EVP_MD* algorithm(Digest digest) {
  static const std::array<const EVP_MD*, kDigests.size()> fetched = [] {
    std::array<const EVP_MD*, kDigests.size()> all{};
    for (size_t i = 0; i < all.size(); ++i) all[i] = EVP_MD_fetch(nullptr, kDigests[i].name, nullptr);
    return all;
  }();
  const EVP_MD* found = fetched[static_cast<size_t>(digest)];
  CHECK(found != nullptr);
  return found;
}

constexpr char kHex[] = "0123456789abcdef";

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

size_t digest_size(Digest digest) {
  return row(digest).size;
}

std::string digest_of(Digest digest, std::string_view data) {
  std::string out(row(digest).size, '\0');
  unsigned int written = 0;
  const int done = EVP_Digest(data.data(), data.size(), reinterpret_cast<unsigned char*>(out.data()),
                              &written, algorithm(digest), nullptr);
  CHECK(done == 1 && written == out.size());
  return out;
}

std::string digest_hex(Digest digest, std::string_view data) {
  return to_hex(digest_of(digest, data));
}

std::string hmac(Digest digest, std::string_view key, std::string_view data) {
  std::string out(row(digest).size, '\0');
  unsigned int written = 0;
  // OpenSSL takes a null key for "the key of last time"; an empty secret is a legal key.
  const char* key_bytes = key.empty() ? "" : key.data();
  const unsigned char* done = HMAC(algorithm(digest), key_bytes, static_cast<int>(key.size()),
                                   reinterpret_cast<const unsigned char*>(data.data()), data.size(),
                                   reinterpret_cast<unsigned char*>(out.data()), &written);
  CHECK(done != nullptr && written == out.size());
  return out;
}

std::string to_hex(std::string_view bytes) {
  std::string out;
  out.reserve(bytes.size() * 2);
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    out += kHex[byte >> 4];
    out += kHex[byte & 15];
  }
  return out;
}

std::optional<std::string> from_hex(std::string_view hex) {
  if (hex.size() % 2 != 0) return std::nullopt;
  std::string out;
  out.reserve(hex.size() / 2);
  for (size_t i = 0; i < hex.size(); i += 2) {
    const int high = hex_value(hex[i]);
    const int low = hex_value(hex[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    out += static_cast<char>(high << 4 | low);
  }
  return out;
}

bool equal_in_constant_time(std::string_view left, std::string_view right) {
  if (left.size() != right.size()) return false;
  return CRYPTO_memcmp(left.data(), right.data(), left.size()) == 0;
}

}  // namespace sotto::crypto
