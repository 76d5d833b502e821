#pragma once

#include "call/event.h"
#include "call/switchboard.h"
#include "hearing/ledger.h"
#include "store/store.h"

namespace sotto::store {

// Writes what happens to the store: legs and calls, their history, who heard whom, recordings. A sink of the
// switchboard, the first one, so that rows are there for whoever reads them. Control thread.
class Journal final : public call::EventSink {
 public:
  // Both outlive it.
  Journal(Store& store, const call::Switchboard& switchboard) : store_(store), switchboard_(switchboard) {}

  void on_event(const call::Event& event) override;
  // Adds to a leg's history what the switchboard does not know of; the leg may have ended. `body` is a JSON
  // object.
  void add(call::LegId leg, base::WallTime at, std::string kind, std::string body);
  uint64_t lost() const { return lost_; }  // changes that the store refused

 private:
  void write(Store::Change change);
  void write_leg(call::LegId leg);
  void write_history(const call::Event& event);
  void write_hearing(hearing::Ledger::Rows rows);
  void write_recording(const call::RecordingInfo& recording);

  Store& store_;
  const call::Switchboard& switchboard_;
  hearing::Ledger ledger_;
  uint64_t lost_ = 0;
};

}  // namespace sotto::store
