#include "flow/queues.h"
#include "flow/steps/queue_runs.h"
#include "flow/steps/steps.h"

namespace sotto::flow {
namespace {

// A wait document that plays nothing is not asked for more often than this.
constexpr milliseconds kWaitRoundMin{1000};

}  // namespace

EnqueueRun::EnqueueRun(Runner& runner, const EnqueueStep& spec)
    : runner_(runner), spec_(spec), core_(runner.core()), music_(core_), again_(core_) {}

EnqueueRun::~EnqueueRun() = default;

void EnqueueRun::start() {
  began_ = core_.clock().now();
  since_ = core_.clock().wall();
  core_.queues().add(spec_.queue);
  if (core_.queues().length(spec_.queue) >= spec_.size_max) {
    state_ = State::Over;
    return runner_.finish(result(LeftQueue::Why::Full));
  }
  state_ = State::Waiting;
  core_.queues().enter(*this);
  if (state_ == State::Waiting) ask_wait();
}

void EnqueueRun::ask_wait() {
  asked_ = core_.clock().now();
  if (spec_.music) {
    call::PromptSpec music = *spec_.music;
    music.loops = 0;
    (void)music_.play(runner_.audience(), std::move(music), nullptr);
    return;
  }
  if (!spec_.wait) return;
  Waiting waiting{round_++, spec_.queue, core_.queues().position(*this), core_.queues().length(spec_.queue),
                  waited()};
  nested_ = std::make_unique<Runner>(core_, Subject(leg()),
                                     Runner::Place{Role::QueueWait, {}, runner_.place().depth + 1}, *this);
  nested_->run(spec_.wait, waiting);
}

void EnqueueRun::wait_again() {
  const base::Duration took = core_.clock().now() - asked_;
  if (took >= kWaitRoundMin) return ask_wait();
  again_.start(kWaitRoundMin - took, [this] { ask_wait(); });
}

void EnqueueRun::on_runner_ended(Runner&, const Ending& ending) {
  core_.bury(std::move(nested_));
  if (state_ == State::Preparing) return taker_->on_ready();
  switch (ending.how) {
    case Ending::How::Ended: return wait_again();
    case Ending::How::Left: return leave(LeftQueue::Why::Leave);
    case Ending::How::Failed: return;  // silence: his place in the queue is worth more than the music
    case Ending::How::HungUp: cancel(Cancel::Over); return runner_.end(ending);
  }
}

void EnqueueRun::stop_waiting() {
  again_.stop();
  music_.stop();
  if (nested_ == nullptr) return;
  nested_->cancel(Cancel::Over);
  core_.bury(std::move(nested_));
}

void EnqueueRun::give_to(DequeueRun& taker, const DocumentRef& before_bridge) {
  taker_ = &taker;
  taken_by_ = taker.leg();
  waited_ = waited();
  stop_waiting();
  state_ = State::Preparing;
  if (!before_bridge) return taker.on_ready();
  nested_ = std::make_unique<Runner>(core_, Subject(leg()),
                                     Runner::Place{Role::Announcement, {}, runner_.place().depth + 1}, *this);
  nested_->run(before_bridge, Answered{});
}

bool EnqueueRun::join(RoomId room) {
  if (!core_.board().move(leg(), room)) return false;
  state_ = State::Talking;
  core_.queues().leave(*this);
  return true;
}

void EnqueueRun::give_back() {
  stop_waiting();
  taker_ = nullptr;
  taken_by_.reset();
  waited_.reset();
  state_ = State::Waiting;
  ask_wait();
  core_.queues().match(spec_.queue);
}

void EnqueueRun::talk_over() {
  taker_ = nullptr;
  leave(LeftQueue::Why::Bridged);
}

void EnqueueRun::fail_to_join() {
  taker_ = nullptr;
  leave(LeftQueue::Why::Failed);
}

// Another program takes him: his action is told how far he had come, and what it answers is not wanted.
void EnqueueRun::tell_redirected() {
  if (!spec_.ask.document || spec_.ask.when == Asking::Never) return;
  LeftQueue::Why why = LeftQueue::Why::Redirected;
  if (state_ == State::Preparing) why = LeftQueue::Why::RedirectedPreparing;
  if (state_ == State::Talking) why = LeftQueue::Why::RedirectedFromBridge;
  core_.documents().tell(runner_.subject(), spec_.ask.document, result(why));
}

void EnqueueRun::cancel(Cancel why) {
  if (state_ == State::Over || state_ == State::New) return;
  if (why == Cancel::Replaced) tell_redirected();
  const bool talked = state_ == State::Talking;
  if (!waited_) waited_ = waited();
  state_ = State::Over;
  stop_waiting();
  core_.queues().leave(*this);
  if (DequeueRun* taker = std::exchange(taker_, nullptr)) taker->on_gone();
  if (talked && runner_.live() != nullptr) (void)core_.board().isolate(leg());
}

void EnqueueRun::leave(LeftQueue::Why why) {
  cancel(Cancel::Over);
  runner_.finish(result(why));
}

milliseconds EnqueueRun::waited() const {
  return waited_.value_or(std::chrono::duration_cast<milliseconds>(core_.clock().now() - began_));
}

LeftQueue EnqueueRun::result(LeftQueue::Why why) const {
  return LeftQueue{spec_.queue, why, waited(), taken_by_};
}

Outcome EnqueueRun::outcome_when_gone() const {
  return result(LeftQueue::Why::HungUp);
}

std::unique_ptr<StepRun> make_run(Runner& runner, const EnqueueStep& spec) {
  return std::make_unique<EnqueueRun>(runner, spec);
}

}  // namespace sotto::flow
