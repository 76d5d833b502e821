#include "store/journal.h"

#include <gtest/gtest.h>

#include "call/testing/fake_ports.h"
#include "store/event_store.h"
#include "store/hearing_store.h"
#include "store/leg_store.h"
#include "store/testing/fixture.h"

namespace sotto::store {
namespace {

using namespace std::chrono_literals;

class JournalOnBoth : public OnBothEngines {
 protected:
  void SetUp() override {
    auto opened = Store::open({address(), loop_.poster(), {}});
    ASSERT_TRUE(opened) << opened.error().detail;
    store_ = std::move(*opened);
    journal_ = std::make_unique<Journal>(*store_, world_.switchboard);
    world_.switchboard.add_sink(*journal_);
  }

  call::LegId talk_and_leave() {
    const call::LegId leg = world_.talking("12025550150");
    world_.advance(20ms);
    world_.switchboard.hang_up(leg, {});
    world_.advance(20ms);
    return leg;
  }

  bool all_written() {
    return loop_.run_until([&] { return journal_->waiting() == 0; });
  }

  template <typename T>
  T read(std::function<Result<T>(Connection&)> query) {
    std::optional<T> found;
    EXPECT_TRUE(store_->read<T>(std::move(query), [&](Result<T> read) { found = std::move(*read); }));
    EXPECT_TRUE(loop_.run_until([&] { return found.has_value(); }));
    return std::move(*found);
  }

  std::vector<EventRecord> history(call::CallId call) {
    return read<std::vector<EventRecord>>(
        [call](Connection& connection) { return events_of_call(connection, call, 0, 100); });
  }

  // The writer waits in a change until the lock is gone.
  [[nodiscard]] std::unique_lock<std::mutex> hold_writer() {
    std::unique_lock closed(gate_);
    EXPECT_TRUE(store_->write([this](Connection&) -> Result<void> {
      const std::lock_guard wait(gate_);
      return {};
    }));
    return closed;
  }

