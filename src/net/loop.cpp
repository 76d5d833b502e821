#include "net/loop.h"

#include <csignal>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/limits.h"
#include "base/log.h"

namespace sotto::net {
namespace {

constexpr int kBatch = 64;  // pieces of work between two looks at the clock

}  // namespace

// One thread does all input and output; others only post. The hint saves the reactor's locks, not the
// scheduler's.
Loop::Loop()
    : timers_(clock_.now()),
      context_(BOOST_ASIO_CONCURRENCY_HINT_UNSAFE_IO),
      tasks_(context_),
      work_(asio::make_work_guard(context_)) {
  // A peer that is gone is an error of the write, not the end of the process.
  std::signal(SIGPIPE, SIG_IGN);
}

Loop::~Loop() = default;

// Does what is ready, up to a batch. True if more may be ready.
bool Loop::work() {
  timers_.advance(clock_.now());
  int done = 0;
  while (done < kBatch && context_.poll_one() != 0) ++done;
  return done == kBatch;
}

// Sleeps until there is something to do. What wakes it runs before the timers are advanced, and must not take
// the time at which it fell asleep for now.
void Loop::wait() {
  timers_.sleep(clock_);
  if (const auto due = timers_.next_due()) {
    context_.run_one_until(*due);
  } else {
    context_.run_one();
  }
}

void Loop::run() {
  run_until([this] { return stopping_; });
  tasks_.close();
  const base::TimePoint give_up = clock_.now() + base::limits::kLoopStopMax;
  asio::steady_timer tick(context_);  // wakes the loop while it waits for tasks that nothing else wakes
  while (tasks_.size() > 0 && clock_.now() < give_up) {
    tick.expires_after(std::chrono::milliseconds(20));
    tick.async_wait([](const boost::system::error_code&) {});
    if (!work()) wait();
  }
  if (tasks_.size() > 0) {
    base::log(base::LogLevel::Error, "net", "tasks did not end in time",
              {{"tasks", std::to_string(tasks_.size())}});
  }
  stopping_ = false;
}

void Loop::run_until(const std::function<bool()>& done) {
  while (!done()) {
    const bool more = work();
    if (!more && !done()) wait();
  }
}

void Loop::stop() {
  asio::post(context_, [this] { stopping_ = true; });
}

void Loop::post(std::function<void()> work) {
  asio::post(context_, std::move(work));
}

asio::awaitable<void> Loop::sleep(base::Duration delay) {
  asio::steady_timer timer(context_);
  timer.expires_after(delay);
  co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
}

}  // namespace sotto::net
