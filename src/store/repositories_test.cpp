#include <set>

#include <gtest/gtest.h>

#include "base/random.h"
#include "store/campaign_call_store.h"
#include "store/directory_store.h"
#include "store/documents.h"
#include "store/event_store.h"
#include "store/hearing_store.h"
#include "store/leg_store.h"
#include "store/maintenance.h"
#include "store/outbox_store.h"
#include "store/recording_store.h"
#include "store/testing/fixture.h"
#include "store/token_store.h"

namespace sotto::store {
namespace {

using namespace std::chrono_literals;
using base::Address;
using base::WallTime;

constexpr WallTime kStart{1'770'000'000'123'456us};

class Repositories : public OnBothEngines {
 protected:
  void SetUp() override {
    connection_ = open_migrated();
    db_ = connection_.get();
  }

  template <typename IdType>
  IdType make() {
    return IdType::make(random_);
  }

  call::Leg leg_to(const std::string& number, WallTime created) {
    call::Leg leg;
    leg.id = make<call::LegId>();
    leg.call = make<call::CallId>();
    leg.room = make<call::RoomId>();
    leg.from = {Address::Kind::Number, "447700900001", "Ann"};
    leg.to = {Address::Kind::Number, number, ""};
    leg.origin = {"aa", "bb", "vonage", ""};
    leg.headers = {{"X-One", "1"}, {"X-One", "2"}};
    leg.created = created;
    return leg;
  }

  std::unique_ptr<Connection> connection_;
  Connection* db_ = nullptr;
  base::SeededRandom random_{7};
};

TEST_P(Repositories, CallsOfCampaignsAreFoundByTimeAndPurged) {
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(add_campaign_calls(
        *db_, {{std::to_string(i), kStart + i * 1s, "summer", i == 2 ? "" : "447700900001", "{}"}}));
  }
  const auto found = find_campaign_calls(*db_, {kStart + 1s, kStart + 2s, ""});
  ASSERT_TRUE(found);
  ASSERT_EQ(found->size(), 1);
  EXPECT_EQ((*found)[0].call, "1");
  EXPECT_EQ(find_campaign_calls(*db_, {{}, {}, "2"})->size(), 1);
  EXPECT_EQ(*campaign_callers(*db_),
            (std::vector<std::pair<std::string, std::string>>{{"summer", "447700900001"}}));
  ASSERT_TRUE(purge(*db_, {.records = kStart + 2s}));
  EXPECT_EQ(find_campaign_calls(*db_, {})->size(), 1);
}

TEST_P(Repositories, DocumentsAreChangedOnlyFromTheVersionThatWasRead) {
  Document document{"campaign", "summer", "", 0, R"({"a":1})"};
  ASSERT_TRUE(put_document(*db_, document, kStart));
  EXPECT_EQ(put_document(*db_, document, kStart).error().code, ErrorCode::Conflict);
  document = *find_document(*db_, "campaign", "summer");
  EXPECT_EQ(document.version, 1);
  document.body = R"({"a":2})";
  ASSERT_TRUE(put_document(*db_, document, kStart));
  EXPECT_EQ(put_document(*db_, document, kStart).error().code, ErrorCode::Conflict);
  EXPECT_EQ(documents_of_kind(*db_, "campaign")->front().body, R"({"a":2})");
  ASSERT_TRUE(erase_document(*db_, "campaign", "summer"));
  EXPECT_EQ(find_document(*db_, "campaign", "summer").error().code, ErrorCode::NotFound);
}

TEST_P(Repositories, TheDirectoryComesBackAsItWas) {
  directory::Account account;
  account.id = make<directory::AccountId>();
  account.name = "Größe";
  account.silence_accepts = false;
  account.settings = {{"vonage", R"({"api_key":"abc"})"}};
  directory::Number number;
  number.id = make<directory::NumberId>();
  number.digits = "442079460000";
  number.owner = account.id;
  number.assignment = directory::ToAddresses{{{Address::Kind::Number, "447700900001", ""}}};
  directory::Phone phone;
  phone.id = make<directory::PhoneId>();
  phone.extension = "0042*310";
  phone.kind = directory::ExtensionKind::Queue;
  phone.ha1 = {{"MD5", "00ff"}};
  directory::Trunk trunk;
  trunk.id = make<directory::TrunkId>();
  trunk.hosts = {"a.example", "b.example:5061"};
  trunk.format = directory::NumberFormat::National;
  trunk.weight = 7;
  ASSERT_TRUE(put(*db_, account, kStart) && put(*db_, number, kStart) && put(*db_, phone, kStart) &&
              put(*db_, trunk, kStart));
  trunk.weight = 8;
  ASSERT_TRUE(put(*db_, trunk, kStart));
  const auto all = load_directory(*db_);
  ASSERT_TRUE(all) << all.error().detail;
  ASSERT_TRUE(all->accounts.size() == 1 && all->numbers.size() == 1 && all->phones.size() == 1 &&
              all->trunks.size() == 1);
  EXPECT_EQ(all->accounts[0].name, "Größe");
  EXPECT_FALSE(all->accounts[0].silence_accepts);
  EXPECT_EQ(all->accounts[0].settings, account.settings);
  EXPECT_EQ(all->numbers[0].owner, account.id);
  EXPECT_EQ(std::get<directory::ToAddresses>(all->numbers[0].assignment).in_turn[0].text, "447700900001");
  EXPECT_EQ(all->phones[0].kind, directory::ExtensionKind::Queue);
  EXPECT_EQ(all->phones[0].ha1, phone.ha1);
  EXPECT_EQ(all->trunks[0].hosts, trunk.hosts);
  EXPECT_EQ(all->trunks[0].format, directory::NumberFormat::National);
  EXPECT_EQ(all->trunks[0].weight, 8u);
  ASSERT_TRUE(erase(*db_, trunk.id));
  EXPECT_EQ(erase(*db_, trunk.id).error().code, ErrorCode::NotFound);
}

TEST_P(Repositories, EveryAssignmentComesBack) {
  const std::vector<directory::Assignment> assignments = {
      std::monostate{},
      directory::ToApplication{make<directory::ApplicationId>()},
      directory::ToDialect{"twilio"},
      directory::ToPhone{make<directory::PhoneId>()},
      directory::ToCampaign{"summer"},
      directory::ToAddresses{}};
  std::set<size_t> seen;
  for (const auto& assignment : assignments) {
    directory::Number number;
    number.id = make<directory::NumberId>();
    number.assignment = assignment;
    ASSERT_TRUE(put(*db_, number, kStart));
  }
  const auto all = load_directory(*db_);
  ASSERT_TRUE(all);
  for (const auto& number : all->numbers) seen.insert(number.assignment.index());
  EXPECT_EQ(seen.size(), assignments.size());
}

TEST_P(Repositories, ALegComesBackAsItWas) {
  call::Leg leg = leg_to("14155550100", kStart);
  ASSERT_TRUE(put_leg(*db_, leg));
  ASSERT_TRUE(put_leg_extra(*db_, leg.id, R"({"event_url":"http://a"})"));
  leg.state = call::LegState::Ended;
  leg.carrier = make<call::LegId>();
  leg.answered_at = kStart + 1s;
  leg.ended_at = kStart + 2s;
  leg.end = call::EndReason{call::EndCause::Busy, call::EndedBy::FarEnd, 486, "busy here"};
  ASSERT_TRUE(put_leg(*db_, leg));
  const auto found = find_leg(*db_, leg.id);
  ASSERT_TRUE(found) << found.error().detail;
  EXPECT_EQ(found->extra, R"({"event_url":"http://a"})");
  EXPECT_EQ(found->leg.call, leg.call);
  EXPECT_EQ(found->leg.from, leg.from);
  EXPECT_EQ(found->leg.to, leg.to);
  EXPECT_EQ(found->leg.origin.application, "bb");
  EXPECT_EQ(found->leg.headers, leg.headers);
  EXPECT_EQ(found->leg.carrier, leg.carrier);
  EXPECT_EQ(found->leg.created, kStart);
  EXPECT_EQ(found->leg.ringing_at, std::nullopt);
  EXPECT_EQ(found->leg.answered_at, leg.answered_at);
  EXPECT_EQ(found->leg.end, leg.end);
  EXPECT_EQ(find_leg(*db_, make<call::LegId>()).error().code, ErrorCode::NotFound);
}

TEST_P(Repositories, LegsAreListedByQueryNewestFirst) {
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(put_leg(*db_, leg_to(i < 3 ? "111" : "222", kStart + i * 1s)));
  const LegQuery of_number{.account = "aa", .to = "111", .count_max = 2};
  EXPECT_EQ(count_legs(*db_, of_number), 3);
  const auto page = find_legs(*db_, of_number);
  ASSERT_EQ(page->size(), 2u);
  EXPECT_EQ(page->front().leg.created, kStart + 2s);
  EXPECT_EQ(find_legs(*db_, {.created_from = kStart + 1s, .created_until = kStart + 3s, .oldest_first = true})
                ->size(),
            2u);
  EXPECT_EQ(find_legs(*db_, {.account = "other"})->size(), 0u);
}

TEST_P(Repositories, LegsFoundOpenAtStartAreEndedOnce) {
  const call::Leg leg = leg_to("111", kStart);
  ASSERT_TRUE(put_leg(*db_, leg));
  const auto closed = close_open_legs(*db_, kStart + 60s);
  ASSERT_EQ(closed->size(), 1u);
  EXPECT_EQ(closed->front().leg.end->cause, call::EndCause::ServerStopped);
  EXPECT_EQ(find_leg(*db_, leg.id)->leg.ended_at, kStart + 60s);
  EXPECT_TRUE(find_legs(*db_, {.live_only = true})->empty());
  EXPECT_TRUE(close_open_legs(*db_, kStart + 61s)->empty());
}

TEST_P(Repositories, TheLedgerGivesAllRowsOfTheRoomsThatALegWasIn) {
  const auto room = make<hearing::RoomId>();
  const auto agent = make<hearing::LegId>();
  const auto customer = make<hearing::LegId>();
  const auto tap = make<hearing::TapId>();
  const auto span = [&](uint64_t revision) {
    return hearing::Span{room, revision, kStart, std::nullopt, "join"};
  };
  hearing::Ledger::Rows rows;
  rows.memberships = {{span(1), {agent, true, true}}, {span(2), {customer, false, true}}};
  rows.prompts = {{span(3), {make<hearing::PromptId>(), false, 0.25F}}};
  rows.taps = {{span(4), {{tap, 12}, hearing::TapRow::Base::SameAsLeg, agent}}};
  rows.exceptions = {{span(3), {customer, rows.prompts[0].prompt.prompt, 0.0F}},
                     {span(4), {hearing::TapChannel{tap, 12}, agent, 0.5F}}};
  ASSERT_TRUE(put_hearing(*db_, rows));
  rows.exceptions[0].span.to = kStart + 3s;
  hearing::Ledger::Rows closed;
  closed.exceptions = {rows.exceptions[0]};
  ASSERT_TRUE(put_hearing(*db_, closed));
  const auto found = find_hearing(*db_, {agent});
  ASSERT_TRUE(found) << found.error().detail;
  EXPECT_EQ(found->memberships, rows.memberships);
  EXPECT_EQ(found->prompts, rows.prompts);
  EXPECT_EQ(found->taps, rows.taps);
  EXPECT_EQ(found->exceptions, rows.exceptions);
  ASSERT_TRUE(close_open_hearing(*db_, kStart + 9s));
  EXPECT_EQ(find_hearing(*db_, {customer})->memberships[0].span.to, kStart + 9s);
  EXPECT_TRUE(find_hearing(*db_, {make<hearing::LegId>()})->memberships.empty());
}

TEST_P(Repositories, ARecordingComesBackAsItWas) {
  RecordingRecord recording;
  recording.account = "aa";
  recording.info.id = make<call::RecordingId>();
  recording.info.call = make<call::CallId>();
  recording.info.started = kStart;
  recording.info.spec.policy = call::RecordingPolicy::CallerCallee;
  recording.info.spec.format = call::RecordingFormat::Mp3;
  ASSERT_TRUE(put_recording(*db_, recording));
  recording.info.ended = kStart + 5s;
  recording.info.length = 5000ms;
  recording.info.end = call::RecordingEnd::Key;
  recording.info.end_key = '#';
  recording.info.path = "2026/a.mp3";
  ASSERT_TRUE(put_recording(*db_, recording));
  const auto found = find_recording(*db_, recording.info.id);
  ASSERT_TRUE(found) << found.error().detail;
  EXPECT_EQ(found->info.spec.policy, call::RecordingPolicy::CallerCallee);
  EXPECT_EQ(found->info.end, call::RecordingEnd::Key);
  EXPECT_EQ(found->info.end_key, '#');
  EXPECT_EQ(found->info.length, 5000ms);
  EXPECT_EQ(find_recordings(*db_, {.account = "aa", .call = recording.info.call})->size(), 1u);
  ASSERT_TRUE(erase_recording(*db_, recording.info.id));
  EXPECT_EQ(find_recording(*db_, recording.info.id).error().code, ErrorCode::NotFound);
}

TEST_P(Repositories, ARecordingsPolicyAndFormatComeBackWhicheverTheyAre) {
  using Policy = call::RecordingPolicy;
  using Format = call::RecordingFormat;
  for (const Policy policy : {Policy::Mixed, Policy::OneVoice, Policy::OneEar, Policy::SaidAndHeard,
                              Policy::CallerCallee, Policy::TrackPerLeg}) {
    for (const Format format : {Format::Wav, Format::Mp3, Format::Ogg}) {
      RecordingRecord recording;
      recording.info.id = make<call::RecordingId>();
      recording.info.spec.policy = policy;
      recording.info.spec.format = format;
      ASSERT_TRUE(put_recording(*db_, recording));
      const auto found = find_recording(*db_, recording.info.id);
      ASSERT_TRUE(found) << found.error().detail;
      EXPECT_EQ(found->info.spec.policy, policy);
      EXPECT_EQ(found->info.spec.format, format);
    }
  }
}

TEST_P(Repositories, DeliveriesGoInOrderAndBecomeDeadLetters) {
  for (const char* id : {"c", "a", "b"}) {
    Delivery delivery;
    delivery.id = id;
    delivery.stream = "s";
    delivery.account = "aa";
    delivery.url = "http://a/?x=1";
    delivery.body = R"({"status":"completed"})";
    delivery.created = delivery.next_try = kStart;
    ASSERT_TRUE(add_delivery(*db_, delivery));
  }
  ASSERT_TRUE(note_attempt(*db_, "c", kStart + 1s, "refused"));
  ASSERT_TRUE(erase_delivery(*db_, "a"));
  ASSERT_TRUE(bury_delivery(*db_, "b", "gone"));
  auto pending = pending_deliveries(*db_, 0, 10);
  ASSERT_EQ(pending->size(), 1u);
  EXPECT_EQ(pending->front().id, "c");
  EXPECT_EQ(pending->front().attempts, 1);
  EXPECT_EQ(pending->front().last_error, "refused");
  EXPECT_EQ(dead_deliveries(*db_, "aa", 0, 10)->front().last_error, "gone");
  EXPECT_EQ(dead_deliveries(*db_, "other", 0, 10)->size(), 0u);
  EXPECT_EQ(revive_delivery(*db_, "c", kStart).error().code, ErrorCode::NotFound);
  ASSERT_TRUE(revive_delivery(*db_, "b", kStart));
  EXPECT_EQ(pending_deliveries(*db_, 0, 10)->size(), 2u);
  EXPECT_EQ(pending_deliveries(*db_, find_delivery(*db_, "c")->sequence, 10)->front().id, "b");
}

TEST_P(Repositories, PendingDeliveriesAreFoundByStream) {
  int count = 0;
  for (const std::string stream : {"x", "y", "x", "z", "x"}) {
    Delivery delivery;
    delivery.id = stream + std::to_string(count++);
    delivery.stream = stream;
    ASSERT_TRUE(add_delivery(*db_, delivery));
  }
  ASSERT_TRUE(bury_delivery(*db_, "z3", "gone"));
  const auto of_x = pending_of_stream(*db_, "x", 2);
  ASSERT_EQ(of_x->size(), 2u);
  EXPECT_EQ(of_x->front().id, "x0");
  EXPECT_EQ(of_x->back().id, "x2");
  const auto streams = pending_streams(*db_, 0, 10);
  ASSERT_EQ(streams->size(), 2u);
  EXPECT_EQ(streams->front().stream, "x");
  EXPECT_EQ(streams->back().stream, "y");
  ASSERT_EQ(pending_streams(*db_, streams->front().first, 10)->size(), 1u);
  EXPECT_TRUE(pending_streams(*db_, streams->back().first, 10)->empty());
}

TEST_P(Repositories, TokensAreFoundByFingerprintUntilTheyExpire) {
  ASSERT_TRUE(add_token(*db_, {"f1", "", "operator", "admin", kStart, std::nullopt}));
  ASSERT_TRUE(add_token(*db_, {"f2", "aa", "script", "read", kStart, kStart + 10s}));
  EXPECT_EQ(find_token(*db_, "f1", kStart)->name, "operator");
  EXPECT_TRUE(find_token(*db_, "f2", kStart + 9s));
  EXPECT_EQ(find_token(*db_, "f2", kStart + 10s).error().code, ErrorCode::NotFound);
  EXPECT_EQ(all_tokens(*db_)->size(), 2u);
  ASSERT_TRUE(erase_token(*db_, "f1"));
  EXPECT_FALSE(find_token(*db_, "f1", kStart));
}

TEST_P(Repositories, EventsAreKeptInOrderWithTheirReason) {
  call::Event event;
  event.call = make<call::CallId>();
  event.leg = make<call::LegId>();
  event.wall = kStart;
  event.what = call::LegAnswered{};
  ASSERT_TRUE(add_events(*db_, {*event_record(event)}));
  event.what = call::LegEnded{{call::EndCause::HungUp, call::EndedBy::FarEnd, 200, ""}};
  ASSERT_TRUE(add_events(*db_, {*event_record(event)}));
  event.what = call::PlanApplied{};
  EXPECT_FALSE(event_record(event));
  const auto events = events_of_call(*db_, event.call, 0, 10);
  ASSERT_EQ(events->size(), 2u);
  EXPECT_EQ((*events)[0].kind, "leg_answered");
  EXPECT_NE((*events)[1].body.find(R"("sip_code":200)"), std::string::npos);
  EXPECT_EQ(events_of_call(*db_, event.call, (*events)[0].sequence, 10)->size(), 1u);
}

TEST_P(Repositories, PurgingTakesWhatIsOldAndEndedOnly) {
  call::Leg ended = leg_to("111", kStart);
  ended.ended_at = kStart + 1s;
  ended.end = call::EndReason{};
  const call::Leg open = leg_to("111", kStart);
  call::Leg young = leg_to("111", kStart + 100s);
  young.ended_at = kStart + 101s;
  ASSERT_TRUE(put_leg(*db_, ended) && put_leg(*db_, open) && put_leg(*db_, young));
  RecordingRecord recording;
  recording.info.id = make<call::RecordingId>();
  recording.info.started = kStart;
  recording.info.ended = kStart + 1s;
  recording.info.path = "old.wav";
  ASSERT_TRUE(put_recording(*db_, recording));
  hearing::Ledger::Rows ledger;
  ledger.memberships = {{{make<hearing::RoomId>(), 1, kStart, kStart + 1s, "join"}, {ended.id, true, true}},
                        {{make<hearing::RoomId>(), 1, kStart, std::nullopt, "join"}, {open.id, true, true}}};
  ASSERT_TRUE(put_hearing(*db_, ledger));
  const WallTime before = kStart + 50s;
  const auto purged =
      purge(*db_, {.records = before, .ledger = before, .recordings = before, .dead_letters = before});
  ASSERT_TRUE(purged) << purged.error().detail;
  EXPECT_EQ(purged->rows, 3);
  EXPECT_FALSE(purged->more);
  EXPECT_EQ(purged->recording_paths, std::vector<std::string>{"old.wav"});
  EXPECT_EQ(count_legs(*db_, {}), 2);
  EXPECT_TRUE(find_hearing(*db_, {ended.id})->memberships.empty());
  EXPECT_EQ(find_hearing(*db_, {open.id})->memberships.size(), 1u);
}

INSTANTIATE_TEST_SUITE_P(, Repositories, testing::Values(Engine::Sqlite, Engine::Postgres), engine_name);

class Backups : public OnBothEngines {};

TEST_P(Backups, ABackupOfALiveDatabaseCanBeRestored) {
  TestFolder folder;
  const std::string copy = folder.file("copy.db");
  auto connection = open_migrated();
  ASSERT_TRUE(add_token(*connection, {"before", "", "", "", kStart, std::nullopt}));
  if (GetParam() == Engine::Postgres) {
    EXPECT_EQ(back_up(address(), copy).error().code, ErrorCode::Unsupported);
    return;
  }
  ASSERT_TRUE(back_up(address(), copy));
  ASSERT_TRUE(add_token(*connection, {"after", "", "", "", kStart, std::nullopt}));
  EXPECT_EQ(restore(copy, address()).error().code, ErrorCode::Conflict);
  connection.reset();
  const auto restored = restore(copy, address());
  ASSERT_TRUE(restored) << restored.error().detail;
  connection = open_migrated();
  EXPECT_TRUE(find_token(*connection, "before", kStart));
  EXPECT_FALSE(find_token(*connection, "after", kStart));
}

TEST_P(Backups, WhatIsNoBackupIsRefusedAndChangesNothing) {
  if (GetParam() == Engine::Postgres) {
    EXPECT_EQ(restore("x", address()).error().code, ErrorCode::Unsupported);
    return;
  }
  TestFolder folder;
  const std::string empty = folder.file("empty.db");
  ASSERT_TRUE(connect({"sqlite:" + empty}));
  EXPECT_EQ(restore(empty, address()).error().code, ErrorCode::Invalid);
  EXPECT_EQ(restore(folder.file("none"), address()).error().code, ErrorCode::Invalid);
  const auto connection = open_migrated();
  EXPECT_TRUE(all_tokens(*connection));
}

INSTANTIATE_TEST_SUITE_P(, Backups, testing::Values(Engine::Sqlite, Engine::Postgres), engine_name);

}  // namespace
}  // namespace sotto::store
