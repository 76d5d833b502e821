#include "flow/queues.h"
#include "flow/steps/queue_runs.h"
#include "flow/steps/steps.h"

namespace sotto::flow {

DequeueRun::DequeueRun(Runner& runner, const DequeueStep& spec)
    : runner_(runner), spec_(spec), core_(runner.core()), ringback_(core_), alarm_(core_) {
  result_.queue = spec.queue;
}

void DequeueRun::start() {
  if (!core_.queues().exists(spec_.queue)) {
    result_.unknown_queue = true;
    return finish();
  }
  core_.queues().seek(*this);
  if (over_ || bridged_at_) return;
  if (spec_.ringback.own) {
    call::PromptSpec ringing = *spec_.ringback.own;
    ringing.loops = 0;
    (void)ringback_.play(runner_.audience(), std::move(ringing), nullptr);
  }
  if (taken_ == nullptr) alarm_.start(spec_.timeout, [this] { finish(); });
}

void DequeueRun::take(EnqueueRun& waiting) {
  alarm_.stop();
  taken_ = &waiting;
  result_.taken = waiting.leg();
  result_.waited = waiting.waited();
  waiting.give_to(*this, spec_.before_bridge);
}

void DequeueRun::on_ready() {
  const call::Leg* subject = runner_.live();
  if (over_ || subject == nullptr) return;
  ringback_.stop();
  if (!taken_->join(subject->room)) {
    result_.failed = true;
    std::exchange(taken_, nullptr)->fail_to_join();
    return finish();
  }
  result_.bridged = true;
  bridged_at_ = core_.clock().now();
  if (spec_.talk_max.count() > 0) alarm_.start(spec_.talk_max, [this] { finish(); });
}

void DequeueRun::on_gone() {
  taken_ = nullptr;
  if (over_) return;
  if (result_.bridged) return finish();
  // He left before they were joined: the next one, if there is time left.
  result_.taken.reset();
  core_.queues().seek(*this);
  if (taken_ == nullptr && !over_) alarm_.start(spec_.timeout, [this] { finish(); });
}

void DequeueRun::let_go() {
  if (std::exchange(over_, true)) return;
  alarm_.stop();
  ringback_.stop();
  core_.queues().stop_seeking(*this);
  if (bridged_at_) {
    result_.talked = std::chrono::duration_cast<milliseconds>(core_.clock().now() - *bridged_at_);
  }
  EnqueueRun* taken = std::exchange(taken_, nullptr);
  if (taken == nullptr) return;
  if (result_.bridged) {
    taken->talk_over();
  } else {
    taken->give_back();
  }
}

void DequeueRun::finish() {
  let_go();
  runner_.finish(result());
}

void DequeueRun::cancel(Cancel) {
  let_go();
}

Dequeued DequeueRun::result() const {
  return result_;
}

std::unique_ptr<StepRun> make_run(Runner& runner, const DequeueStep& spec) {
  return std::make_unique<DequeueRun>(runner, spec);
}

}  // namespace sotto::flow
