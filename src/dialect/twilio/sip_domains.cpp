#include "dialect/twilio/sip_domains.h"

#include <algorithm>

#include "dialect/twilio/json_text.h"
#include "text/ascii.h"

namespace sotto::twilio {

SipDomains::Domain SipDomains::read(const std::string& account_hex, const text::Json& resource) {
  const auto method = [&resource](std::string_view name) {
    return http::parse_method(text_of(resource[name]));
  };
  Domain domain{account_hex, text_of(resource["domain_name"]), {}};
  domain.voice.url = text_of(resource["voice_url"]);
  domain.voice.method = method("voice_method");
  domain.voice.fallback_url = text_of(resource["voice_fallback_url"]);
  domain.voice.fallback_method = method("voice_fallback_method");
  domain.voice.status_callback = text_of(resource["voice_status_callback_url"]);
  domain.voice.status_callback_method = method("voice_status_callback_method");
  return domain;
}

void SipDomains::set(const std::string& sid, Domain domain) {
  domains_[sid] = std::move(domain);
}

void SipDomains::forget(const std::string& sid) {
  domains_.erase(sid);
}

SipDomains::Domains::const_iterator SipDomains::find(const std::string& account_hex,
                                                     std::string_view name) const {
  return std::find_if(domains_.begin(), domains_.end(), [&](const auto& each) {
    return each.second.account == account_hex && text::equal_ignoring_case(each.second.name, name);
  });
}

std::string SipDomains::sid(const std::string& account_hex, std::string_view name) const {
  const auto it = find(account_hex, name);
  return it == domains_.end() ? std::string() : it->first;
}

const VoiceSettings* SipDomains::voice(const std::string& account_hex, std::string_view name) const {
  const auto it = find(account_hex, name);
  return it == domains_.end() || it->second.voice.url.empty() ? nullptr : &it->second.voice;
}

}  // namespace sotto::twilio
