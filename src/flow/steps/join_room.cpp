#include "flow/steps/join_room.h"

#include "flow/conferences.h"
#include "flow/steps/steps.h"

namespace sotto::flow {

JoinRoomRun::JoinRoomRun(Runner& runner, const JoinRoomStep& spec)
    : runner_(runner),
      spec_(spec),
      core_(runner.core()),
      wait_sound_(spec.wait),
      beep_on_exit_(spec.beep_on_exit),
      music_(core_),
      time_max_(core_),
      lonely_(core_) {}

JoinRoomRun::~JoinRoomRun() = default;

void JoinRoomRun::start() {
  const auto room = core_.conferences().enter(*this);
  if (!room) {
    clear_facts();
    const bool full = room.error().code == ErrorCode::Exhausted;
    core_.warn(leg(), full ? "room_full" : "room_refused", room.error().detail);
    runner_.finish(LeftRoom{{}, full ? LeftRoom::Why::Full : LeftRoom::Why::Refused});
    return;
  }
  room_ = *room;
  last_room_ = *room;
  if (waits()) begin_waiting();
  if (spec_.time_max.count() > 0) {
    time_max_.start(spec_.time_max, [this] { leave(LeftRoom::Why::TimeLimit); });
  }
}

bool JoinRoomRun::waits() const {
  const call::Room* now = room_ ? core_.board().room(*room_) : nullptr;
  return now != nullptr && !now->started && !spec_.coach;
}

void JoinRoomRun::set_wait(Heard sound) {
  wait_sound_ = std::move(sound);
  if (!waits()) return;
  end_waiting();
  begin_waiting();
}

void JoinRoomRun::begin_waiting() {
  if (const auto* music = std::get_if<call::PromptSpec>(&wait_sound_)) {
    (void)music_.play({*room_, leg()}, *music, nullptr);
    return;
  }
  const auto* document = std::get_if<DocumentRef>(&wait_sound_);
  if (document == nullptr || !*document) return;
  wait_ = std::make_unique<Runner>(core_, Subject(leg()),
                                   Runner::Place{Role::ConferenceWait, {}, runner_.place().depth + 1}, *this);
  wait_->run(*document, Waiting{});
}

// The end of a wait document is silence, until the room starts.
void JoinRoomRun::on_runner_ended(Runner&, const Ending&) {
  core_.bury(std::move(wait_));
}

void JoinRoomRun::end_waiting() {
  music_.stop();
  if (wait_ == nullptr) return;
  wait_->cancel(Cancel::Over);
  core_.bury(std::move(wait_));
}

void JoinRoomRun::on_started() {
  end_waiting();
}

void JoinRoomRun::set_lonely(bool lonely) {
  if (!lonely) return lonely_.stop();
  if (lonely_.running() || spec_.wait_max.count() == 0) return;
  lonely_.start(spec_.wait_max, [this] { on_waited_too_long(); });
}

void JoinRoomRun::on_waited_too_long() {
  const call::Leg* subject = runner_.live();
  if (subject == nullptr) return;
  for (const LegId other : core_.board().legs_of(subject->call)) {
    const call::Leg* coming = core_.live(other);
    const bool dialling = coming != nullptr && !coming->answered() && other != leg();
    // Somebody is being called for this very call: he may still come.
    if (dialling) return set_lonely(true);
  }
  core_.warn(leg(), "waited_too_long",
             "the leg was alone in room " + spec_.room + " for the longest time allowed");
  core_.board().hang_up(leg(), {call::EndCause::WaitedTooLong, call::EndedBy::Platform, 0, {}});
}

Consumed JoinRoomRun::on_event(const call::Event& event) {
  if (event.leg != leg() || !room_) return Consumed::No;
  if (const auto* digit = std::get_if<call::DigitReceived>(&event.what)) {
    if (spec_.leave_keys.find(digit->digit) == std::string::npos) return Consumed::No;
    leave(LeftRoom::Why::Key);
    return Consumed::Yes;
  }
  const call::Leg* subject = runner_.live();
  const bool moved = std::holds_alternative<call::LegMoved>(event.what);
  if (moved && subject != nullptr && subject->room != *room_) leave(LeftRoom::Why::Removed);
  return Consumed::No;
}

void JoinRoomRun::clear_facts() {
  if (runner_.live() == nullptr) return;
  call::Switchboard& board = core_.board();
  if (spec_.muted) (void)board.mute(leg(), false);
  if (spec_.can_speak) (void)board.set_can_speak(leg(), std::nullopt);
  if (spec_.can_hear) (void)board.set_can_hear(leg(), std::nullopt);
  if (spec_.coach) (void)board.end_supervision(leg());
  (void)board.set_waiting(leg(), false);
}

void JoinRoomRun::cancel(Cancel) {
  end_waiting();
  time_max_.stop();
  lonely_.stop();
  const std::optional<RoomId> room = std::exchange(room_, std::nullopt);
  if (!room) return;
  // Out of the room first: nothing that is cleared then is heard in it.
  const call::Leg* subject = runner_.live();
  if (subject != nullptr && subject->room == *room) (void)core_.board().isolate(leg());
  clear_facts();
  core_.conferences().leave(*this, *room);
}

void JoinRoomRun::leave(LeftRoom::Why why) {
  cancel(Cancel::Over);
  runner_.finish(LeftRoom{last_room_, why});
}

void JoinRoomRun::on_ended(const EndReason& reason) {
  if (spec_.when_ended == JoinRoomStep::WhenEnded::HangUp) {
    core_.board().hang_up(leg(), reason);
    return;
  }
  leave(LeftRoom::Why::RoomEnded);
}

Outcome JoinRoomRun::outcome_when_gone() const {
  return LeftRoom{last_room_, LeftRoom::Why::HungUp};
}

std::unique_ptr<StepRun> make_run(Runner& runner, const JoinRoomStep& spec) {
  return std::make_unique<JoinRoomRun>(runner, spec);
}

}  // namespace sotto::flow
