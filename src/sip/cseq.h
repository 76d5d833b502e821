#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "sip/method.h"

namespace sotto::sip {

struct CSeq {
  uint32_t number = 0;  // below 2^31 (RFC 3261 §8.1.1.5)
  Method method = Method::Other;
  std::string_view method_text;
};

Result<CSeq> parse_cseq(std::string_view value);
template <std::same_as<std::string> Text>
Result<CSeq> parse_cseq(Text&& temporary) = delete;

// RAck: which reliable provisional response a PRACK confirms (RFC 3262 §7.2).
struct RAck {
  uint32_t rseq = 0;
  CSeq cseq;
};

Result<RAck> parse_rack(std::string_view value);

}  // namespace sotto::sip
