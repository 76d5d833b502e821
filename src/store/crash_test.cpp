#include <cstdio>

#include <gtest/gtest.h>
#include <poll.h>

#include "base/random.h"
#include "store/store.h"
#include "store/testing/fixture.h"

// A process that writes bursts is killed at any moment: what it was told is written must be there, whole, and
// a burst that it was not told about must be there whole or not at all.
namespace sotto::store {
namespace {

using namespace std::chrono_literals;

struct Burst {
  int64_t number;
  int64_t rows;
};

constexpr int64_t kRowsMax = 20;
constexpr auto kTimePerEngine = 60s;  // on a loaded machine; a few seconds on an idle one
constexpr int64_t kBurstsWanted = 1000;

Store::Change burst_change(Burst burst) {
  return [burst](Connection& connection) -> Result<void> {
    for (int64_t row = 0; row < burst.rows; ++row) {
      const auto added = connection.execute(
          "INSERT INTO documents (kind, id, account, version, body, changed) VALUES ('burst', ?, ?, ?, '{}', "
          "0)",
          {std::to_string(burst.number) + "." + std::to_string(row), std::to_string(burst.number),
           burst.rows});
      if (!added) return fail(added.error());
    }
    return {};
  };
}

// The child: writes without end, and tells each acknowledged burst through the pipe.
[[noreturn]] void write_until_killed(const std::string& address, int acknowledgements, int64_t first) {
  auto opened = Store::open({address, [](Store::Task task) { task(); }, {}});
  if (!opened) ::_exit(1);
  base::SeededRandom random(static_cast<uint64_t>(first));
  for (int64_t number = first;; ++number) {
    const Burst burst{number, 1 + static_cast<int64_t>(random.below(kRowsMax))};
    const auto tell = [acknowledgements, burst](Result<void> result) {
      if (!result || ::write(acknowledgements, &burst, sizeof(burst)) != sizeof(burst)) ::_exit(2);
    };
    while (!(*opened)->write(burst_change(burst), tell)) ::sched_yield();
    if (random.below(8) == 0) ::poll(nullptr, 0, 1);
  }
}

class Crash : public OnBothEngines {
 protected:
  // Runs a child, kills it `delay` after its first acknowledgement, and returns what it acknowledged.
  std::vector<Burst> one_life(int64_t first, std::chrono::microseconds delay) {
    int ends[2];
    EXPECT_EQ(::pipe(ends), 0);
    const pid_t child = ::fork();
    if (child == 0) {
      ::close(ends[0]);
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);
      write_until_killed(address(), ends[1], first);
    }
    ::close(ends[1]);
    std::vector<Burst> told;
    std::optional<std::chrono::steady_clock::time_point> death;
    Burst burst{};
    while (::read(ends[0], &burst, sizeof(burst)) == sizeof(burst)) {
      told.push_back(burst);
      const auto now = std::chrono::steady_clock::now();
      if (!death) death = now + delay;
      if (now >= *death) ::kill(child, SIGKILL);
    }
    ::close(ends[0]);
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)
        << "the writer ended by itself: " << status;
    return told;
  }

  void expect_whole(Connection& connection, int64_t first, const std::vector<Burst>& told) {
    const auto rows = connection.execute(
        "SELECT account, MIN(version), COUNT(*) FROM documents WHERE kind = 'burst' GROUP BY account");
    ASSERT_TRUE(rows) << rows.error().detail;
    std::map<int64_t, int64_t> found;
    for (const Row& row : *rows) {
      EXPECT_EQ(row[1].integer(), row[2].integer()) << "burst " << row[0].text() << " is torn";
      found[std::stoll(row[0].text())] = row[2].integer();
    }
    for (const Burst& burst : told)
      EXPECT_EQ(found[burst.number], burst.rows) << "burst " << burst.number << " is lost";
    // The next life starts with an empty table, so that checking stays quick.
    ASSERT_TRUE(connection.execute("DELETE FROM documents")) << first;
    if (connection.engine() == Engine::Sqlite) {
      EXPECT_EQ((*connection.execute("PRAGMA integrity_check"))[0][0].text(), "ok");
    }
  }
};

TEST_P(Crash, KilledAtAnyMomentNothingAcknowledgedIsLost) {
  open_migrated();
  base::SystemRandom random;
  const uint64_t seed = random.next();
  SCOPED_TRACE("seed " + std::to_string(seed));
  base::SeededRandom delays(seed);
  int64_t next = 0;
  int64_t acknowledged = 0;
  int lives = 0;
  const auto end = std::chrono::steady_clock::now() + kTimePerEngine;
  while (acknowledged < kBurstsWanted && std::chrono::steady_clock::now() < end && !HasFailure()) {
    const auto told = one_life(next, std::chrono::microseconds(delays.below(60'000)));
    const auto connection = open();
    ASSERT_NO_FATAL_FAILURE(expect_whole(*connection, next, told));
    acknowledged += static_cast<int64_t>(told.size());
    next += 1'000'000;
    ++lives;
  }
  std::printf("%d processes killed, %lld bursts acknowledged, seed %llu\n", lives,
              static_cast<long long>(acknowledged), static_cast<unsigned long long>(seed));
  EXPECT_GE(acknowledged, kBurstsWanted);
}

INSTANTIATE_TEST_SUITE_P(, Crash, testing::Values(Engine::Sqlite, Engine::Postgres), engine_name);

}  // namespace
}  // namespace sotto::store
