#include "dialect/vonage/events.h"

#include "dialect/host/await.h"
#include "dialect/vonage/ids.h"
#include "dialect/vonage/ncco/recording.h"
#include "dialect/vonage/status.h"
#include "dialect/vonage/webhooks/bodies.h"

namespace sotto::vonage {

Events::Events(dialect::Services services, CallStates& states, Documents& documents, Sender& sender)
    : services_(std::move(services)), states_(states), documents_(documents), sender_(sender) {}

void Events::begin(call::LegId id, CallState state) {
  const call::Leg* leg = services_.switchboard.leg(id);
  if (leg == nullptr) return;
  const CallState& kept = states_[id] = std::move(state);
  store(*leg, kept);
  if (leg->direction == call::Direction::Outbound) return;  // its first event is on the way
  // In this order on the service's inbound calls (vonage.md §3.2).
  documents_.tell(id, {}, ringing_event(*leg, kept, leg->created));
  documents_.tell(id, {}, started_event(*leg, kept, leg->created));
}

void Events::store(const call::Leg& leg, const CallState& state) {
  dialect::keep_leg_extra(services_, leg.id, to_stored(state));
}

void Events::on_event(const call::Event& event) {
  if (const auto* ended = std::get_if<call::RecordingEnded>(&event.what)) {
    return on_recorded(ended->recording, event.wall);
  }
  const auto it = states_.find(event.leg);
  const call::Leg* leg = it == states_.end() ? nullptr : services_.switchboard.leg(event.leg);
  if (leg == nullptr) return;
  if (std::holds_alternative<call::LegEnded>(event.what)) return on_ended(*leg, event.wall);
  on_leg(*leg, it->second, event);
}

void Events::on_leg(const call::Leg& leg, CallState& state, const call::Event& event) {
  if (std::holds_alternative<call::LegCreated>(event.what)) {
    documents_.tell(leg.id, {}, started_event(leg, state, event.wall));
  } else if (std::holds_alternative<call::LegRinging>(event.what)) {
    documents_.tell(leg.id, {}, ringing_event(leg, state, event.wall));
  } else if (std::holds_alternative<call::LegAnswered>(event.what)) {
    on_answered(leg, state, event.wall);
  } else if (const auto* moved = std::get_if<call::LegMoved>(&event.what)) {
    on_moved(leg, *moved);
  } else if (const auto* verdict = std::get_if<call::MachineVerdict>(&event.what)) {
    text::Json told = machine_event(leg, state, *verdict, event.wall);
    if (state.asks_verdict && !state.hang_up_on_machine)
      return documents_.ask_verdict(leg.id, std::move(told));
    documents_.tell(leg.id, {}, std::move(told));
    if (state.hang_up_on_machine && is_machine(verdict->kind)) {
      services_.switchboard.hang_up(leg.id,
                                    {call::EndCause::HungUp, call::EndedBy::Platform, 0, "a machine"});
    }
  } else if (const auto* failed = std::get_if<call::PromptEnded>(&event.what)) {
    if (failed->how == call::PromptEnd::Failed) documents_.tell_error(leg.id, failed->detail);
  } else if (const auto* notice = std::get_if<call::Notice>(&event.what)) {
    documents_.tell_error(leg.id, notice->detail);
  } else if (const auto* pressed = std::get_if<call::DigitReceived>(&event.what)) {
    if (!state.digits || !*state.digits) return;
    flow::Gathered one;
    one.digits = std::string(1, pressed->digit);
    documents_.tell(leg.id, *state.digits, input_event(leg, state, one, {false, true, false}, event.wall));
  }
}

void Events::on_answered(const call::Leg& leg, CallState& state, base::WallTime at) {
  documents_.tell(leg.id, {}, answered_event(leg, state, at));
  if (state.length_max) (void)services_.switchboard.set_time_limit(leg.id, *state.length_max);
  if (state.detection) (void)services_.switchboard.detect_machine(leg.id, *state.detection);
  if (!state.digits_on_answer.empty()) {
    (void)services_.switchboard.send_digits(leg.id, state.digits_on_answer);
  }
}

// A named room is a conversation of its own; where a connect moves its legs is not.
void Events::on_moved(const call::Leg& leg, const call::LegMoved& moved) {
  const call::Room* room = services_.switchboard.room(moved.to);
  if (room == nullptr || room->options.name.empty()) return;
  documents_.move_conversation(leg.id, conversation_text(moved.to));
}

// Whose connect made the leg, if he is still there to be given another NCCO.
CallState* Events::waiting_caller(const CallState& state) {
  const auto caller = state.caller ? states_.find(*state.caller) : states_.end();
  const call::Leg* waiting = state.caller ? services_.switchboard.leg(*state.caller) : nullptr;
  return caller != states_.end() && waiting != nullptr && waiting->live() ? &caller->second : nullptr;
}

// The app has closed its WebSocket.
void Events::on_closed(const call::Leg& leg, const CallState& state, base::WallTime at) {
  text::Json event = disconnected_event(leg, state, at);
  if (CallState* caller = waiting_caller(state)) {
    caller->callee_event = std::move(event);
  } else {
    documents_.tell(leg.id, {}, std::move(event));
  }
}

void Events::on_ended(const call::Leg& leg, base::WallTime at) {
  CallState& state = states_.at(leg.id);
  store(leg, state);
  const FinalStatus final = final_status(leg);
  if (final.status != "completed") {
    text::Json failure = failure_event(leg, state, at);
    CallState* caller = state.synchronous && final.status != "cancelled" ? waiting_caller(state) : nullptr;
    if (caller != nullptr) {
      caller->callee_event = std::move(failure);
    } else {
      documents_.tell(leg.id, {}, std::move(failure));
    }
  }
  const bool closed = leg.medium == call::Medium::WebSocket && leg.answered_at && leg.end &&
                      leg.end->by == call::EndedBy::FarEnd;
  if (closed) on_closed(leg, state, at);
  if (leg.end && leg.end->cause == call::EndCause::WaitedTooLong) {
    documents_.tell_error(leg.id, "The leg waited alone in its conversation for too long.");
  }
  if (final.status != "rejected") documents_.tell(leg.id, {}, completed_event(leg, state, at));
  documents_.forget(state);
  states_.erase(leg.id);
}

void Events::on_recorded(const call::RecordingInfo& recording, base::WallTime at) {
  const auto owner = parse_recording_owner(recording.spec.owner);
  if (!owner || recording.end == call::RecordingEnd::Failed) return;
  const auto id = base::parse_id<directory::ApplicationId>(owner->application);
  const directory::Application* app = id ? services_.directory.now()->application(*id) : nullptr;
  Sender::Event message;
  message.application = id.value_or(directory::ApplicationId{});
  message.hook = owner->hook;
  if (!message.hook && recording.leg) {
    const auto it = states_.find(*recording.leg);
    if (it != states_.end()) message.hook = it->second.events;
  }
  if (!message.hook && app != nullptr) message.hook = settings_of(*app).events().hook;
  message.stream = base::to_hex(recording.id);
  message.call = base::to_hex(recording.call);
  message.body = record_event(recording, services_.settings.public_url, at);
  sender_.tell(std::move(message));
}

// A leg that a killed server left: its app still waits for the end.
void Events::on_found_dead(const call::Leg& leg, const CallState& state) {
  const base::WallTime at = leg.ended_at.value_or(services_.loop.clock().wall());
  const auto tell = [&](text::Json body) {
    Sender::Event message{state.application, state.events, base::to_hex(leg.id), base::to_hex(leg.call),
                          std::move(body)};
    sender_.tell(std::move(message));
  };
  if (final_status(leg).status != "completed") tell(failure_event(leg, state, at));
  tell(completed_event(leg, state, at));
}

}  // namespace sotto::vonage
