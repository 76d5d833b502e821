#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"

// Digests, HMAC and their hexadecimal form. Any thread; no state.
namespace sotto::crypto {

enum class Digest { Md5, Sha1, Sha256, Sha512, Sha512Slash256 };

size_t digest_size(Digest digest);

// Raw digest of the concatenation of nothing but `data`.
std::string digest_of(Digest digest, std::string_view data);
std::string digest_hex(Digest digest, std::string_view data);
std::string hmac(Digest digest, std::string_view key, std::string_view data);

std::string to_hex(std::string_view bytes);                 // lower case
std::optional<std::string> from_hex(std::string_view hex);  // either case; nothing else allowed

// Takes the same time wherever the first difference is; only the lengths may leak.
bool equal_in_constant_time(std::string_view left, std::string_view right);

}  // namespace sotto::crypto
