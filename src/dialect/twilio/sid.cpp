#include "dialect/twilio/sid.h"

#include <algorithm>

#include "crypto/digest.h"
#include "text/ascii.h"

namespace sotto::twilio {

bool is_sid(std::string_view text, std::string_view prefix) {
  if (text.size() != 34 || !text.starts_with(prefix)) return false;
  return std::all_of(text.begin() + 2, text.end(),
                     [](char c) { return text::is_digit(c) || (c >= 'a' && c <= 'f'); });
}

std::string named_sid(std::string_view prefix, std::string_view name) {
  return std::string(prefix) + crypto::digest_hex(crypto::Digest::Sha256, name).substr(0, 32);
}

std::string new_sid(std::string_view prefix, base::Random& random) {
  const uint64_t high = random.next();
  return std::string(prefix) + base::id_to_hex(high, random.next());
}

}  // namespace sotto::twilio
