#pragma once

#include <map>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "call/event.h"
#include "hearing/ledger.h"
#include "store/campaign_call_store.h"
#include "store/connection.h"
#include "store/recording_store.h"

namespace sotto::store {

// What the journal has to write, gathered by the control thread until the writer's thread takes it. A later
// state of a leg or a recording replaces an earlier one.
struct JournalRows {
  struct Note {
    call::LegId leg;
    base::WallTime at;
    std::string kind;
    std::string body;
  };

  void put(const call::Leg& leg) {
    const auto [it, added] = leg_at.try_emplace(leg.id, legs.size());
    if (added) {
      legs.push_back(leg);
    } else {
      legs[it->second] = leg;
    }
  }

  std::vector<call::Leg> legs;
  std::unordered_map<call::LegId, size_t> leg_at;  // where in `legs`
  std::vector<call::Event> events;
  std::vector<Note> notes;
  hearing::Ledger::Rows hearing;
  std::map<call::RecordingId, RecordingRecord> recordings;
  std::vector<CampaignCall> campaign_calls;
};

// One change of the store. Any thread.
class JournalBatch {
 public:
  static constexpr size_t kRowsMax = 4000;  // so that a transaction ends soon

  // Adds that many rows by `change`. False once it is being written, or full.
  template <typename Change>
  bool add(size_t count, const Change& change) {
    const std::lock_guard lock(mutex_);
    if (taken_ || added_ >= kRowsMax) return false;
    change(rows_);
    added_ += count;
    return true;
  }
  // Takes no more from here on. May be called again. What alone cannot be written, such as a text that is not
  // UTF-8, is left out and logged.
  Result<void> write(Connection& connection);
  // For the control thread, once it is written.
  size_t added() const { return added_; }  // including states that later ones replaced
  size_t left_out() const { return left_out_; }

 private:
  std::mutex mutex_;
  bool taken_ = false;
  // Constant once taken.
  JournalRows rows_;
  size_t added_ = 0;
  size_t left_out_ = 0;
};

}  // namespace sotto::store
