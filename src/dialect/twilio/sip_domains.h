#pragma once

#include <map>
#include <string>
#include <string_view>

#include "dialect/twilio/number_settings.h"

namespace sotto::twilio {

// The accounts' SIP domains: what calls of phones to them are told, and what runs them. Pure.
class SipDomains {
 public:
  struct Domain {
    std::string account;  // hex
    std::string name;
    VoiceSettings voice;
  };
  static Domain read(const std::string& account_hex, const text::Json& resource);

  void set(const std::string& sid, Domain domain);
  void forget(const std::string& sid);
  // Empty if there is none. Host names have no case.
  std::string sid(const std::string& account_hex, std::string_view name) const;
  // Null if there is none, or it has no voice URL.
  const VoiceSettings* voice(const std::string& account_hex, std::string_view name) const;

 private:
  using Domains = std::map<std::string, Domain>;  // by sid
  Domains::const_iterator find(const std::string& account_hex, std::string_view name) const;

  Domains domains_;
};

}  // namespace sotto::twilio
