#include "sip/scanner.h"

#include <algorithm>
#include <iterator>

#include "sip/scan.h"

namespace sotto::sip {
namespace {

// As they call themselves at the beginning, unless somebody has changed it.
constexpr std::string_view kNames[] = {
    "friendly-scanner", "friendly-request", "sipvicious",      "sundayddr", "sip-scan", "sipcli",
    "sipsak",           "pplsip",           "VaxSIPUserAgent", "iWar",      "smap",     "sivus"};

}  // namespace

bool is_scanner(std::string_view user_agent) {
  return std::any_of(std::begin(kNames), std::end(kNames),
                     [&](std::string_view name) { return iequals(user_agent.substr(0, name.size()), name); });
}

}  // namespace sotto::sip
