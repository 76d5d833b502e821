#pragma once

#include <string>

#include "base/address.h"
#include "media/address.h"
#include "net/endpoint.h"
#include "sip/address.h"
#include "sip/message.h"

// One kind of address into another.
namespace sotto::telephony {

sip::Address to_sip(const net::Endpoint& endpoint);
net::Endpoint to_net(const sip::Address& address);

// A SIP party as the core names it: a number where the user part is one, else the whole URI.
base::Address party_of(const sip::NameAddr& party);
base::Address party_of(std::string_view uri, std::string_view display_name);

// The user part of a SIP URI for an address: digits, a user's name; percent-encoded where RFC 3261 wants it.
std::string user_part(const base::Address& address);

}  // namespace sotto::telephony
