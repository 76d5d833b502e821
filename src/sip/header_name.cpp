#include "sip/header_name.h"

#include <array>
#include <cstddef>

#include "sip/scan.h"

namespace sotto::sip {
namespace {

struct Row {
  HeaderName name;
  std::string_view text;
  char compact = 0;
};

// In the order of the enum (RFC 3261 §20 and the IANA registry for compact forms).
constexpr Row kRows[] = {
    {HeaderName::Other, ""},
    {HeaderName::Accept, "Accept"},
    {HeaderName::Allow, "Allow"},
    {HeaderName::AlertInfo, "Alert-Info"},
    {HeaderName::AllowEvents, "Allow-Events", 'u'},
    {HeaderName::Authorization, "Authorization"},
    {HeaderName::CallId, "Call-ID", 'i'},
    {HeaderName::Contact, "Contact", 'm'},
    {HeaderName::ContentEncoding, "Content-Encoding", 'e'},
    {HeaderName::ContentLength, "Content-Length", 'l'},
    {HeaderName::ContentType, "Content-Type", 'c'},
    {HeaderName::CSeq, "CSeq"},
    {HeaderName::Date, "Date"},
    {HeaderName::Diversion, "Diversion"},
    {HeaderName::Event, "Event", 'o'},
    {HeaderName::Expires, "Expires"},
    {HeaderName::From, "From", 'f'},
    {HeaderName::MaxForwards, "Max-Forwards"},
    {HeaderName::MinExpires, "Min-Expires"},
    {HeaderName::MinSE, "Min-SE"},
    {HeaderName::Path, "Path"},
    {HeaderName::PAssertedIdentity, "P-Asserted-Identity"},
    {HeaderName::PCharge, "P-Charge-Info"},
    {HeaderName::PPreferredIdentity, "P-Preferred-Identity"},
    {HeaderName::Privacy, "Privacy"},
    {HeaderName::ProxyAuthenticate, "Proxy-Authenticate"},
    {HeaderName::ProxyAuthorization, "Proxy-Authorization"},
    {HeaderName::ProxyRequire, "Proxy-Require"},
    {HeaderName::RAck, "RAck"},
    {HeaderName::Reason, "Reason"},
    {HeaderName::RecordRoute, "Record-Route"},
    {HeaderName::ReferTo, "Refer-To", 'r'},
    {HeaderName::ReferredBy, "Referred-By", 'b'},
    {HeaderName::RemotePartyId, "Remote-Party-ID"},
    {HeaderName::Replaces, "Replaces"},
    {HeaderName::Require, "Require"},
    {HeaderName::RetryAfter, "Retry-After"},
    {HeaderName::Route, "Route"},
    {HeaderName::RSeq, "RSeq"},
    {HeaderName::Server, "Server"},
    {HeaderName::SessionExpires, "Session-Expires", 'x'},
    {HeaderName::Subject, "Subject", 's'},
    {HeaderName::SubscriptionState, "Subscription-State"},
    {HeaderName::Supported, "Supported", 'k'},
    {HeaderName::To, "To", 't'},
    {HeaderName::Unsupported, "Unsupported"},
    {HeaderName::UserAgent, "User-Agent"},
    {HeaderName::Via, "Via", 'v'},
    {HeaderName::Warning, "Warning"},
    {HeaderName::WwwAuthenticate, "WWW-Authenticate"},
};
constexpr size_t kCount = static_cast<size_t>(HeaderName::Count);
static_assert(std::size(kRows) == kCount);

constexpr size_t kSlots = 256;

constexpr size_t slot_of(std::string_view text) {
  const auto first = static_cast<size_t>(to_lower(text.front()));
  const auto last = static_cast<size_t>(to_lower(text.back()));
  const auto middle = static_cast<size_t>(to_lower(text[text.size() / 2]));
  return (text.size() * 67 + first * 31 + last * 17 + middle * 7) % kSlots;
}

// Open addressing, filled by the compiler; 0 is an empty slot.
constexpr std::array<uint8_t, kSlots> make_slots() {
  std::array<uint8_t, kSlots> slots{};
  for (size_t i = 1; i < kCount; ++i) {
    size_t slot = slot_of(kRows[i].text);
    while (slots[slot] != 0) slot = (slot + 1) % kSlots;
    slots[slot] = static_cast<uint8_t>(i);
  }
  return slots;
}
constexpr auto kTable = make_slots();

constexpr std::array<uint8_t, 128> make_compact() {
  std::array<uint8_t, 128> table{};
  for (size_t i = 1; i < kCount; ++i) {
    if (kRows[i].compact != 0) table[static_cast<size_t>(kRows[i].compact)] = static_cast<uint8_t>(i);
  }
  return table;
}
constexpr auto kCompact = make_compact();

constexpr bool in_enum_order() {
  for (size_t i = 0; i < kCount; ++i) {
    if (static_cast<size_t>(kRows[i].name) != i) return false;
  }
  return true;
}
static_assert(in_enum_order());

}  // namespace

HeaderName header_name_from(std::string_view text) {
  if (text.empty()) return HeaderName::Other;
  if (text.size() == 1) {
    const auto letter = static_cast<unsigned char>(to_lower(text.front()));
    return letter < kCompact.size() ? static_cast<HeaderName>(kCompact[letter]) : HeaderName::Other;
  }
  for (size_t slot = slot_of(text); kTable[slot] != 0; slot = (slot + 1) % kSlots) {
    if (iequals(kRows[kTable[slot]].text, text)) return static_cast<HeaderName>(kTable[slot]);
  }
  return HeaderName::Other;
}

std::string_view to_string(HeaderName name) {
  return kRows[static_cast<size_t>(name)].text;
}

}  // namespace sotto::sip
