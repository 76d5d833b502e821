#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "store/connection.h"

namespace sotto::store {

// The server's database: one thread that writes in batches, one that reads. Used from the control thread,
// which never waits for either.
class Store {
 public:
  using Task = std::function<void()>;
  // Runs the task on the control thread; called from the store's threads, must not block.
  using Post = std::function<void(Task)>;
  // A piece of a transaction. Runs on the writer's thread, and again if its batch fails because of another
  // piece, so it must leave its captures as they are. What it wrote is undone when it returns an error, which
  // costs no other change anything.
  using Change = std::function<Result<void>(Connection&)>;
  using Done = std::function<void(Result<void>)>;
  // What becomes of a change when nothing can be written: somebody waits for it and is told, or it waits, in
  // its place, until writing works again.
  enum class InTrouble { Fail, Wait };

  struct Options {
    std::string address;  // see ConnectionOptions
    Post post;
    // Control thread. An error when writing begins to fail (a full disk, a lost server), nothing when it
    // works again.
    std::function<void(std::optional<Error>)> on_trouble;
  };

  // Connects, brings the schema up to date, starts the threads. Blocks: before the loop runs.
  static Result<std::unique_ptr<Store>> open(Options options);
  // Writes what is queued, then ends the threads. Posts still made may be run or not.
  ~Store();

  // Changes are committed in the order of these calls, each whole or not at all, within milliseconds and
  // under load within a quarter of a second. `done` runs on the control thread once the change is on disk or
  // refused; after Closed it may have been made all the same. Exhausted when kStoreQueueMax changes wait:
  // then neither `change` nor `done` will run.
  Result<void> write(Change change, Done done = {}, InTrouble in_trouble = InTrouble::Fail);

  // Sees everything that was done() before.
  template <typename T>
  Result<void> read(std::function<Result<T>(Connection&)> query, std::function<void(Result<T>)> done) {
    return enqueue_read([this, query = std::move(query), done = std::move(done)](Connection& connection) {
      auto result = std::make_shared<Result<T>>(query(connection));
      post([done, result] { done(std::move(*result)); });
    });
  }

  size_t waiting_writes() const;

 private:
  struct Threads;
  explicit Store(std::unique_ptr<Threads> threads);
  Result<void> enqueue_read(std::function<void(Connection&)> query);
  void post(Task task);

  std::unique_ptr<Threads> threads_;
};

}  // namespace sotto::store
