#include "telephony/origin.h"

#include <algorithm>

#include "sip/scan.h"

namespace sotto::telephony {

bool is_allowed_origin(std::string_view origin, std::string_view host,
                       const std::vector<std::string>& allowed) {
  if (origin.empty()) return true;
  const size_t scheme_end = origin.find("://");
  if (scheme_end != std::string_view::npos && sip::iequals(origin.substr(scheme_end + 3), host)) return true;
  return std::any_of(allowed.begin(), allowed.end(),
                     [&](const std::string& one) { return one == "*" || sip::iequals(one, origin); });
}

}  // namespace sotto::telephony
