#pragma once

#include <optional>
#include <vector>

#include "store/store.h"
#include "store/work_queue.h"

namespace sotto::store {

struct PendingWrite {
  Store::Change change;
  Store::Done done;
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
  enum class Stage { Changes, Commit };
  struct Outcome {
    Stage stage = Stage::Changes;  // where it failed
    Result<void> result;
  };

  void write(std::vector<PendingWrite>& batch);
  Outcome attempt(std::span<PendingWrite> batch);
  Result<void> apply(std::span<PendingWrite> batch);
  void finish(PendingWrite& write, Result<void> result);
  void note_health(const Result<void>& result);

  std::unique_ptr<Connection> connection_;
  WorkQueue<PendingWrite>& queue_;  // outlives this
  const Store::Options& options_;   // outlives this
  bool failing_ = false;
};

}  // namespace sotto::store
