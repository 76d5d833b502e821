#include "net/loop_lag.h"

namespace sotto::net {
namespace {
constexpr std::chrono::milliseconds kInterval{100};
}

LoopLag::LoopLag(Loop& loop) : loop_(loop) {
  look_later(kInterval);
}

LoopLag::~LoopLag() {
  loop_.timers().stop(timer_);
}

void LoopLag::look_later(base::Duration delay) {
  timer_ = loop_.timers().start(delay, *this, 0);
}

// The timers' now() is when this was due. The next look is counted from the time that it is: looks that were
// missed would find less and less.
void LoopLag::on_timer(uint64_t) {
  before_ = last_;
  last_ = loop_.clock().now() - loop_.timers().now();
  look_later(last_ + kInterval);
}

}  // namespace sotto::net
