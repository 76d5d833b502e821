#pragma once

#include <memory>

#include "call/event.h"
#include "call/switchboard.h"
#include "hearing/ledger.h"
#include "store/journal_batch.h"
#include "store/store.h"

namespace sotto::store {

// Writes what happens to the store: legs and calls, their history, who heard whom, recordings. A sink of the
// switchboard, the first one, so that rows are there for whoever reads them. While nothing can be written it
// keeps a bounded number of rows; those beyond are lost, and counted. Control thread.
class Journal final : public call::EventSink {
 public:
  static constexpr size_t kRowsWaitMax = 100'000;

  // Both outlive it.
  Journal(Store& store, const call::Switchboard& switchboard, size_t rows_wait_max = kRowsWaitMax)
      : store_(store), switchboard_(switchboard), rows_wait_max_(rows_wait_max) {}

  void on_event(const call::Event& event) override;
  // Adds to a leg's history what the switchboard does not know of; the leg may have ended. `body` is a JSON
  // object.
  void add(call::LegId leg, base::WallTime at, std::string kind, std::string body);
  void add(CampaignCall call);
  uint64_t lost() const { return lost_; }      // rows
  size_t waiting() const { return waiting_; }  // rows

 private:
  template <typename Add>
  void add_rows(size_t count, const Add& add);
  Result<void> queue(std::shared_ptr<JournalBatch> batch);
  void on_written(const JournalBatch& batch, const Result<void>& written);
  void lose(size_t rows, const std::string& why);
  void write_leg(call::LegId leg);
  void write_hearing(const hearing::Ledger::Rows& rows);
  void write_recording(const call::RecordingInfo& recording);

  Store& store_;
  const call::Switchboard& switchboard_;
  const size_t rows_wait_max_;
  hearing::Ledger ledger_;
  std::shared_ptr<JournalBatch> batch_;  // the youngest; null before the first
  size_t waiting_ = 0;
  uint64_t lost_ = 0;
  bool losing_ = false;
};

}  // namespace sotto::store
