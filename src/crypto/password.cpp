#include "crypto/password.h"

#include <array>
#include <charconv>
#include <optional>

#include <openssl/evp.h>

#include "base/check.h"
#include "crypto/base64.h"
#include "crypto/digest.h"

namespace sotto::crypto {
namespace {

constexpr std::string_view kScheme = "scrypt";
constexpr uint64_t kCost = 1u << 14;
constexpr uint64_t kBlockSize = 8;
constexpr size_t kSaltSize = 16;
constexpr size_t kHashSize = 32;
// What scrypt needs for kCost and kBlockSize is 16 MiB; stored texts that ask for more are not ours.
constexpr uint64_t kMemoryMax = 20u << 20;

std::optional<std::string> scrypt(std::string_view password, std::string_view salt, uint64_t cost) {
  std::string out(kHashSize, '\0');
  const int done =
      EVP_PBE_scrypt(password.empty() ? "" : password.data(), password.size(),
                     reinterpret_cast<const unsigned char*>(salt.data()), salt.size(), cost, kBlockSize, 1,
                     kMemoryMax, reinterpret_cast<unsigned char*>(out.data()), out.size());
  if (done != 1) return std::nullopt;
  return out;
}

std::string random_text(size_t size, base::Random& random) {
  std::string bytes(size, '\0');
  random.fill(std::as_writable_bytes(std::span(bytes.data(), bytes.size())));
  return bytes;
}

// Takes the part before the next '$' off `rest`.
std::string_view take_part(std::string_view& rest) {
  const size_t end = rest.find('$');
  const std::string_view part = rest.substr(0, end);
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  return part;
}

}  // namespace

std::string hash_password(std::string_view password, base::Random& random) {
  const std::string salt = random_text(kSaltSize, random);
  const auto hash = scrypt(password, salt, kCost);
  CHECK(hash.has_value());
  return std::string(kScheme) + "$" + std::to_string(kCost) + "$" + base64url_encode(salt) + "$" +
         base64url_encode(*hash);
}

bool verify_password(std::string_view password, std::string_view stored) {
  if (take_part(stored) != kScheme) return false;
  const std::string_view cost_text = take_part(stored);
  uint64_t cost = 0;
  const auto parsed = std::from_chars(cost_text.data(), cost_text.data() + cost_text.size(), cost);
  const auto salt = base64url_decode(take_part(stored));
  const auto expected = base64url_decode(stored);
  if (parsed.ec != std::errc{} || parsed.ptr != cost_text.data() + cost_text.size()) return false;
  if (!salt || !expected || expected->size() != kHashSize) return false;
  const auto actual = scrypt(password, *salt, cost);
  return actual && equal_in_constant_time(*actual, *expected);
}

std::string make_token(base::Random& random) {
  return base64url_encode(random_text(32, random));
}

std::string token_fingerprint(std::string_view token) {
  return digest_hex(Digest::Sha256, token);
}

}  // namespace sotto::crypto
