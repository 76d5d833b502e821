#include "dialect/twilio/signature.h"

#include <algorithm>

#include "crypto/base64.h"
#include "crypto/digest.h"
#include "text/ascii.h"

namespace sotto::twilio {

std::string sign(std::string_view auth_token, std::string_view url, const text::Parameters& form) {
  text::Parameters sorted = form;
  std::sort(sorted.begin(), sorted.end());
  sorted.erase(std::unique(sorted.begin(), sorted.end()), sorted.end());
  std::string data(url);
  for (const auto& [name, value] : sorted) data += name + value;
  return crypto::base64_encode(crypto::hmac(crypto::Digest::Sha1, auth_token, data));
}

std::string signed_url(std::string_view url) {
  std::string out(url.substr(0, url.find('#')));
  const size_t scheme = out.find("://");
  if (scheme == std::string::npos) return out;
  const size_t begin = scheme + 3;
  const auto end_of_authority = [&out, begin] {
    return std::min(out.find_first_of("/?", begin), out.size());
  };
  const size_t at = out.rfind('@', end_of_authority());
  if (at != std::string::npos && at >= begin && at < end_of_authority()) out.erase(begin, at + 1 - begin);
  if (!text::equal_ignoring_case(std::string_view(out).substr(0, scheme), "https")) return out;
  const size_t end = end_of_authority();
  const size_t colon = out.rfind(':', end == 0 ? 0 : end - 1);
  const size_t bracket = out.rfind(']', end);  // of an IPv6 literal, which has colons of its own
  const bool in_literal = bracket != std::string::npos && bracket >= begin && colon < bracket;
  if (colon != std::string::npos && colon >= begin && !in_literal) out.erase(colon, end - colon);
  return out;
}

}  // namespace sotto::twilio
