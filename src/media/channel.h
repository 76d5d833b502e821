#pragma once

#include <algorithm>
#include <atomic>

#include "base/spsc_ring.h"
#include "media/command.h"

namespace sotto::media {

// The rings between the control thread and one media thread. Half of the reports' ring is kept for answers:
// there is one slot for each command that may be under way, so an answer always fits.
class Channel final : public ReportQueue {
 public:
  static constexpr size_t kCommands = 8192;
  static constexpr size_t kReports = 32'768;
  static constexpr size_t kCredits = 12'288;       // commands not yet answered
  static constexpr size_t kUrgentCredits = 2'048;  // on top, for what takes audibility away
  static_assert(kCredits + kUrgentCredits < kReports / 2);

  base::SpscRing<Command, kCommands> commands;
  base::SpscRing<Report, kReports> reports;
  std::atomic<uint64_t> dropped{0};

  // Media thread.
  void answer(Report&& report) noexcept override {
    note(report.event);
    CHECK(reports.push(std::move(report)));
  }
  void notice(const Event& event) noexcept override {
    note(event);
    if (reports.size() >= kReports / 2 || !reports.push(Report{.event = event})) {
      dropped.fetch_add(1, std::memory_order_relaxed);
    }
  }
  // Reports of which the control thread has not been told.
  enum class Untold : uint8_t { Nothing, Patient, Urgent };
  Untold untold() const noexcept { return untold_; }
  void told() noexcept { untold_ = Untold::Nothing; }

 private:
  void note(const Event& event) noexcept {
    untold_ = std::max(untold_, is_urgent(event) ? Untold::Urgent : Untold::Patient);
  }

  Untold untold_ = Untold::Nothing;
};

}  // namespace sotto::media
