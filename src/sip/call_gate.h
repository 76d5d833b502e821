#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "base/timers.h"
#include "sip/overload.h"
#include "sip/user_agent.h"

namespace sotto::sip {

// Stands before the stack: while more comes than can be served, calls that would begin are refused with 503
// and Retry-After, so many a second, and by UDP the rest not heard, before anything is made of them. Opens
// again by itself. Control thread.
class CallGate final : public base::TimerSink {
 public:
  CallGate(const UserAgentPorts& ports, std::chrono::seconds retry_after);
  CallGate(const CallGate&) = delete;
  ~CallGate() override;

  // True: the message has been dealt with. A call that begins is looked at, and the ACK of a refusal.
  bool stops(const Flow& flow, std::string_view message);
  // Whether calls are being refused: as it is at this moment, and as it was at the last look.
  bool closed();
  bool was_closed() const { return overload_.level() != LoadLevel::Normal; }

  // From the first call that was refused until none has been for a while.
  bool overloaded() const { return overloaded_; }
  uint64_t refused() const { return refused_; }
  uint64_t dropped() const { return dropped_; }

 private:
  void on_timer(uint64_t) override;
  void note_shed();
  bool goes_unheard(const Flow& flow);
  bool may_answer();

  const UserAgentPorts ports_;
  const std::chrono::seconds retry_after_;
  const std::string to_tag_;
  const size_t salt_;
  Overload overload_;
  bool overloaded_ = false;
  double answers_;  // that may be sent now; more as time goes by
  base::TimePoint counted_;
  bool shed_lately_ = false;
  uint64_t refused_ = 0;
  uint64_t dropped_ = 0;
  // Hashes of topmost Vias. An INVITE that was sent again while its refusal was on its way must not ring.
  std::vector<size_t> refused_lately_;
  base::TimerId calm_ = base::TimerId::None;
};

}  // namespace sotto::sip
