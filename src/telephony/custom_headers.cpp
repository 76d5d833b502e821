#include "telephony/custom_headers.h"

#include "telephony/loop_token.h"

namespace sotto::telephony {
namespace {

bool is_custom(std::string_view name) {
  if (sip::iequals(name, LoopToken::kHeader)) return false;
  return (name.size() > 2 && (name[0] == 'X' || name[0] == 'x') && name[1] == '-') ||
         sip::iequals(name, "User-to-User");
}

}  // namespace

base::HeaderFields custom_headers(const sip::Message* message) {
  base::HeaderFields out;
  if (message == nullptr) return out;
  for (const sip::Header& header : message->headers) {
    if (is_custom(header.text)) out.emplace(header.text, header.value);
  }
  return out;
}

}  // namespace sotto::telephony
