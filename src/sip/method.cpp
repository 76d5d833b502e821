#include "sip/method.h"

#include <array>

namespace sotto::sip {
namespace {
constexpr std::array<std::string_view, 15> kNames = {"INVITE",  "ACK",       "BYE",     "CANCEL",  "REGISTER",
                                                     "OPTIONS", "PRACK",     "UPDATE",  "REFER",   "NOTIFY",
                                                     "INFO",    "SUBSCRIBE", "MESSAGE", "PUBLISH", ""};
static_assert(kNames.size() == static_cast<size_t>(Method::Other) + 1);
}  // namespace

Method method_from(std::string_view text) {
  for (size_t i = 0; i + 1 < kNames.size(); ++i) {
    if (kNames[i] == text) return static_cast<Method>(i);
  }
  return Method::Other;
}

std::string_view to_string(Method method) {
  return kNames[static_cast<size_t>(method)];
}

}  // namespace sotto::sip
