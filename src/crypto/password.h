#pragma once

#include <string>
#include <string_view>

#include "base/random.h"

// How secrets are stored when we only need to recognise them again.
namespace sotto::crypto {

// For secrets that people choose: salted scrypt (RFC 7914), self-describing text. Takes tens of milliseconds
// and 16 MiB: worker threads only.
std::string hash_password(std::string_view password, base::Random& random);
// False also for text that hash_password() cannot have made.
bool verify_password(std::string_view password, std::string_view stored);

// 256 random bits as 43 base64url characters (no colon, no padding: safe in headers, forms and command
// lines).
std::string make_token(base::Random& random);
// For make_token()'s tokens only: they cannot be guessed, so one fast digest hides them. Safe on the control
// thread.
std::string token_fingerprint(std::string_view token);

}  // namespace sotto::crypto
