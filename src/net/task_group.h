#pragma once

#include <list>

#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "net/asio.h"

namespace sotto::net {

// Owns every coroutine that it spawned: nobody starts one that nobody awaits. Control thread. Closed and
// joined before what its coroutines refer to is destroyed.
class TaskGroup {
 public:
  explicit TaskGroup(asio::io_context& context);
  TaskGroup(const TaskGroup&) = delete;
  ~TaskGroup();

  // Starts at the loop's next turn. After close() the task is dropped without having started.
  // An exception other than cancellation that leaves a task is logged as an error.
  void spawn(asio::awaitable<void> task);

  // Cancels every task: what it awaits ends, and its next await throws, so that it unwinds.
  void close();
  // Returns when no task is left. One caller at a time, and none of the group's own.
  asio::awaitable<void> join();
  size_t size() const { return running_.size(); }
  bool closed() const { return closed_; }

 private:
  struct Task {
    asio::cancellation_signal cancellation;
  };
  void finished(std::list<Task>::iterator task, std::exception_ptr failure);

  asio::io_context& context_;  // outlives this
  std::list<Task> running_;
  asio::steady_timer emptied_;  // never runs out; cancelled when the last task ends
  bool closed_ = false;
};

}  // namespace sotto::net
