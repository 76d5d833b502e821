#include "telephony/identity.h"

#include "directory/number_format.h"
#include "telephony/addresses.h"

namespace sotto::telephony {
namespace {

std::string quoted(std::string_view name) {
  std::string out = "\"";
  for (const char c : name) {
    if (static_cast<unsigned char>(c) < 0x20) continue;
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

bool is_withheld(const sip::Message& invite) {
  const std::string_view privacy = invite.value(sip::HeaderName::Privacy);
  return privacy.find("id") != std::string_view::npos || privacy.find("user") != std::string_view::npos;
}

// The first party of a list header, or nobody.
base::Address first_party(const sip::Message& invite, sip::HeaderName name) {
  const auto parties = sip::addresses(invite, name);
  if (!parties || parties->empty()) return {};
  return party_of(parties->front());
}

std::string name_addr(const base::Address& party, const std::string& user, const std::string& domain) {
  const std::string display = party.display_name.empty() ? "" : quoted(party.display_name) + " ";
  return display + "<sip:" + user + "@" + domain + ">";
}

}  // namespace

base::Address party_from_trunk(const base::Address& party, const directory::Trunk& trunk) {
  base::Address out = party;
  if (out.kind == base::Address::Kind::Number)
    out.text = directory::normalise_number(out.text, trunk.format, trunk.country);
  return out;
}

CallerIdentity read_identity(const sip::Message& invite, const directory::Trunk* trunk) {
  CallerIdentity out;
  out.from = party_of(invite.from);
  if (trunk == nullptr) return out;
  const base::Address asserted = first_party(invite, sip::HeaderName::PAssertedIdentity);
  if (asserted.kind != base::Address::Kind::Anonymous) {
    const std::string name = asserted.display_name.empty() ? out.from.display_name : asserted.display_name;
    out.from = asserted;
    out.from.display_name = name;
  }
  out.from = is_withheld(invite) ? base::Address{} : party_from_trunk(out.from, *trunk);
  out.forwarded_from = party_from_trunk(first_party(invite, sip::HeaderName::Diversion), *trunk).text;
  out.charged = party_from_trunk(first_party(invite, sip::HeaderName::PCharge), *trunk).text;
  return out;
}

base::Address colleague_or(const base::Address& to, const directory::Snapshot& directory) {
  const std::string user = sip::unescape_percent(user_part(to));
  if (to.kind == base::Address::Kind::Sip && directory.phone_by_user(user) != nullptr)
    return {base::Address::Kind::User, user, {}};
  return to;
}

std::string user_towards(const base::Address& party, const directory::Trunk* trunk) {
  if (trunk == nullptr || party.kind != base::Address::Kind::Number) return user_part(party);
  base::Address written = party;
  written.text = directory::format_number(party.text, trunk->format, trunk->country);
  return user_part(written);
}

OutgoingIdentity write_identity(const base::Address& caller, const std::string& forwarded_from,
                                const std::string& domain, const directory::Trunk* trunk) {
  OutgoingIdentity out;
  const bool anonymous = caller.kind == base::Address::Kind::Anonymous;
  out.from = anonymous ? "\"Anonymous\" <sip:anonymous@anonymous.invalid>"
                       : name_addr(caller, user_towards(caller, trunk), domain);
  if (trunk == nullptr || !trunk->writes_identity) return out;
  if (anonymous) {
    out.headers.push_back({"Privacy", "id"});
  } else {
    out.headers.push_back({"P-Asserted-Identity", out.from});
  }
  if (!forwarded_from.empty()) {
    const base::Address by{base::Address::Kind::Number, forwarded_from, {}};
    out.headers.push_back(
        {"Diversion", "<sip:" + user_towards(by, trunk) + "@" + domain + ">;reason=unconditional;counter=1"});
  }
  return out;
}

}  // namespace sotto::telephony
