#pragma once

#include <map>
#include <optional>
#include <string>

#include "base/address.h"
#include "base/time.h"
#include "call/end_reason.h"
#include "hearing/facts.h"

namespace sotto::call {

using base::Address;
using base::TimePoint;
using base::WallTime;
using hearing::LegId;
using hearing::PromptId;
using hearing::RoomId;
using hearing::TapId;

using CallId = base::Id<struct CallTag>;
using RecordingId = base::Id<struct RecordingTag>;

enum class LegState {
  Offered,  // inbound, no final answer yet
  Dialing,  // outbound, nothing heard yet
  Ringing,  // outbound, 18x
  Answered,
  Ended,
};

enum class Direction { Inbound, Outbound };
enum class Medium { Sip, WebSocket, Loop };

// Who asked for a leg, in neutral words; rows of records carry it, dialects find their own legs by it.
struct Origin {
  std::string account;      // hex of directory::AccountId; empty: the server itself
  std::string application;  // hex of directory::ApplicationId, or empty
  std::string dialect;      // who drives it: "vonage", "twilio", "voipnow", "campaign"; empty: none
  std::string extension;    // of the phone at the far end, if it is one of ours
};

// One party. Read by everybody, written by the Switchboard alone.
struct Leg {
  LegId id;
  CallId call;
  Direction direction = Direction::Inbound;
  Medium medium = Medium::Sip;
  LegState state = LegState::Offered;
  Address from;  // as shown to the callee
  Address to;    // as dialled
  base::HeaderFields headers;
  Origin origin;
  RoomId room;                   // always one; a lone leg's own
  std::optional<LegId> carrier;  // the leg whose dial step holds this one
  bool driven = false;           // it runs a program of its own
  hearing::Member facts;
  bool far_hold = false;  // the phone itself holds, by re-INVITE
  std::string forwarded_from;
  std::string sip_call_id;
  std::string sip_domain;          // the host that a phone of ours called us by; empty: not called by one
  std::string sip_source_ip;       // whence that call came
  base::HeaderFields far_headers;  // custom ones of what answered an outbound leg, and of what ended it

  WallTime created;
  std::optional<WallTime> ringing_at;
  std::optional<WallTime> answered_at;
  std::optional<WallTime> ended_at;
  std::optional<TimePoint> answered_point;
  std::optional<EndReason> end;

  bool live() const { return state != LegState::Ended; }
  bool answered() const { return state == LegState::Answered; }
};

}  // namespace sotto::call
