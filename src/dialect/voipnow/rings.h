#pragma once

#include <functional>
#include <memory>
#include <unordered_map>
#include <vector>

#include "dialect/host/await.h"
#include "dialect/voipnow/call_book.h"
#include "dialect/voipnow/values.h"
#include "directory/model.h"

namespace sotto::voipnow {

enum class RingOutcome { Joined, NotJoined, StillRinging };
using RingResult = std::shared_ptr<dialect::OneShot<RingOutcome>>;

// A phone that is to ring, for an action.
struct RingOrder {
  directory::AccountId account;
  std::string extension;
  CallerId caller_id;
  std::chrono::seconds wait{25};
  call::CallId call;
};

// What a phone that was rung for takes over once it is answered.
struct Succession {
  std::vector<call::LegId> watched;                // when one of these ends, nothing is left to take over
  std::vector<call::LegId> cancelled_by;           // nor when one of these is answered
  std::function<Result<void>(call::LegId)> taken;  // on the answer; an error hangs up
};

// Phones ringing for Whisper, BargeIn, Monitor, PickUp and UnPark, and those that ring together for a call
// that the API makes. Control thread.
class Rings {
 public:
  Rings(dialect::Services services, CallBook& book) : services_(std::move(services)), book_(book) {}

  Result<RingResult> supervise(const RingOrder& order, call::LegId target, hearing::SupervisionMode mode);
  Result<RingResult> succeed(const RingOrder& order, Succession succession);
  // The first of these to answer ends the others.
  void race(const std::vector<call::LegId>& legs);

  void on_event(const call::Event& event);

 private:
  struct Ring {
    RingResult result;
    Succession succession;
  };
  Result<call::LegId> dial(const RingOrder& order, Reservation reservation);
  void on_answered(call::LegId leg);
  void on_ended(call::LegId leg);
  void cancel_those(call::LegId because, std::vector<call::LegId> Succession::*list);

  dialect::Services services_;
  CallBook& book_;
  std::unordered_map<call::LegId, Ring> rings_;
  std::unordered_map<call::LegId, std::vector<call::LegId>> races_;
};

}  // namespace sotto::voipnow
