#include "hearing/ledger.h"

#include <gtest/gtest.h>

#include "hearing/derive.h"
#include "hearing/room_text.h"

namespace sotto::hearing {
namespace {

WallTime second(int64_t count) {
  return WallTime(std::chrono::seconds(count));
}

// Follows one room and keeps rows as a store would: a closed row replaces its open one.
class LedgerTest : public testing::Test {
 protected:
  // Returns how many rows the change touched.
  size_t change(const Facts& facts, int64_t at, const char* cause) {
    Plan& plan = plans_[facts.room];
    plan.room = facts.room;
    Plan next = derive(facts);
    next.revision = plan.revision + 1;
    const Ledger::Rows touched = ledger_.on_applied(diff(plan, next), second(at), cause);
    plan = next;
    keep(touched);
    return touched.size();
  }
  size_t change(const char* text, int64_t at, const char* cause, uint64_t room = 9) {
    Facts facts = facts_of(text);
    facts.room = {.high = 9, .low = room};
    return change(facts, at, cause);
  }
  void keep(const Ledger::Rows& rows) {
    keep(rows.memberships, stored_.memberships, [](const auto& row) { return row.member.leg; });
    keep(rows.prompts, stored_.prompts, [](const auto& row) { return row.prompt.prompt; });
    keep(rows.taps, stored_.taps, [](const auto& row) { return row.tap.channel; });
    keep(rows.exceptions, stored_.exceptions,
         [](const auto& row) { return std::pair(row.cell.listener, row.cell.source); });
  }
  template <typename Row, typename Key>
  static void keep(const std::vector<Row>& rows, std::vector<Row>& stored, Key key) {
    for (const Row& row : rows) {
      const auto same = std::find_if(stored.begin(), stored.end(), [&](const Row& old) {
        return old.span.room == row.span.room && old.span.revision == row.span.revision &&
               key(old) == key(row);
      });
      if (same == stored.end()) {
        stored.push_back(row);
      } else {
        *same = row;
      }
    }
  }

  // "A<C 1-5 bridge", one a line.
  std::string lanes(const std::vector<LegId>& legs) const {
    const auto seconds = [](WallTime time) {
      return std::to_string(
          std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count());
    };
    std::string out;
    for (const Interval& lane : intervals(stored_, legs)) {
      const LegId* ear = std::get_if<LegId>(&lane.listener);
      out += static_cast<char>(ear != nullptr ? ear->low : std::get<TapChannel>(lane.listener).tap.low);
      out += '<';
      out += static_cast<char>(std::visit([](const auto& id) { return id.low; }, lane.source));
      if (lane.gain != 1) out += "*" + std::to_string(lane.gain).substr(0, 3);
      out += " " + seconds(lane.from) + "-" + (lane.to ? seconds(*lane.to) : "") + " " + lane.cause + "\n";
    }
    return out;
  }

