#include "telephony/loop_token.h"

#include "crypto/digest.h"

namespace sotto::telephony {

LoopToken::LoopToken(base::Random& random) : secret_(base::id_to_hex(random.next(), random.next())) {}

std::string LoopToken::mark(call::LegId dialling) const {
  return secret_ + "-" + base::to_hex(dialling);
}

std::optional<call::LegId> LoopToken::read(std::string_view value) const {
  if (value.size() <= secret_.size() || value[secret_.size()] != '-') return std::nullopt;
  if (!crypto::equal_in_constant_time(value.substr(0, secret_.size()), secret_)) return std::nullopt;
  return base::parse_id<call::LegId>(value.substr(secret_.size() + 1));
}

}  // namespace sotto::telephony
