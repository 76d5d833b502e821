#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/random.h"
#include "directory/snapshot.h"

namespace sotto::directory {

// Where a call attempt goes. A number that belongs to a phone rings that phone, whoever dials it.
struct RingPhone {
  PhoneId phone;
};
struct RunProgram {     // a leg that loops back into us: one of our numbers or applications
  std::string dialect;  // "campaign" for campaigns
  std::optional<ApplicationId> application;
  std::optional<NumberId> number;
  std::string campaign;
};
struct UseTrunks {
  std::vector<TrunkId> in_order;  // by priority, then drawn by weight; later ones are for failover
  std::string number;             // E.164 digits; each trunk formats its own way
};
struct CallUri {
  std::string uri;  // a SIP or WebSocket URI, as given
  bool websocket = false;
};
struct Forward {
  std::vector<base::Address> in_turn;
};
struct Refuse {
  enum class Reason { NotANumber, UnknownPhone, NoTrunk, NotAllowed, Emergency, NumberUnassigned };
  Reason reason = Reason::NoTrunk;
  std::string detail;  // names what to change
};
using Route = std::variant<RingPhone, RunProgram, UseTrunks, CallUri, Forward, Refuse>;

struct Decision {
  Route route;
  std::vector<std::string> steps;  // each rule that was looked at, for `sotto route explain`
};

// Pure: the same snapshot, address, account and random give the same route.
Decision route(const Snapshot& snapshot, const base::Address& to, std::optional<AccountId> account,
               base::Random& random);

// The extension that `number`, long or short, is for somebody in the organisation of `near`; null if it is
// none.
const Phone* phone_near(const Snapshot& snapshot, const Phone& near, std::string_view number);

// The trunk that an INVITE from this address came from, by Trunk::allow_from; the longest prefix wins.
const Trunk* trunk_of(const Snapshot& snapshot, std::string_view ip_address);

bool is_emergency(std::string_view digits, std::string_view country);

}  // namespace sotto::directory
