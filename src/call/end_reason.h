#pragma once

#include <string>
#include <string_view>

namespace sotto::call {

enum class EndCause {
  HungUp,     // after an answer: somebody ended it
  Cancelled,  // before an answer: the calling side gave up
  Busy,
  Declined,
  NoAnswer,     // rang out at the far side
  RingTimeout,  // rang out by our timer
  NotAccepted,  // answered, but the screening did not accept
  AnsweredElsewhere,
  Unroutable,     // no trunk, unknown phone, malformed number, refused destination
  Unreachable,    // transport or DNS failure, phone not registered
  FarFailure,     // any other failure code of the far side
  MediaLost,      // no packet for the watchdog's time
  TimeLimit,      // total or talk limit
  WaitedTooLong,  // alone in a room with nothing dialling towards it
  RoomEnded,      // a member with end-on-exit left, or the room was ended
  DriverLeft,     // its driving leg ended or was taken elsewhere
  ProgramEnded,   // its program has no further step
  ProgramFailed,  // its document could not be had or was not valid
  Transferred,    // handed over by REFER
  Overloaded,
  ServerStopped,  // drained past the deadline, or found open after a crash
};

std::string_view to_string(EndCause cause);

enum class EndedBy { Unknown, FarEnd, OtherLeg, Program, Api, Platform };

std::string_view to_string(EndedBy who);

// Why a leg ended, made where it happened and never changed afterwards.
struct EndReason {
  EndCause cause = EndCause::HungUp;
  EndedBy by = EndedBy::Unknown;
  int sip_code = 0;  // final SIP status received or sent, 0 for none
  std::string detail;

  bool operator==(const EndReason&) const = default;
};

}  // namespace sotto::call
