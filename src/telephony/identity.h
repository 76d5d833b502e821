#pragma once

#include <string>
#include <vector>

#include "base/address.h"
#include "directory/snapshot.h"
#include "sip/message_writer.h"

// Who calls, as SIP headers say it (RFC 3325, RFC 3323, RFC 5806, P-Charge-Info).
namespace sotto::telephony {

struct CallerIdentity {
  base::Address from;
  std::string forwarded_from;  // whose call was forwarded to us: digits or a URI; empty if none
  std::string charged;         // P-Charge-Info
};

// What a call from that trunk says of itself: P-Asserted-Identity before From, unless the caller withheld it.
// Numbers are E.164 digits, by the trunk's format. Without a trunk nobody is believed but From.
CallerIdentity read_identity(const sip::Message& invite, const directory::Trunk* trunk);

// A number or party as a trunk's call names it.
base::Address party_from_trunk(const base::Address& party, const directory::Trunk& trunk);

// The user part of a URI towards the trunk.
std::string user_towards(const base::Address& party, const directory::Trunk* trunk);

struct OutgoingIdentity {
  std::string from;  // name-addr of From
  std::vector<sip::ExtraHeader>
      headers;  // P-Asserted-Identity, Privacy and Diversion, where the trunk wants them
};
// `forwarded_from`: the number of ours that the caller dialled, if this call forwards his; may be empty.
OutgoingIdentity write_identity(const base::Address& caller, const std::string& forwarded_from,
                                const std::string& domain, const directory::Trunk* trunk);

// A phone of ours names a colleague as "sip:bob@" us, whatever it knows us by: then that user, else `to`.
base::Address colleague_or(const base::Address& to, const directory::Snapshot& directory);

}  // namespace sotto::telephony
