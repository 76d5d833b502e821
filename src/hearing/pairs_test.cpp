#include <gtest/gtest.h>

#include "hearing/derive.h"
#include "hearing/room_text.h"

// Every pair of facts has its row here, so that a change of what two of them mean together is seen in a diff.
// A agent, C customer, D a third, S and T supervisors; p for the room, q for A, r for S.
namespace sotto::hearing {
namespace {

struct Row {
  const char* facts;
  const char* heard;
};

void expect_rows(std::initializer_list<Row> rows) {
  for (const Row& row : rows) EXPECT_EQ(heard(derive(facts_of(row.facts))), row.heard) << row.facts;
}

TEST(Pairs, TwoOfOneMember) {
  expect_rows({
      {"ACD A.muted A.earmuffed", "A< C<D D<C"},
      {"ACD A.muted A.held", "A< C<D D<C"},
      {"ACD A.muted A.waiting", "A< C<D D<C"},
      {"ACD A.muted A.source_only", "A< C<D D<C"},
      {"ACD A.muted A.speak=C", "A<CD C<D D<C"},
      {"ACD A.muted A.hear=C", "A<C C<D D<C"},
      {"ACD A.earmuffed A.held", "A< C<D D<C"},
      {"ACD A.earmuffed A.waiting", "A< C<D D<C"},
      {"ACD A.earmuffed A.source_only", "A< C<AD D<AC"},
      {"ACD A.earmuffed A.speak=C", "A< C<AD D<C"},
      {"ACD A.earmuffed A.hear=C", "A< C<AD D<AC"},
      {"ACD A.held A.waiting", "A< C<D D<C"},
      {"ACD A.held A.source_only", "A< C<D D<C"},
      {"ACD A.held A.speak=C", "A< C<D D<C"},
      {"ACD A.held A.hear=C", "A< C<D D<C"},
      {"ACD A.waiting A.source_only", "A< C<D D<C"},
      {"ACD A.waiting A.speak=C", "A< C<D D<C"},
      {"ACD A.waiting A.hear=C", "A< C<D D<C"},
      {"ACD A.source_only A.speak=C", "A< C<AD D<C"},
      {"ACD A.source_only A.hear=C", "A< C<AD D<AC"},
      {"ACD A.speak=C A.hear=C", "A<C C<AD D<C"},
  });
}

TEST(Pairs, OneOfEachOfTwoMembers) {
  expect_rows({
      {"ACD A.muted C.muted", "A<D C<D D<"},
      {"ACD A.muted C.earmuffed", "A<CD C< D<C"},
      {"ACD A.muted C.held", "A<D C< D<"},
      {"ACD A.muted C.waiting", "A<D C< D<"},
      {"ACD A.muted C.source_only", "A<CD C< D<C"},
      {"ACD A.muted C.speak=A", "A<CD C<D D<"},
      {"ACD A.muted C.hear=A", "A<CD C< D<C"},
      {"ACD A.earmuffed C.earmuffed", "A< C< D<AC"},
      {"ACD A.earmuffed C.held", "A< C< D<A"},
      {"ACD A.earmuffed C.waiting", "A< C< D<A"},
      {"ACD A.earmuffed C.source_only", "A< C< D<AC"},
      {"ACD A.earmuffed C.speak=A", "A< C<AD D<A"},
      {"ACD A.earmuffed C.hear=A", "A< C<A D<AC"},
      {"ACD A.held C.held", "A< C< D<"},
      {"ACD A.held C.waiting", "A< C< D<"},
      {"ACD A.held C.source_only", "A< C< D<C"},
      {"ACD A.held C.speak=A", "A< C<D D<"},
      {"ACD A.held C.hear=A", "A< C< D<C"},
      {"ACD A.waiting C.waiting", "A< C< D<"},
      {"ACD A.waiting C.source_only", "A< C< D<C"},
      {"ACD A.waiting C.speak=A", "A< C<D D<"},
      {"ACD A.waiting C.hear=A", "A< C< D<C"},
      {"ACD A.source_only C.source_only", "A< C< D<AC"},
      {"ACD A.source_only C.speak=A", "A< C<AD D<A"},
      {"ACD A.source_only C.hear=A", "A< C<A D<AC"},
      {"ACD A.speak=C C.speak=A", "A<CD C<AD D<"},
      {"ACD A.speak=C C.hear=A", "A<CD C<A D<C"},
      {"ACD A.hear=C C.hear=A", "A<C C<A D<AC"},
  });
}

TEST(Pairs, AModeAndAFactOfTheTarget) {
  expect_rows({
      {"ACS S>A.listen A.muted", "A<C C< S<C"},        {"ACS S>A.listen A.earmuffed", "A< C<A S<AC"},
      {"ACS S>A.listen A.held", "A< C< S<C"},          {"ACS S>A.listen A.waiting", "A< C< S<C"},
      {"ACS S>A.listen A.source_only", "A< C<A S<AC"}, {"ACS S>A.listen A.speak=C", "A<C C<A S<C"},
      {"ACS S>A.listen A.hear=C", "A<C C<A S<AC"},     {"ACS S>A.listen! A.held", "A< C< S<C"},
      {"ACS S>A.listen! A.waiting", "A< C< S<C"},      {"ACS S>A.whisper A.muted", "A<CS C< S<C"},
      {"ACS S>A.whisper A.earmuffed", "A< C<A S<AC"},  {"ACS S>A.whisper A.held", "A<S C< S<AC"},
      {"ACS S>A.whisper A.waiting", "A<S C< S<AC"},    {"ACS S>A.whisper A.source_only", "A< C<A S<AC"},
      {"ACS S>A.whisper A.speak=C", "A<CS C<A S<C"},   {"ACS S>A.whisper A.hear=C", "A<C C<A S<AC"},
      {"ACS S>A.whisper! A.held", "A< C< S<C"},        {"ACS S>A.whisper! A.waiting", "A< C< S<C"},
      {"ACS S>A.private A.muted", "A<CS C< S<"},       {"ACS S>A.private A.earmuffed", "A< C<A S<"},
      {"ACS S>A.private A.held", "A<S C< S<"},         {"ACS S>A.private A.waiting", "A<S C< S<"},
      {"ACS S>A.private A.source_only", "A< C<A S<"},  {"ACS S>A.private A.speak=C", "A<CS C<A S<"},
      {"ACS S>A.private A.hear=C", "A<C C<A S<"},      {"ACS S>A.private! A.held", "A< C< S<"},
      {"ACS S>A.private! A.waiting", "A< C< S<"},      {"ACS S>A.barge A.muted", "A<CS C<S S<C"},
      {"ACS S>A.barge A.earmuffed", "A< C<AS S<AC"},   {"ACS S>A.barge A.held", "A< C<S S<C"},
      {"ACS S>A.barge A.waiting", "A< C<S S<C"},       {"ACS S>A.barge A.source_only", "A< C<AS S<AC"},
      {"ACS S>A.barge A.speak=C", "A<CS C<AS S<C"},    {"ACS S>A.barge A.hear=C", "A<C C<AS S<AC"},
      {"ACS S>A.barge! A.held", "A< C<S S<C"},         {"ACS S>A.barge! A.waiting", "A< C<S S<C"},
  });
}

TEST(Pairs, AModeAndAFactOfTheSupervisor) {
  expect_rows({
      {"ACS S>A.listen S.muted", "A<C C<A S<AC"},       {"ACS S>A.listen S.earmuffed", "A<C C<A S<"},
      {"ACS S>A.listen S.held", "A<C C<A S<"},          {"ACS S>A.listen S.waiting", "A<C C<A S<"},
      {"ACS S>A.listen S.source_only", "A<C C<A S<"},   {"ACS S>A.listen S.speak=C", "A<C C<A S<AC"},
      {"ACS S>A.listen S.hear=C", "A<C C<A S<C"},       {"ACS S>A.whisper S.muted", "A<C C<A S<AC"},
      {"ACS S>A.whisper S.earmuffed", "A<CS C<A S<"},   {"ACS S>A.whisper S.held", "A<C C<A S<"},
      {"ACS S>A.whisper S.waiting", "A<C C<A S<"},      {"ACS S>A.whisper S.source_only", "A<CS C<A S<"},
      {"ACS S>A.whisper S.speak=C", "A<C C<A S<AC"},    {"ACS S>A.whisper S.hear=C", "A<CS C<A S<C"},
      {"ACS S>A.private S.muted", "A<C C<A S<"},        {"ACS S>A.private S.earmuffed", "A<CS C<A S<"},
      {"ACS S>A.private S.held", "A<C C<A S<"},         {"ACS S>A.private S.waiting", "A<C C<A S<"},
      {"ACS S>A.private S.source_only", "A<CS C<A S<"}, {"ACS S>A.private S.speak=C", "A<C C<A S<"},
      {"ACS S>A.private S.hear=C", "A<CS C<A S<"},      {"ACS S>A.barge S.muted", "A<C C<A S<AC"},
      {"ACS S>A.barge S.earmuffed", "A<CS C<AS S<"},    {"ACS S>A.barge S.held", "A<C C<A S<"},
      {"ACS S>A.barge S.waiting", "A<C C<A S<"},        {"ACS S>A.barge S.source_only", "A<CS C<AS S<"},
      {"ACS S>A.barge S.speak=C", "A<C C<AS S<AC"},     {"ACS S>A.barge S.hear=C", "A<CS C<AS S<C"},
  });
}

TEST(Pairs, AModeAndAFactOfAThird) {
  expect_rows({
      {"ACS S>A.listen C.muted", "A< C<A S<A"},        {"ACS S>A.listen C.earmuffed", "A<C C< S<AC"},
      {"ACS S>A.listen C.held", "A< C< S<A"},          {"ACS S>A.listen C.waiting", "A< C< S<A"},
      {"ACS S>A.listen C.source_only", "A<C C< S<AC"}, {"ACS S>A.listen C.speak=S", "A< C<A S<AC"},
      {"ACS S>A.listen C.hear=S", "A<C C< S<AC"},      {"ACS S>A.whisper C.muted", "A<S C<A S<A"},
      {"ACS S>A.whisper C.earmuffed", "A<CS C< S<AC"}, {"ACS S>A.whisper C.held", "A<S C< S<A"},
      {"ACS S>A.whisper C.waiting", "A<S C< S<A"},     {"ACS S>A.whisper C.source_only", "A<CS C< S<AC"},
      {"ACS S>A.whisper C.speak=S", "A<S C<A S<AC"},   {"ACS S>A.whisper C.hear=S", "A<CS C< S<AC"},
      {"ACS S>A.private C.muted", "A<S C<A S<"},       {"ACS S>A.private C.earmuffed", "A<CS C< S<"},
      {"ACS S>A.private C.held", "A<S C< S<"},         {"ACS S>A.private C.waiting", "A<S C< S<"},
      {"ACS S>A.private C.source_only", "A<CS C< S<"}, {"ACS S>A.private C.speak=S", "A<S C<A S<"},
      {"ACS S>A.private C.hear=S", "A<CS C< S<"},      {"ACS S>A.barge C.muted", "A<S C<AS S<A"},
      {"ACS S>A.barge C.earmuffed", "A<CS C< S<AC"},   {"ACS S>A.barge C.held", "A<S C< S<A"},
      {"ACS S>A.barge C.waiting", "A<S C< S<A"},       {"ACS S>A.barge C.source_only", "A<CS C< S<AC"},
      {"ACS S>A.barge C.speak=S", "A<S C<AS S<AC"},    {"ACS S>A.barge C.hear=S", "A<CS C<S S<AC"},
  });
}

TEST(Pairs, PromptsAndAnyFact) {
  expect_rows({
      {"ACD p q@A A.muted", "A<CDpq C<Dp D<Cp"},
      {"ACD p q@A A.earmuffed", "A<pq C<ADp D<ACp"},
      {"ACD p q@A A.held", "A<q C<Dp D<Cp"},
      {"ACD p q@A A.waiting", "A<q C<Dp D<Cp"},
      {"ACD p q@A A.source_only", "A< C<ADp D<ACp"},
      {"ACD p q@A A.speak=C", "A<CDpq C<ADp D<Cp"},
      {"ACD p q@A A.hear=C", "A<Cpq C<ADp D<ACp"},
      {"ACS p q@A r@S S>A.listen", "A<Cpq C<Ap S<ACpr"},
      {"ACS p q@A r@S S>A.whisper", "A<CSpq C<Ap S<ACpr"},
      {"ACS p q@A r@S S>A.private", "A<CSpq C<Ap S<r"},
      {"ACS p q@A r@S S>A.barge", "A<CSpq C<ASp S<ACpr"},
  });
}

TEST(Pairs, TwoSupervisorsOfOneTarget) {
  expect_rows({
      {"ACST S>A.listen T>A.listen", "A<C C<A S<AC T<AC"},
      {"ACST S>A.listen T>A.whisper", "A<CT C<A S<AC T<AC"},
      {"ACST S>A.listen T>A.private", "A<CT C<A S<AC T<"},
      {"ACST S>A.whisper T>A.whisper", "A<CST C<A S<AC T<AC"},
      {"ACST S>A.private T>A.whisper", "A<CST C<A S< T<AC"},
      {"ACST S>A.private T>A.private", "A<CST C<A S< T<"},
      {"ACST S>A.barge T>A.listen", "A<CS C<AS S<AC T<ACS"},
      {"ACST S>A.barge T>A.whisper", "A<CST C<AS S<AC T<ACS"},
      {"ACST S>A.barge T>A.private", "A<CST C<AS S<AC T<"},
      {"ACST S>A.barge T>A.barge", "A<CST C<AST S<ACT T<ACS"},
  });
}

}  // namespace
}  // namespace sotto::hearing
