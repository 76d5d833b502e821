#pragma once

#include <chrono>
#include <optional>
#include <vector>

#include "store/store.h"
#include "store/work_queue.h"

namespace sotto::store {

struct PendingWrite {
  Store::Change change;
  Store::Done done;
  Store::InTrouble in_trouble = Store::InTrouble::Fail;
};

// The writer thread's loop: many changes to one commit.
class Writer {
 public:
  Writer(std::unique_ptr<Connection> connection, WorkQueue<PendingWrite>& queue,
         const Store::Options& options)
      : connection_(std::move(connection)), queue_(queue), options_(options) {}

  // Until the queue is closed and empty.
  void run();

 private:
  using Moment = std::chrono::steady_clock::time_point;
  using Batch = std::vector<PendingWrite>;
  // Where an attempt stands or failed. Only at `Changes` a change may be at fault.
  enum class Stage { Begin, Changes, Commit };
  struct Outcome {
    Stage stage = Stage::Changes;
    Result<void> result;
  };
  // Savepoints cost a change of its own what it does wrong, and time.
  enum class Guard { None, Savepoints };

  void write(Batch batch, bool last);
  Outcome apply(Guard guard);
  Outcome attempt(Guard guard);
  Result<void> make(size_t index, Guard guard);
  Result<void> make_alone(size_t index);
  void finish_all(const Result<void>& trouble, bool last);
  void finish(PendingWrite& write, Result<void> result);
  void note_health(const Result<void>& result);

  std::unique_ptr<Connection> connection_;
  WorkQueue<PendingWrite>& queue_;  // outlives this
  const Store::Options& options_;   // outlives this
  bool failing_ = false;
  // Of the batch that is being written.
  Batch batch_;
  std::vector<Result<void>> results_;
  // What waits for the end of trouble, before all that is in the queue. Never more than a batch.
  Batch kept_;
};

}  // namespace sotto::store