  Ledger ledger_;
  std::map<RoomId, Plan> plans_;
  Ledger::Rows stored_;
};

TEST_F(LedgerTest, ABridgeAMuteAndWhoeverStaysIsOpenEnded) {
  change("A", 0, "join");
  change("AC", 1, "bridge");
  change("AC A.muted", 3, "mute");
  change("AC", 5, "unmute");
  EXPECT_EQ(lanes({leg('A')}), "A<C 1- bridge\nC<A 1-3 bridge\nC<A 5- unmute\n");
  change("C", 8, "leave");
  EXPECT_EQ(lanes({leg('A')}), "A<C 1-8 bridge\nC<A 1-3 bridge\nC<A 5-8 unmute\n");
}

TEST_F(LedgerTest, AWhisperIsInTheTargetsLaneAlone) {
  change("AC", 0, "bridge");
  change("ACS S>A.whisper", 2, "whisper");
  change("ACS S>A.barge", 4, "barge");
  keep(ledger_.on_closed(RoomId{.high = 9, .low = 9}, second(6)));
  EXPECT_EQ(lanes({leg('S')}), "A<S 2-6 whisper\nS<A 2-6 whisper\nS<C 2-6 whisper\nC<S 4-6 barge\n");
}

TEST_F(LedgerTest, PromptsKeepTheirGainAndAudience) {
  change("AC", 0, "bridge");
  change("AC p*0.5 q@A*2", 1, "prompt");
  change("AC A.held p*0.5 q@A*2", 2, "hold");
  change("AC", 3, "prompt ended");
  EXPECT_EQ(lanes({leg('A')}),
            "A<C 0-2 bridge\nC<A 0-2 bridge\nA<p*0.5 1-2 prompt\nA<q*2.0 1-3 prompt\nA<C 3- prompt ended\n"
            "C<A 3- prompt ended\n");
}

TEST_F(LedgerTest, RecordingsAreListenersToo) {
  change("AC", 0, "bridge");
  change("AC 1:*-C 2:<C 3:C", 1, "recording");
  change("ACS S>C.whisper 1:*-C 2:<C 3:C", 2, "whisper");
  change("ACS S>C.whisper C.muted", 4, "mute");
  EXPECT_EQ(lanes({leg('C'), leg('S')}),
            "A<C 0-4 bridge\nC<A 0- bridge\n3<C 1-4 recording\nC<S 2- whisper\nS<A 2- whisper\n"
            "S<C 2-4 whisper\n2<S 2-4 whisper\n");
  EXPECT_EQ(lanes({leg('A')}).find("1<A 1-4 recording") != std::string::npos, true);
}

TEST_F(LedgerTest, ALegThatMovesIsReadAcrossRooms) {
  change("AC", 0, "bridge", 1);
  change("D", 0, "join", 2);
  change("A", 3, "transfer", 1);
  change("CD", 3, "transfer", 2);
  EXPECT_EQ(lanes({leg('C')}), "A<C 0-3 bridge\nC<A 0-3 bridge\nC<D 3- transfer\nD<C 3- transfer\n");
}

TEST_F(LedgerTest, AMoveTogetherLeavesNoSeam) {
  change("AC", 0, "bridge", 1);
  change("", 3, "transfer", 1);
  change("AC", 3, "transfer", 2);
  EXPECT_EQ(lanes({leg('A')}), "A<C 0- bridge\nC<A 0- bridge\n");
}

TEST_F(LedgerTest, AClockSetBackEndsARowWhereItBegan) {
  change("AC", 10, "bridge");
  change("A", 5, "leave");
  EXPECT_EQ(lanes({leg('A')}), "");
  for (const MembershipRow& row : stored_.memberships)
    EXPECT_LE(row.span.from, row.span.to.value_or(second(99)));
}

TEST_F(LedgerTest, AChangeInARoomOfAThousandTouchesFewRows) {
  Facts facts = facts_of("S");
  for (uint64_t i = 0; i < 1000; ++i) {
    facts.members.emplace_back();
    facts.members.back().leg = {.high = 5, .low = i};
  }
  EXPECT_EQ(change(facts, 0, "join"), 1001u);
  facts.members.emplace_back();
  facts.members.back().leg = {.high = 5, .low = 5000};
  EXPECT_EQ(change(facts, 1, "join"), 1u);
  facts.supervisions = {
      {.supervisor = leg('S'), .target = {.high = 5, .low = 3}, .mode = SupervisionMode::Whisper}};
  EXPECT_EQ(change(facts, 2, "whisper"), 3u);  // his old membership, his new one, the one cell
  facts.prompts = {{.id = prompt('p'), .only = {}, .gain = 0.5F}};
  EXPECT_EQ(change(facts, 3, "prompt"), 1u);
  facts.taps = {{.id = tap('1'), .channels = {OpenRoom{}}}};
  EXPECT_EQ(change(facts, 4, "recording"), 1u);
  facts.members[1].muted = true;
  EXPECT_EQ(change(facts, 5, "mute"), 2u);
  // All others both ways, his target without a seam, and the prompt.
  EXPECT_EQ(intervals(stored_, {leg('S')}).size(), 1001u + 1001 + 1);
}

}  // namespace
}  // namespace sotto::hearing
