#pragma once

#include <cstdint>
#include <string_view>

namespace sotto::sip {

// Header fields that the stack reads or writes by itself. All others are Other and keep their own spelling.
enum class HeaderName : uint8_t {
  Other,
  Accept,
  Allow,
  AlertInfo,
  AllowEvents,
  Authorization,
  CallId,
  Contact,
  ContentEncoding,
  ContentLength,
  ContentType,
  CSeq,
  Date,
  Diversion,
  Event,
  Expires,
  From,
  MaxForwards,
  MinExpires,
  MinSE,
  Path,
  PAssertedIdentity,
  PCharge,
  PPreferredIdentity,
  Privacy,
  ProxyAuthenticate,
  ProxyAuthorization,
  ProxyRequire,
  RAck,
  Reason,
  RecordRoute,
  ReferTo,
  ReferredBy,
  RemotePartyId,
  Replaces,
  Require,
  RetryAfter,
  Route,
  RSeq,
  Server,
  SessionExpires,
  Subject,
  SubscriptionState,
  Supported,
  To,
  Unsupported,
  UserAgent,
  Via,
  Warning,
  WwwAuthenticate,
  Count
};

// Long or compact form, any case.
HeaderName header_name_from(std::string_view text);
std::string_view to_string(HeaderName name);  // the RFC's spelling; "" for Other

}  // namespace sotto::sip
