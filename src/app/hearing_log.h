#pragma once

#include <string>
#include <vector>

#include "call/event.h"
#include "hearing/ledger.h"

namespace sotto::app {

// The ledger of the calls since the start, in memory. Control thread.
class HearingLog final : public call::EventSink {
 public:
  void on_event(const call::Event& event) override;
  // Who could hear whom, as far as these legs are concerned.
  std::vector<hearing::Interval> intervals(const std::vector<call::LegId>& legs) const;

 private:
  void keep(hearing::Ledger::Rows rows);

  hearing::Ledger ledger_;
  hearing::Ledger::Rows rows_;
};

}  // namespace sotto::app
