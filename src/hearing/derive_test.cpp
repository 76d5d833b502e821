#include "hearing/derive.h"

#include <limits>

#include <gtest/gtest.h>

#include "hearing/room_text.h"

namespace sotto::hearing {
namespace {

struct Row {
  const char* facts;
  const char* heard;
};

void expect_rows(std::initializer_list<Row> rows) {
  for (const Row& row : rows) EXPECT_EQ(heard(derive(facts_of(row.facts))), row.heard) << row.facts;
}

// A agent, C customer, S supervisor, D a fourth; p and q prompts.
TEST(Derive, OneFactAlone) {
  expect_rows({
      {"", ""},
      {"A", "A<"},
      {"AC", "A<C C<A"},
      {"ACD", "A<CD C<AD D<AC"},
      {"ACD A.muted", "A<CD C<D D<C"},
      {"ACD A.earmuffed", "A< C<AD D<AC"},
      {"ACD A.held", "A< C<D D<C"},
      {"ACD A.waiting", "A< C<D D<C"},
      {"ACD A.source_only", "A< C<AD D<AC"},
      {"ACD A.speak=C", "A<CD C<AD D<C"},
      {"ACD A.speak=", "A<CD C<D D<C"},
      {"ACD A.hear=C", "A<C C<AD D<AC"},
      {"ACD A.hear=", "A< C<AD D<AC"},
      {"ACS S>A.listen", "A<C C<A S<AC"},
      {"ACS S>A.whisper", "A<CS C<A S<AC"},  // voipnow.md §7 row 1, twilio.md §7.3
      {"ACS S>A.private", "A<CS C<A S<"},    // voipnow.md §7 row 5
      {"ACS S>A.barge", "A<CS C<AS S<AC"},   // voipnow.md §7 row 43
      {"AC p", "A<Cp C<Ap"},
      {"AC p@A", "A<Cp C<A"},
      {"AC p*0.5 q@C*2", "A<Cp*0.5 C<Ap*0.5q*2"},
      {"AC p@Z", "A<C C<A"},
  });
}

TEST(Derive, WhisperWithEachFactOfTheSupervisor) {
  expect_rows({
      {"ACS S>A.whisper S.muted", "A<C C<A S<AC"},
      {"ACS S>A.whisper S.earmuffed", "A<CS C<A S<"},
      {"ACS S>A.whisper S.held", "A<C C<A S<"},
      {"ACS S>A.whisper S.waiting", "A<C C<A S<"},
      {"ACS S>A.whisper S.source_only", "A<CS C<A S<"},
      {"ACS S>A.whisper S.speak=A", "A<CS C<A S<AC"},
      {"ACS S>A.whisper S.speak=C", "A<C C<A S<AC"},  // neither fact opens what the other closed
      {"ACS S>A.whisper S.hear=C", "A<CS C<A S<C"},
      {"ACS S>A.whisper S.hear=", "A<CS C<A S<"},
  });
}

TEST(Derive, WhisperWithEachFactOfTheTarget) {
  expect_rows({
      {"ACS S>A.whisper A.muted", "A<CS C< S<C"},
      {"ACS S>A.whisper A.earmuffed", "A< C<A S<AC"},
      {"ACS S>A.whisper A.held", "A<S C< S<AC"},  // voipnow.md §3.2 step 6
      {"ACS S>A.whisper! A.held", "A< C< S<C"},   // twilio.md §7.3: 16027
      {"ACS S>A.whisper A.waiting", "A<S C< S<AC"},
      {"ACS S>A.whisper! A.waiting", "A< C< S<C"},
      {"ACS S>A.whisper A.source_only", "A< C<A S<AC"},
      {"ACS S>A.whisper A.speak=C", "A<CS C<A S<C"},
      {"ACS S>A.whisper A.hear=C", "A<C C<A S<AC"},
      {"ACS S>A.whisper A.hear=S", "A<S C<A S<AC"},
  });
}

TEST(Derive, Taps) {
  expect_rows({
      {"ACS S>A.whisper 1:C 1:A 1:S", "A<CS C<A S<AC 1<C 1<A 1<S"},
      {"ACS S>A.whisper 1:<C 1:<A", "A<CS C<A S<AC 1<A 1<CS"},
      {"ACS S>A.whisper 1:* 1:*-C", "A<CS C<A S<AC 1<AC 1<A"},
      {"AC A.muted 1:A 1:<C 1:*", "A<C C< 1< 1< 1<C"},
      {"AC A.held p@A 1:A 1:<A 1:*", "A<p C< 1<A 1<p 1<C"},
      {"AC p 1:* 1:*-A", "A<Cp C<Ap 1<ACp 1<Cp"},
      {"AC p@A 1:* 1:<A", "A<Cp C<A 1<AC 1<Cp"},
      {"AC 1:Z 1:<Z 1:*-Z", "A<C C<A 1< 1< 1<AC"},
  });
}

TEST(Derive, PlainRoomHasNoExceptionsAndASupervisorCostsOne) {
  Facts facts = facts_of("S");
  for (uint64_t i = 0; i < 200; ++i) {
    Member member;
    member.leg = {.high = 5, .low = i};
    facts.members.push_back(member);
  }
  EXPECT_TRUE(derive(facts).exceptions.empty());
  EXPECT_TRUE(derive(facts).audiences.empty());
  for (const SupervisionMode mode : {SupervisionMode::Whisper, SupervisionMode::Private}) {
    facts.supervisions = {{.supervisor = leg('S'), .target = {.high = 5, .low = 7}, .mode = mode}};
    EXPECT_EQ(derive(facts).exceptions.size(), 1u);
    EXPECT_EQ(derive(facts).audiences.size(), 1u);
  }
}

TEST(Derive, AudiencesNameEveryListenerOfALimitedSource) {
  const Plan plan = derive(facts_of("ACS S>A.whisper C.muted p@C q 1:S 1:<A 1:<C 1:*"));
  const auto channel = [](uint16_t number) { return TapChannel{.tap = tap('1'), .channel = number}; };
  const std::vector<AudienceRow> expected = {
      {.source = leg('C'), .listeners = {}},
      {.source = leg('S'), .listeners = {leg('A'), channel(0), channel(1)}},
      {.source = prompt('p'), .listeners = {leg('C'), channel(2)}},
  };
  EXPECT_EQ(plan.audiences, expected);
}

TEST(Derive, AnyFactsGiveAPlan) {
  // The first of one id counts, nobody hears himself, and a gain that is no number is silence.
  Facts facts = facts_of("AC A.muted S>A.whisper A>A.whisper p");
  facts.members.push_back({.leg = leg('A')});
  facts.prompts.push_back({.id = prompt('p'), .only = leg('A')});
  facts.prompts.push_back({.id = prompt('q'), .only = {}, .gain = std::numeric_limits<float>::quiet_NaN()});
  facts.prompts.push_back({.id = prompt('r'), .only = {}, .gain = -1.0F});
  const Plan plan = derive(facts);
  EXPECT_EQ(heard(plan), "A<Cp C<p");
  EXPECT_EQ(plan, derive(facts));
}

}  // namespace
}  // namespace sotto::hearing