  std::mutex gate_;
  TestLoop loop_;
  call::testing::World world_;
  std::unique_ptr<Store> store_;
  std::unique_ptr<Journal> journal_;
};

TEST_P(JournalOnBoth, ACallIsThereWithItsHistoryAndWhatWasHeard) {
  const call::LegId id = talk_and_leave();
  journal_->add(id, world_.clock.wall(), "sound_measured", R"({"loss":0.5})");
  ASSERT_TRUE(all_written());
  const auto leg = read<LegRecord>([id](Connection& connection) { return find_leg(connection, id); }).leg;
  EXPECT_EQ(leg.state, call::LegState::Ended);
  EXPECT_TRUE(leg.answered_at && leg.ended_at);
  const auto events = history(leg.call);
  std::vector<std::string> kinds;
  for (const EventRecord& each : events) kinds.push_back(each.kind);
  EXPECT_EQ(kinds.front(), "leg_created");
  for (const std::string wanted : {"leg_answered", "leg_ended", "call_ended", "sound_measured"})
    EXPECT_EQ(std::count(kinds.begin(), kinds.end(), wanted), 1) << wanted;
  EXPECT_TRUE(std::is_sorted(events.begin(), events.end(),
                             [](const auto& a, const auto& b) { return a.sequence < b.sequence; }));
  const auto rows =
      read<hearing::Ledger::Rows>([id](Connection& connection) { return find_hearing(connection, {id}); });
  ASSERT_EQ(rows.memberships.size(), 1u);
  EXPECT_TRUE(rows.memberships.front().span.to);
  EXPECT_EQ(journal_->lost(), 0u);
}

// The writer may take a batch in the moment in which it is queued.
TEST_P(JournalOnBoth, NoRowIsLostToAWriterThatIsQuick) {
  for (int i = 0; i < 200; ++i) {
    talk_and_leave();
    ASSERT_TRUE(all_written());
  }
  EXPECT_EQ(journal_->lost(), 0u);
}

TEST_P(JournalOnBoth, StatesThatComeWhileTheWriterIsBusyBecomeOneRowAndOneChange) {
  auto closed = hold_writer();
  const size_t before = store_->waiting_writes();
  std::vector<call::LegId> legs;
  for (int i = 0; i < 100; ++i) legs.push_back(talk_and_leave());
  EXPECT_LE(store_->waiting_writes(), before + 2);
  closed.unlock();
  ASSERT_TRUE(all_written());
  for (const call::LegId id : legs) {
    const auto leg = read<LegRecord>([id](Connection& connection) { return find_leg(connection, id); }).leg;
    EXPECT_EQ(leg.state, call::LegState::Ended);
    EXPECT_EQ(history(leg.call).size(), 4u);  // created, answered, ended; the call ended
  }
}

TEST_P(JournalOnBoth, TextThatNoDatabaseTakesCostsItsOwnLegOnly) {
  auto closed = hold_writer();
  const call::LegId good = talk_and_leave();
  const call::LegId bad = world_.talking("\xff");
  const call::LegId other = talk_and_leave();
  closed.unlock();
  ASSERT_TRUE(all_written());
  EXPECT_GE(journal_->lost(), 1u);
  const auto is_there = [&](call::LegId id) {
    return read<int64_t>(
        [id](Connection& connection) -> Result<int64_t> { return find_leg(connection, id) ? 1 : 0; });
  };
  EXPECT_EQ(is_there(good), 1);
  EXPECT_EQ(is_there(bad), 0);
  EXPECT_EQ(is_there(other), 1);
}

TEST_P(JournalOnBoth, AHundredCallsASecondAreWrittenAsTheyCome) {
  constexpr size_t kCalls = 1500;
  for (size_t i = 0; i < kCalls; ++i) {
    talk_and_leave();
    // A hundred calls came within the second: nothing may be left of them.
    if (i % 100 != 99) continue;
    ASSERT_TRUE(all_written());
  }
  EXPECT_EQ(journal_->lost(), 0u);
  EXPECT_EQ(read<int64_t>([](Connection& connection) { return count_legs(connection, {}); }),
            static_cast<int64_t>(kCalls));
}

TEST_P(JournalOnBoth, WhatIsTooMuchWhileNothingCanBeWrittenIsCountedAndLost) {
  constexpr size_t kRowsMax = 500;
  Journal small(*store_, world_.switchboard, kRowsMax);
  world_.switchboard.add_sink(small);
  auto closed = hold_writer();
  while (small.lost() == 0) talk_and_leave();
  EXPECT_LE(small.waiting(), kRowsMax);
  EXPECT_GT(small.waiting(), kRowsMax - 10);
  closed.unlock();
  ASSERT_TRUE(loop_.run_until([&] { return small.waiting() == 0; }));
  const uint64_t lost = small.lost();
  talk_and_leave();
  ASSERT_TRUE(loop_.run_until([&] { return small.waiting() == 0; }));
  EXPECT_EQ(small.lost(), lost);
}

TEST_P(JournalOnBoth, CallsOfCampaignsAreWrittenWithWhatElseWaits) {
  auto closed = hold_writer();
  const size_t before = store_->waiting_writes();
  journal_->add({"c1", world_.clock.wall(), "summer", "12025550150", R"({"outcome":"answered"})"});
  journal_->add({"c2", world_.clock.wall(), "summer", "\xff", "{}"});
  journal_->add({"c3", world_.clock.wall(), "summer", "", "{}"});
  EXPECT_LE(store_->waiting_writes(), before + 2);
  closed.unlock();
  ASSERT_TRUE(all_written());
  EXPECT_EQ(journal_->lost(), 1u);  // text that no database takes
  const auto calls = read<std::vector<CampaignCall>>(
      [](Connection& connection) { return find_campaign_calls(connection, {}); });
  ASSERT_EQ(calls.size(), 2u);
  EXPECT_EQ(calls[0].body, R"({"outcome":"answered"})");
  EXPECT_EQ(calls[1].call, "c3");
}

INSTANTIATE_TEST_SUITE_P(, JournalOnBoth, testing::Values(Engine::Sqlite, Engine::Postgres), engine_name);

}  // namespace
}  // namespace sotto::store
