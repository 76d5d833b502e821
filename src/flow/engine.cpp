#include "flow/engine.h"

#include "flow/attachments.h"
#include "flow/conferences.h"
#include "flow/core.h"
#include "flow/queues.h"
#include "flow/runner.h"
#include "flow/steps/dial.h"
#include "flow/steps/join_room.h"
#include "flow/steps/queue_runs.h"

namespace sotto::flow {
namespace {

Result<void> check_live(const Core& core, LegId leg) {
  if (core.board().leg(leg) == nullptr) return fail(ErrorCode::NotFound, "leg: no such leg");
  if (core.live(leg) == nullptr) return fail(ErrorCode::Conflict, "leg: it has ended");
  return {};
}

Result<void> check_up(const Core& core, LegId leg) {
  auto live = check_live(core, leg);
  if (live && !core.live(leg)->answered()) return fail(ErrorCode::Conflict, "leg: it is not answered");
  return live;
}

}  // namespace

Engine::Engine(call::Switchboard& switchboard, Documents& documents, base::Timers& timers,
               const base::Clock& clock, Options options)
    : core_(std::make_unique<Core>(switchboard, documents, timers, clock, std::move(options))) {
  switchboard.add_sink(*this);
}

Engine::~Engine() = default;

void Engine::add_observer(Observer& observer) {
  core_->add_observer(observer);
}

Result<void> Engine::run(LegId leg, std::shared_ptr<const Program> program) {
  const Core::Entry entry(*core_);
  if (auto live = check_live(*core_, leg); !live) return live;
  if (core_->main_of(leg) != nullptr) return fail(ErrorCode::Conflict, "leg: it runs a program already");
  if (auto valid = validate(*program, Role::Main); !valid) return valid;
  core_->run_main(leg, std::move(program));
  return {};
}

Result<void> Engine::run(LegId leg, const DocumentRef& first) {
  const Core::Entry entry(*core_);
  if (auto live = check_live(*core_, leg); !live) return live;
  if (core_->main_of(leg) != nullptr) return fail(ErrorCode::Conflict, "leg: it runs a program already");
  core_->run_main(leg, first);
  return {};
}

Result<void> Engine::replace(LegId leg, std::shared_ptr<const Program> program) {
  const Core::Entry entry(*core_);
  if (auto live = check_live(*core_, leg); !live) return live;
  if (auto valid = validate(*program, Role::Main); !valid) return valid;
  core_->take(leg);
  core_->run_main(leg, std::move(program));
  return {};
}

Result<void> Engine::replace(LegId leg, const DocumentRef& document) {
  const Core::Entry entry(*core_);
  if (auto live = check_live(*core_, leg); !live) return live;
  core_->expect_replacement(leg, document, Reached{}, [this, leg](std::shared_ptr<const Program> program) {
    core_->take(leg);
    core_->run_main(leg, std::move(program));
  });
  return {};
}

Result<void> Engine::announce(RoomId room, std::optional<LegId> only,
                              std::shared_ptr<const Program> program) {
  const Core::Entry entry(*core_);
  if (core_->board().room(room) == nullptr) return fail(ErrorCode::NotFound, "room: no such room");
  if (auto valid = validate(*program, Role::Announcement); !valid) return valid;
  core_->attachments().announce(room, only, std::move(program));
  return {};
}

Result<void> Engine::overlay(LegId leg, call::PromptSpec prompt) {
  const Core::Entry entry(*core_);
  if (auto up = check_up(*core_, leg); !up) return up;
  return core_->attachments().overlay(leg, std::move(prompt));
}

Result<void> Engine::stop_overlay(LegId leg) {
  const Core::Entry entry(*core_);
  if (auto up = check_up(*core_, leg); !up) return up;
  core_->attachments().stop_overlay(leg);
  return {};
}

Result<void> Engine::hold(LegId leg, Heard heard) {
  const Core::Entry entry(*core_);
  if (auto up = check_up(*core_, leg); !up) return up;
  core_->attachments().hold(leg, heard);
  return {};
}

Result<void> Engine::unhold(LegId leg) {
  const Core::Entry entry(*core_);
  if (auto up = check_up(*core_, leg); !up) return up;
  core_->attachments().unhold(leg);
  return {};
}

Result<void> Engine::pick_up(LegId parent, LegId leg) {
  const Core::Entry entry(*core_);
  if (auto live = check_live(*core_, parent); !live) return live;
  if (auto up = check_up(*core_, leg); !up) return up;
  if (parent == leg) return fail(ErrorCode::Invalid, "legs: they are one and the same");
  const Runner* main = core_->main_of(parent);
  DialRun* dial = main == nullptr ? nullptr : dynamic_cast<DialRun*>(main->step());
  if (dial == nullptr || dial->talking()) return fail(ErrorCode::Conflict, "leg: it does not ring anybody");
  if (dial->rings(leg)) return dial->pick_up(leg);
  core_->take(leg);
  // To be taken may have ended the one who dials: then there is nobody left for this one.
  const auto joined = dial->pick_up(leg);
  if (!joined) core_->board().hang_up(leg, {call::EndCause::DriverLeft, call::EndedBy::OtherLeg, 0, {}});
  return joined;
}

Result<void> Engine::bridge(LegId a, LegId b) {
  const Core::Entry entry(*core_);
  if (a == b) return fail(ErrorCode::Invalid, "legs: they are one and the same");
  if (auto live = check_live(*core_, a); !live) return live;
  if (core_->live(a)->direction == call::Direction::Outbound) {
    if (auto up = check_up(*core_, a); !up) return up;
  }
  if (auto up = check_up(*core_, b); !up) return up;
  core_->bridge(a, b);
  return {};
}

Result<void> Engine::end_room(RoomId room, EndReason reason) {
  const Core::Entry entry(*core_);
  if (core_->board().room(room) == nullptr) return fail(ErrorCode::NotFound, "room: no such room");
  core_->conferences().end(room, reason);
  return {};
}

Result<void> Engine::remove_from_room(LegId leg) {
  const Core::Entry entry(*core_);
  if (auto live = check_live(*core_, leg); !live) return live;
  JoinRoomRun* member = core_->conferences().find(leg);
  if (member == nullptr) return fail(ErrorCode::NotFound, "leg: it is in no room");
  member->remove();
  return {};
}

Result<void> Engine::change_stay(LegId leg, Stay stay) {
  const Core::Entry entry(*core_);
  if (auto live = check_live(*core_, leg); !live) return live;
  JoinRoomRun* member = core_->conferences().find(leg);
  if (member == nullptr) return fail(ErrorCode::NotFound, "leg: it is in no room");
  if (stay.beep_on_exit) member->set_beep_on_exit(*stay.beep_on_exit);
  if (stay.wait) member->set_wait(std::move(*stay.wait));
  return {};
}

void Engine::remove_queue(const std::string& name) {
  core_->queues().remove(name);
}

void Engine::add_queue(const std::string& name) {
  core_->queues().add(name);
}

std::vector<std::string> Engine::queues() const {
  return core_->queues().names();
}

std::vector<QueueEntry> Engine::queue(const std::string& name) const {
  return core_->queues().entries(name);
}

Result<void> Engine::dequeue(LegId leg, std::shared_ptr<const Program> program) {
  const Core::Entry entry(*core_);
  if (auto live = check_live(*core_, leg); !live) return live;
  if (auto valid = validate(*program, Role::Main); !valid) return valid;
  if (core_->queues().find(leg) == nullptr) return fail(ErrorCode::NotFound, "leg: it is in no queue");
  core_->take(leg);
  core_->run_main(leg, std::move(program));
  return {};
}

Result<void> Engine::dequeue(LegId leg, const DocumentRef& document) {
  const Core::Entry entry(*core_);
  if (auto live = check_live(*core_, leg); !live) return live;
  const EnqueueRun* waiting = core_->queues().find(leg);
  if (waiting == nullptr) return fail(ErrorCode::NotFound, "leg: it is in no queue");
  const LeftQueue outcome{waiting->spec().queue, LeftQueue::Why::Redirected, waiting->waited(), std::nullopt};
  core_->expect_replacement(leg, document, outcome, [this, leg](std::shared_ptr<const Program> program) {
    core_->take(leg);
    core_->run_main(leg, std::move(program));
  });
  return {};
}

std::string_view Engine::doing(LegId leg) const {
  const Runner* main = core_->main_of(leg);
  return main == nullptr ? std::string_view() : main->doing();
}

size_t Engine::runners() const {
  return core_->runners();
}

void Engine::on_document(RequestId request, Result<Answer> answer) {
  core_->on_document(request, std::move(answer));
}

void Engine::on_event(const call::Event& event) {
  core_->on_event(event);
}

}  // namespace sotto::flow
