#pragma once

#include <optional>
#include <string>
#include <string_view>

// RFC 4648. Encoders write the canonical form: base64 with padding, base64url without.
// Decoders refuse any character outside the alphabet, wrong padding and non-zero spare bits; padding may be
// left out.
namespace sotto::crypto {

std::string base64_encode(std::string_view bytes);
std::optional<std::string> base64_decode(std::string_view text);

std::string base64url_encode(std::string_view bytes);
std::optional<std::string> base64url_decode(std::string_view text);

}  // namespace sotto::crypto
