#pragma once

#include <functional>

#include <boost/asio/io_context.hpp>

#include "base/time.h"
#include "base/timers.h"
#include "net/asio.h"
#include "net/task_group.h"

namespace sotto::net {

// The control thread's loop: sockets, coroutines, and the timers of the pure core. Everything but post() and
// stop() is called on the thread that is in run(), or before it.
class Loop {
 public:
  Loop();
  Loop(const Loop&) = delete;
  ~Loop();

  // Runs until stop(). Then cancels the tasks and waits for them, at most limits::kLoopStopMax. May be called
  // again only after a stop() that came before any task was spawned.
  void run();
  // Runs until `done()` holds, asked after each batch of work: for tests and commands that wait for one
  // thing.
  void run_until(const std::function<bool()>& done);
  void stop();                            // any thread
  void post(std::function<void()> work);  // any thread; `work` runs on the loop's thread

  // The calling coroutine goes on after `delay`.
  asio::awaitable<void> sleep(base::Duration delay);

  asio::io_context& context() { return context_; }
  const base::Clock& clock() const { return clock_; }
  // Advanced before each batch of work; timers().now() is the time of that batch.
  base::Timers& timers() { return timers_; }
  // For coroutines that live as long as the process. What has an end of its own has its own group.
  TaskGroup& tasks() { return tasks_; }

 private:
  bool work();
  void wait();

  // Before the context: coroutines that it still holds at the end stop their timers.
  base::SystemClock clock_;
  base::Timers timers_;
  asio::io_context context_;
  TaskGroup tasks_;
  asio::executor_work_guard<asio::io_context::executor_type> work_;
  bool stopping_ = false;
};

}  // namespace sotto::net
