#pragma once

#include <algorithm>

#include "net/loop.h"

namespace sotto::net {

// How late the loop does what is due: looked at ten times a second, or as often as it gets there. One long
// piece of work is no lag, only that each turn is long. Control thread; the loop outlives it.
class LoopLag final : public base::TimerSink {
 public:
  explicit LoopLag(Loop& loop);
  LoopLag(const LoopLag&) = delete;
  ~LoopLag() override;

  base::Duration lag() const { return std::min(last_, before_); }

 private:
  void on_timer(uint64_t) override;
  void look_later(base::Duration delay);

  Loop& loop_;
  base::Duration last_{};
  base::Duration before_{};
  base::TimerId timer_ = base::TimerId::None;
};

}  // namespace sotto::net
