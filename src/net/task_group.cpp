#include "net/task_group.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include "base/log.h"

namespace sotto::net {
namespace {

void log_failure(std::exception_ptr failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const boost::system::system_error& error) {
    if (error.code() == asio::error::operation_aborted) return;
    base::log(base::LogLevel::Error, "net", "a task ended with an exception", {{"what", error.what()}});
  } catch (const std::exception& error) {
    base::log(base::LogLevel::Error, "net", "a task ended with an exception", {{"what", error.what()}});
  }
}

}  // namespace

TaskGroup::TaskGroup(asio::io_context& context) : context_(context), emptied_(context) {
  emptied_.expires_at(asio::steady_timer::time_point::max());
}

TaskGroup::~TaskGroup() = default;

void TaskGroup::spawn(asio::awaitable<void> task) {
  if (closed_) return;
  running_.emplace_front();
  const auto self = running_.begin();
  auto on_end = [this, self](std::exception_ptr failure) { finished(self, std::move(failure)); };
  asio::co_spawn(context_, std::move(task),
                 asio::bind_cancellation_slot(self->cancellation.slot(), std::move(on_end)));
}

void TaskGroup::finished(std::list<Task>::iterator task, std::exception_ptr failure) {
  running_.erase(task);
  if (failure) log_failure(failure);
  if (running_.empty()) emptied_.cancel();
}

void TaskGroup::close() {
  closed_ = true;
  // A task that unwinds at once takes itself off the list.
  for (auto task = running_.begin(); task != running_.end();) {
    auto& cancellation = task->cancellation;
    ++task;
    cancellation.emit(asio::cancellation_type::terminal);
  }
}

asio::awaitable<void> TaskGroup::join() {
  while (!running_.empty()) co_await emptied_.async_wait(asio::as_tuple(asio::use_awaitable));
}

}  // namespace sotto::net
