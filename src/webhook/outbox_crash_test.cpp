#include <cstdio>
#include <set>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <gtest/gtest.h>
#include <linux/close_range.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "net/deadline.h"
#include "store/testing/fixture.h"
#include "webhook/outbox.h"
#include "webhook/testing/receiver.h"

// A server that makes events is killed three times, and the app that they go to fails a third of them and
// dies twice: what was committed must arrive, and the events of a call in their order.
namespace sotto::webhook {
namespace {

using namespace std::chrono_literals;

constexpr int64_t kEvents = 10'000;
constexpr int64_t kCalls = 200;
constexpr int64_t kLivesApart = 1'000'000;  // between the first numbers of two lives
constexpr int kFailuresInTen = 3;

// --- The child: a server that makes events
// ------------------------------------------------------------------

struct Job {
  std::string database;
  net::Endpoint receiver;
  int committed = -1;  // where the number of each event goes that is on disk
  int64_t first = 0;
  int64_t count = 0;
};

asio::awaitable<void> make_events(Job job, net::Loop& loop, store::Store& store, Outbox& outbox) {
  for (int64_t number = job.first; number < job.first + job.count; ++number) {
    Message message;
    message.stream = "call " + std::to_string(number % kCalls);
    message.url = "http://" + net::to_string(job.receiver) + "/event";
    message.body = std::to_string(number);
    message.policy.retry = {.pauses = {5ms, 10ms}, .on_connect = true, .on_timeout = true, .on_5xx = true};
    outbox.deliver(std::move(message));
    // Changes are committed in order: once this one is, so is the delivery.
    const auto tell = [number, committed = job.committed](const Result<void>& result) {
      if (!result || ::write(committed, &number, sizeof(number)) != sizeof(number)) ::_exit(2);
    };
    const auto written = store.write([](store::Connection&) -> Result<void> { return {}; }, tell);
    if (!written) ::_exit(3);
    if (number % 20 == 0) co_await loop.sleep(1ms);
  }
}

[[noreturn]] void serve_until_killed(const Job& job) {
  net::Loop loop;
  base::SystemRandom random;
  auto store = store::Store::open(
      {job.database, [&loop](store::Store::Task task) { loop.post(std::move(task)); }, {}});
  if (!store) ::_exit(1);
  http::Client client(loop);
  OutboxSettings settings{
      .persist = true, .persist_pause_min = 50ms, .persist_pause_max = 400ms, .messages_max = 2000};
  Outbox outbox(loop, random, **store, client, {}, settings);
  outbox.resume();
  loop.tasks().spawn(make_events(job, loop, **store, outbox));
  loop.run();
  ::_exit(4);
}

// --- The parent: the app, and who kills
// ----------------------------------------------------------------------

struct OutboxCrash : testing::Test {
  store::TestFolder folder;
  net::Loop loop;
  base::SeededRandom random{base::SystemRandom().next()};
  std::unique_ptr<Receiver> app = std::make_unique<Receiver>(loop);
  const net::Endpoint address = app->address();

  std::set<int64_t> committed;
  std::set<int64_t> delivered;
  std::map<int64_t, std::vector<int64_t>> calls;  // the first deliveries of each, as they came
  size_t requests = 0;

  void serve() {
    app->set_answer([this](const Receiver::Arrival& arrival, size_t) {
      ++requests;
      if (random.below(10) < kFailuresInTen) return 500;
      const int64_t number = std::stoll(arrival.body);
      if (delivered.insert(number).second) calls[number % kCalls].push_back(number);
      return 200;
    });
  }
  // Nobody listens for a while.
  void die() {
    app.reset();
    net::run(loop, loop.sleep(300ms));
    app = std::make_unique<Receiver>(loop, address);
    serve();
  }
  bool all_arrived() const {
    return committed.size() >= static_cast<size_t>(kEvents) &&
           std::includes(delivered.begin(), delivered.end(), committed.begin(), committed.end());
  }

  asio::awaitable<void> hear_of_commits(int pipe) {
    asio::posix::stream_descriptor input(loop.context(), pipe);
    std::array<int64_t, 512> numbers{};
    size_t kept = 0;  // bytes of a number that came in two pieces
    auto* bytes = reinterpret_cast<char*>(numbers.data());
    while (true) {
      const auto room = asio::buffer(bytes + kept, sizeof(numbers) - kept);
      const auto [error, size] = co_await input.async_read_some(room, asio::as_tuple(asio::use_awaitable));
      if (error) co_return;
      const size_t whole = (kept + size) / sizeof(int64_t);
      committed.insert(numbers.begin(), numbers.begin() + static_cast<std::ptrdiff_t>(whole));
      kept = (kept + size) % sizeof(int64_t);
      std::memmove(bytes, bytes + whole * sizeof(int64_t), kept);
    }
  }

  pid_t start_server(int64_t first, int committed_pipe) {
    const int64_t count = std::max<int64_t>(0, kEvents - static_cast<int64_t>(committed.size()));
    const pid_t child = ::fork();
    if (child != 0) return child;
    // The parent's sockets are not the child's: a dead app must not seem to listen.
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::dup2(committed_pipe, 3);
    ::close_range(4, ~0U, 0);
    base::configure_log(base::LogLevel::Error, base::LogFormat::Human);
    serve_until_killed({"sqlite:" + folder.file("test.db"), address, 3, first, count});
  }

  // Nothing is waited for longer than this.
  bool wait(const std::function<bool()>& condition) {
    net::Deadline wake(loop, 60s, [] {});
    loop.run_until([&] { return condition() || wake.late(); });
    return condition();
  }

  // One life of the server: the app dies when `half` holds, the server is killed when `enough` does.
  void live(int64_t first, const std::function<bool()>& half, const std::function<bool()>& enough) {
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    const pid_t child = start_server(first, ends[1]);
    ::close(ends[1]);
    net::TaskGroup reader(loop.context());
    reader.spawn(hear_of_commits(ends[0]));
    if (half) {
      EXPECT_TRUE(wait(half));
      die();
    }
    EXPECT_TRUE(wait(enough)) << committed.size() << " committed, " << delivered.size() << " delivered";
    ::kill(child, SIGKILL);
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) << "ended by itself: " << status;
    net::run(loop, reader.join());
  }
};

TEST_F(OutboxCrash, WhatWasCommittedArrivesInOrderThoughTheServerIsKilledAndTheAppDies) {
  serve();
  const auto began = loop.clock().now();
  const auto has_committed = [this](size_t count) {
    return [this, count] { return committed.size() >= count; };
  };
  live(0, has_committed(1200), has_committed(2000 + random.below(1000)));
  live(kLivesApart, has_committed(3800), has_committed(4500 + random.below(1000)));
  live(2 * kLivesApart, {}, has_committed(7000 + random.below(1000)));
  live(3 * kLivesApart, {}, [this] { return all_arrived(); });

  std::vector<int64_t> missing;
  std::set_difference(committed.begin(), committed.end(), delivered.begin(), delivered.end(),
                      std::back_inserter(missing));
  EXPECT_TRUE(missing.empty()) << missing.size() << " lost, the first is " << missing.front();
  for (const auto& [call, numbers] : calls)
    EXPECT_TRUE(std::is_sorted(numbers.begin(), numbers.end())) << "call " << call << " is out of order";
  std::printf("%zu events committed, %zu arrived in %zu requests, %.1f s\n", committed.size(),
              delivered.size(), requests, std::chrono::duration<double>(loop.clock().now() - began).count());
}

}  // namespace
}  // namespace sotto::webhook
