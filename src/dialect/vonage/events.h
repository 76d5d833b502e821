#pragma once

#include "call/event.h"
#include "dialect/vonage/documents.h"

namespace sotto::vonage {

// What happens to our legs, as webhooks. Control thread.
class Events {
 public:
  // All outlive it.
  Events(dialect::Services services, CallStates& states, Documents& documents, Sender& sender);

  // Of a leg that has no state yet: the events that it missed are told.
  void begin(call::LegId leg, CallState state);
  void on_event(const call::Event& event);
  void on_found_dead(const call::Leg& leg, const CallState& state);

 private:
  void on_leg(const call::Leg& leg, CallState& state, const call::Event& event);
  void on_answered(const call::Leg& leg, CallState& state, base::WallTime at);
  void on_ended(const call::Leg& leg, base::WallTime at);
  void on_moved(const call::Leg& leg, const call::LegMoved& moved);
  void on_closed(const call::Leg& leg, const CallState& state, base::WallTime at);
  CallState* waiting_caller(const CallState& state);
  void on_recorded(const call::RecordingInfo& recording, base::WallTime at);
  void store(const call::Leg& leg, const CallState& state);

  dialect::Services services_;
  CallStates& states_;
  Documents& documents_;
  Sender& sender_;
};

}  // namespace sotto::vonage
