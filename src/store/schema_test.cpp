#include <gtest/gtest.h>

#include "store/event_store.h"
#include "store/hearing_store.h"
#include "store/leg_store.h"
#include "store/maintenance.h"
#include "store/testing/fixture.h"

// A database that an earlier program wrote is carried over.
namespace sotto::store {
namespace {

constexpr char kCall[] = "00000000000000000000000000000c01";
constexpr char kLeg[] = "00000000000000000000000000000a01";
constexpr char kRoom[] = "00000000000000000000000000000b01";

// As the program of schema 2 wrote them: a call whose first prompt is over and whose leg is still there, and
// a row of a recording's channel.
constexpr char kRowsOfSchema2[] = R"sql(
INSERT INTO calls (id, account, created, ended) VALUES ('00000000000000000000000000000c01', 'aa', 1000, NULL);
INSERT INTO legs (id, call_id, direction, medium, state, from_kind, from_text, from_name, to_kind, to_text, to_name,
  account, application, dialect, extension, room, forwarded_from, sip_call_id, headers, created, answered, extra)
VALUES ('00000000000000000000000000000a01', '00000000000000000000000000000c01', 'inbound', 'sip', 'answered', 'number',
  '12025550150', '', 'number', '12025550100', '', 'aa', '', 'campaign', '', '00000000000000000000000000000b01', '',
  'x@y', '[]', 1000, 1500, '{}');
INSERT INTO events (wall, call_id, leg, room, kind, body) VALUES (1000, '00000000000000000000000000000c01', '', '',
  'several', '[[1000,"00000000000000000000000000000a01","","leg_created",{}],[1500,"","","leg_answered",{}]]');
INSERT INTO hearing (room, revision, kind, subject, other, started, ended, cause, open_source, open_listener, base, gain)
VALUES
  ('00000000000000000000000000000b01', 1, 'member', 'leg:00000000000000000000000000000a01', '', 1000, NULL, 'join',
   1, 1, 0, 0),
  ('00000000000000000000000000000b01', 2, 'prompt', 'prompt:00000000000000000000000000000d01', '', 1600, 1900,
   'prompt', 0, 0, 0, 0.5),
  ('00000000000000000000000000000b01', 2, 'cell', 'leg:00000000000000000000000000000a01',
   'prompt:00000000000000000000000000000d01', 1600, 1900, 'prompt', 0, 0, 0, 0.5),
  ('00000000000000000000000000000b01', 3, 'tap', 'tap:00000000000000000000000000000e01/1',
   '00000000000000000000000000000a01', 1700, 1800, 'recording', 0, 0, 2, 0);
)sql";

class Schema : public OnBothEngines {
 protected:
  void SetUp() override {
    connection_ = open();
    ASSERT_TRUE(migrate(*connection_, migrations().first(2)));
    const auto written = connection_->run_script(kRowsOfSchema2);
    ASSERT_TRUE(written) << written.error().detail;
    const auto migrated = migrate(*connection_);
    ASSERT_TRUE(migrated) << migrated.error().detail;
  }

  std::unique_ptr<Connection> connection_;
  const call::LegId leg_ = *base::parse_id<call::LegId>(kLeg);
  const call::CallId call_ = *base::parse_id<call::CallId>(kCall);
};

TEST_P(Schema, WhatAnEarlierProgramWroteReadsAsBefore) {
  const auto leg = find_leg(*connection_, leg_);
  ASSERT_TRUE(leg) << leg.error().detail;
  EXPECT_EQ(leg->leg.call, call_);
  EXPECT_EQ(leg->leg.to.text, "12025550100");
  EXPECT_EQ(find_legs(*connection_, {.call = call_})->size(), 1u);
  const auto events = events_of_call(*connection_, call_, 0, 10);
  ASSERT_EQ(events->size(), 2u);
  EXPECT_EQ((*events)[1].kind, "leg_answered");

  const auto rows = find_hearing(*connection_, {leg_});
  ASSERT_TRUE(rows) << rows.error().detail;
  ASSERT_EQ(rows->size(), 4u);
  EXPECT_EQ(rows->memberships.front().member.leg, leg_);
  EXPECT_EQ(rows->memberships.front().span.from, base::WallTime(std::chrono::microseconds(1000)));
  EXPECT_EQ(rows->memberships.front().span.to, std::nullopt);
  EXPECT_EQ(rows->prompts.front().prompt.gain, 0.5F);
  EXPECT_EQ(rows->prompts.front().span.to, base::WallTime(std::chrono::microseconds(1900)));
  EXPECT_EQ(rows->exceptions.front().cell.listener, hearing::Listener(leg_));
  EXPECT_EQ(rows->taps.front().tap.leg, leg_);
  EXPECT_EQ(rows->taps.front().tap.channel.channel, 1);
}

TEST_P(Schema, RowsOfAnEarlierProgramGetTheirEndAndArePurged) {
  const auto room = *base::parse_id<hearing::RoomId>(kRoom);
  auto rows = *find_hearing(*connection_, {leg_});
  hearing::Ledger::Rows closed;
  closed.memberships = {rows.memberships.front()};
  closed.memberships.front().span.to = base::WallTime(std::chrono::microseconds(2000));
  ASSERT_TRUE(put_hearing(*connection_, closed));
  EXPECT_EQ(find_hearing(*connection_, {leg_})->memberships, closed.memberships);
  EXPECT_EQ(find_hearing(*connection_, {leg_})->size(), 4u);
  EXPECT_EQ(closed.memberships.front().span.room, room);
  EXPECT_EQ(close_open_legs(*connection_, base::WallTime(std::chrono::microseconds(2000)))->size(), 1u);
  const base::WallTime later(std::chrono::microseconds(3000));
  const auto purged = purge(*connection_, {.records = later, .ledger = later});
  ASSERT_TRUE(purged) << purged.error().detail;
  EXPECT_EQ(purged->rows, 6);  // a leg, its events, what was heard
  EXPECT_EQ(find_hearing(*connection_, {leg_})->size(), 0u);
}

TEST_P(Schema, TheRoomsOfALegAreFoundByAnIndex) {
  const std::string sql = "SELECT DISTINCT room FROM hearing WHERE subject = 'leg:x' AND kind = 'member'";
  if (GetParam() == Engine::Postgres) {
    ASSERT_TRUE(connection_->run_script("SET enable_seqscan = off"));
  }
  const auto plan = connection_->execute(
      (GetParam() == Engine::Sqlite ? "EXPLAIN QUERY PLAN " : "EXPLAIN (COSTS OFF) ") + sql);
  ASSERT_TRUE(plan) << plan.error().detail;
  std::string text;
  for (const Row& row : *plan) text += row.back().text() + "\n";
  EXPECT_NE(text.find("hearing_by_member"), std::string::npos) << text;
}

INSTANTIATE_TEST_SUITE_P(, Schema, testing::Values(Engine::Sqlite, Engine::Postgres), engine_name);

}  // namespace
}  // namespace sotto::store
