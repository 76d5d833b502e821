#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace sotto::net {

class Loop;

// A few threads for what may block longer than a millisecond: speech, decoding, handshakes. Work is handed
// over from the control thread, and its result comes back there.
class WorkerPool {
 public:
  WorkerPool(Loop& loop, size_t threads);
  WorkerPool(const WorkerPool&) = delete;
  // Waits for the work in hand; what has not begun is dropped, and results no longer come back.
  ~WorkerPool();

  // `work` runs on some worker; `done` gets its result on the control thread, never from inside run().
  template <typename T>
  void run(std::function<T()> work, std::function<void(T)> done) {
    submit([this, work = std::move(work), done = std::move(done)] {
      auto result = std::make_shared<T>(work());
      later([done, result] { done(std::move(*result)); });
    });
  }

  // Control thread, in a later turn of the loop.
  void later(std::function<void()> what);
  size_t queued() const;

 private:
  void submit(std::function<void()> job);
  void serve();

  Loop& loop_;                // outlives this
  mutable std::mutex mutex_;  // guards the queue
  std::condition_variable wanted_;
  std::deque<std::function<void()>> jobs_;
  bool stopping_ = false;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  // control thread only
  std::vector<std::thread> threads_;
};

}  // namespace sotto::net
