#include <gtest/gtest.h>

#include "flow/testing/bench.h"

// The shapes that the dialects need, each once as a whole call in neutral programs.
namespace sotto::flow {
namespace {

using namespace testing;
using call::EndCause;

TEST(Contracts, ThreeNumbersEachWithItsOwnWhisperAndALateAnswer) {
  Bench bench;
  DialStep step = dial({to("301"), to("302"), to("303")});
  for (uint64_t i = 0; i < 3; ++i) step.destinations[i].screening.program = document(i + 1);
  bench.documents.script[1] = Replace{program({Step{talk("one")}})};
  bench.documents.script[2] = Replace{program({Step{talk("two")}, Step{HangUpStep{}}})};
  bench.documents.script[3] = Replace{program({Step{talk("three")}})};
  const LegId caller = bench.run(bench.caller(), {Step{step, Needs::Ringing}});
  const LegId first = bench.answered("301");
  const LegId second = bench.answered("302");
  const LegId third = bench.answered("303");
  bench.answer_documents();
  EXPECT_TRUE(bench.hears(first, "one") && bench.hears(second, "two") && bench.hears(third, "three"));
  EXPECT_FALSE(bench.hears(first, "two") || bench.hears(caller, "one"));
  bench.finish("two");
  EXPECT_EQ(bench.end_of(second)->cause, EndCause::NotAccepted);
  EXPECT_FALSE(bench.up(caller));
  bench.finish("three");
  EXPECT_TRUE(bench.up(caller));
  EXPECT_TRUE(bench.talking(caller, third));
  EXPECT_EQ(bench.end_of(first)->cause, EndCause::AnsweredElsewhere);
  bench.far_end_hangs_up(caller);
  EXPECT_TRUE(bench.clean());
}

TEST(Contracts, WhisperByConference) {
  Bench bench;
  JoinRoomStep waiting = join("conversation-1");
  waiting.start_on_enter = false;
  waiting.wait = file("ringing.mp3", 0);
  const LegId caller = bench.run(bench.caller(), {Step{talk("please wait")}, Step{waiting}});
  bench.finish("please wait");
  EXPECT_TRUE(bench.hears(caller, "ringing.mp3"));
  const LegId agent = bench.world.outbound("300");
  bench.run(agent, {Step{talk("summer offer")}, Step{join("conversation-1")}});
  bench.board().on_answered(agent);
  EXPECT_TRUE(bench.hears(agent, "summer offer"));
  EXPECT_FALSE(bench.hears(caller, "summer offer"));
  EXPECT_TRUE(bench.hears(caller, "ringing.mp3"));
  bench.finish("summer offer");
  EXPECT_FALSE(bench.hears(caller, "ringing.mp3"));
  EXPECT_TRUE(bench.talking(caller, agent));
  bench.far_end_hangs_up(caller);
  EXPECT_TRUE(bench.up(agent));
  bench.advance(15min);
  EXPECT_EQ(bench.end_of(agent)->cause, EndCause::WaitedTooLong);
  EXPECT_TRUE(bench.clean());
}

TEST(Contracts, ACoachIsHeardByTheAgentAlone) {
  Bench bench;
  const LegId customer = bench.run(bench.caller("200"), {Step{join("r")}});
  const LegId agent = bench.run(bench.caller("300"), {Step{join("r")}});
  JoinRoomStep coaching = join("r");
  coaching.coach = JoinRoomStep::Coach{agent};
  const LegId coach = bench.run(bench.caller("400"), {Step{coaching}});
  EXPECT_TRUE(bench.hears(agent, coach) && bench.hears(coach, customer) && bench.hears(coach, agent));
  EXPECT_FALSE(bench.hears(customer, coach));
  bench.far_end_hangs_up(agent);
  EXPECT_FALSE(bench.hears(customer, coach));
  EXPECT_TRUE(bench.up(coach));
  bench.far_end_hangs_up(coach);
  bench.far_end_hangs_up(customer);
  EXPECT_TRUE(bench.clean());
}

TEST(Contracts, AHeldPartyHearsItsWaitDocument) {
  Bench bench;
  const LegId caller = bench.run(bench.caller(), {Step{dial({to("300")})}});
  const LegId agent = bench.answered("300");
  bench.documents.script[5] = Replace{program({Step{talk("please hold")}})};
  ASSERT_TRUE(bench.engine.hold(caller, document(5)));
  bench.answer_documents();
  EXPECT_TRUE(bench.hears(caller, "please hold"));
  EXPECT_FALSE(bench.hears(agent, "please hold") || bench.hears(agent, caller) || bench.hears(caller, agent));
  ASSERT_TRUE(bench.engine.unhold(caller));
  EXPECT_FALSE(bench.hears(caller, "please hold"));
  EXPECT_TRUE(bench.talking(caller, agent));
  bench.far_end_hangs_up(agent);
  EXPECT_TRUE(bench.clean());
}

TEST(Contracts, AQueueWaitDocumentGathersAndLeaves) {
  Bench bench;
  EnqueueStep queue;
  queue.queue = "support";
  queue.wait = document(1);
  GatherStep menu;
  menu.prompts = {talk("press one to leave")};
  menu.digits_max = 1;
  menu.ask = {Asking::WithInput, document(2), false};
  bench.documents.script[1] = Replace{program({Step{menu}})};
  bench.documents.script[2] = Replace{program({Step{LeaveQueueStep{}}})};
  const LegId caller = bench.run(bench.caller(), {Step{queue}, Step{talk("goodbye")}});
  bench.answer_documents();
  bench.finish("press one to leave");
  bench.advance(5s);
  EXPECT_EQ(bench.documents.times(1), 2u);
  EXPECT_EQ(bench.engine.queue("support").size(), 1u);
  bench.press(caller, "1");
  bench.answer_documents();
  EXPECT_EQ(bench.observer.last<LeftQueue>(caller)->why, LeftQueue::Why::Leave);
  EXPECT_TRUE(bench.engine.queue("support").empty());
  bench.finish("goodbye");
  EXPECT_TRUE(bench.clean());
}

TEST(Contracts, AQueuedCallerHearsANoticeAndIsJoinedToItsTaker) {
  Bench bench;
  EnqueueStep queue;
  queue.queue = "support";
  queue.music = file("wait.mp3");
  const LegId caller = bench.run(bench.caller(), {Step{queue}, Step{talk("goodbye")}});
  EXPECT_TRUE(bench.hears(caller, "wait.mp3"));
  DequeueStep take;
  take.queue = "support";
  take.before_bridge = document(3);
  bench.documents.script[3] = Replace{program({Step{talk("this call is recorded")}})};
  const LegId agent = bench.run(bench.caller("300"), {Step{take}});
  bench.answer_documents();
  EXPECT_TRUE(bench.hears(caller, "this call is recorded"));
  EXPECT_FALSE(bench.hears(agent, "this call is recorded"));
  bench.finish("this call is recorded");
  EXPECT_TRUE(bench.talking(caller, agent));
  bench.far_end_hangs_up(agent);
  EXPECT_EQ(bench.observer.last<LeftQueue>(caller)->why, LeftQueue::Why::Bridged);
  EXPECT_TRUE(bench.hears(caller, "goodbye"));
  bench.finish("goodbye");
  EXPECT_TRUE(bench.clean());
}

TEST(Contracts, OnAnswerIsAnAnnouncementWhateverBecomesOfIt) {
  Bench bench;
  DialStep step = dial({to("300")});
  step.destinations[0].screening.program = document(1);
  step.destinations[0].screening.accept = Accept::AnyAnswer;
  const LegId caller = bench.run(bench.caller(), {Step{step}});
  const LegId agent = bench.answered("300");
  EXPECT_TRUE(bench.hears(caller, "ringing"));
  bench.answer(1, fail(ErrorCode::TimedOut, "no document"));
  EXPECT_TRUE(bench.talking(caller, agent));
  bench.far_end_hangs_up(caller);
  EXPECT_TRUE(bench.clean());
}

TEST(Contracts, ASupervisorWhispersOnACallThatAProgramStarted) {
  Bench bench;
  const LegId caller = bench.run(bench.caller(), {Step{dial({to("300")})}});
  const LegId agent = bench.answered("300");
  const LegId supervisor = bench.world.outbound("318");
  bench.run(supervisor, {Step{SuperviseStep{agent}, Needs::Nothing}});
  bench.board().on_answered(supervisor);
  EXPECT_TRUE(bench.hears(agent, supervisor) && bench.hears(supervisor, caller));
  EXPECT_FALSE(bench.hears(caller, supervisor));
  bench.far_end_hangs_up(caller);
  EXPECT_TRUE(bench.gone(supervisor) && bench.gone(agent));
  EXPECT_TRUE(bench.clean());
}

TEST(Contracts, ASupervisorWhosePhoneStillRingsIsGivenUpWithTheCall) {
  Bench bench;
  const LegId caller = bench.run(bench.caller(), {Step{dial({to("300")})}});
  const LegId agent = bench.answered("300");
  const LegId supervisor = bench.world.outbound("318");
  bench.run(supervisor, {Step{SuperviseStep{agent}, Needs::Nothing}});
  bench.far_end_hangs_up(caller);
  EXPECT_TRUE(bench.gone(supervisor));
  EXPECT_TRUE(bench.clean());
}

TEST(Contracts, AMediaStreamRunsBesideTheCallOrInsteadOfIt) {
  Bench bench;
  StreamStep beside;
  beside.spec.name = "copy";
  beside.spec.tracks = {hearing::SaidBy{}};
  StreamStep instead;
  instead.wait = Wait::Yes;
  instead.spec.both_ways = true;
  const LegId caller = bench.run(
      bench.caller(), {Step{beside}, Step{instead}, Step{StopStreamStep{"copy"}}, Step{talk("goodbye")}});
  ASSERT_EQ(bench.world.media.streams.size(), 2u);
  EXPECT_EQ(bench.engine.doing(caller), "stream");
  for (const auto& [tap, spec] : std::map(bench.world.media.streams)) {
    if (spec.both_ways) bench.board().on_stream({tap, call::StreamChanged::Kind::Stopped, {}});
  }
  EXPECT_TRUE(bench.hears(caller, "goodbye"));
  bench.far_end_hangs_up(caller);
  EXPECT_TRUE(bench.world.timers.pending() == 0 && bench.engine.runners() == 0);
}

TEST(Contracts, ADialIsRecordedFromTheBridgeOrFromTheRinging) {
  for (const bool from_ringing : {false, true}) {
    Bench bench;
    DialStep step = dial({whispered("300", "secret")});
    step.recording = DialRecording{};
    step.recording->spec.policy = call::RecordingPolicy::CallerCallee;
    step.recording->from_ringing = from_ringing;
    const LegId caller = bench.run(bench.caller(), {Step{step}});
    bench.answered("300");
    EXPECT_EQ(bench.world.media.recording.size(), from_ringing ? 1u : 0u);
    bench.finish("secret");
    EXPECT_EQ(bench.world.media.recording.size(), 1u);
    bench.far_end_hangs_up(caller);
    EXPECT_TRUE(bench.clean());
  }
}

TEST(Contracts, AnAnnouncementIsHeardByTheRoomOrByOneMember) {
  Bench bench;
  const LegId one = bench.run(bench.caller("200"), {Step{join("r")}});
  const LegId two = bench.run(bench.caller("300"), {Step{join("r")}});
  const RoomId room = bench.board().leg(one)->room;
  ASSERT_TRUE(bench.engine.announce(room, std::nullopt, program({Step{talk("to all")}})));
  ASSERT_TRUE(bench.engine.announce(room, two, program({Step{talk("to one")}})));
  EXPECT_TRUE(bench.hears(one, "to all") && bench.hears(two, "to all") && bench.hears(two, "to one"));
  EXPECT_FALSE(bench.hears(one, "to one"));
  EXPECT_TRUE(bench.talking(one, two));
  bench.far_end_hangs_up(one);
  bench.far_end_hangs_up(two);
  EXPECT_TRUE(bench.clean());
}

TEST(Contracts, AHeldCallerIsTransferredToAnotherProgramAtAnyMoment) {
  Bench bench;
  PlayStep music;
  music.prompt = file("music.mp3", 0);
  const LegId caller = bench.run(bench.caller(), {Step{talk("please wait")}, Step{music}});
  ASSERT_TRUE(
      bench.engine.replace(caller, program({Step{talk("an agent is free")}, Step{dial({to("300")})}})));
  EXPECT_FALSE(bench.hears(caller, "please wait"));
  bench.finish("an agent is free");
  const LegId agent = bench.answered("300");
  EXPECT_TRUE(bench.talking(caller, agent));
  bench.far_end_hangs_up(agent);
  EXPECT_TRUE(bench.clean());
}

TEST(Contracts, APhoneThatPicksUpTakesARingingCall) {
  Bench bench;
  const LegId caller = bench.run(bench.caller(), {Step{dial({to("300")})}});
  const LegId other = bench.world.outbound("318");
  bench.board().on_answered(other);
  ASSERT_TRUE(bench.engine.pick_up(caller, other));
  EXPECT_TRUE(bench.talking(caller, other));
  EXPECT_EQ(bench.end_of(bench.dialled("300"))->cause, EndCause::AnsweredElsewhere);
  bench.far_end_hangs_up(other);
  EXPECT_TRUE(bench.clean());
}

TEST(Contracts, TheRoomEndsWithAMemberWhoIsToEndIt) {
  Bench bench;
  JoinRoomStep staying = join("r");
  staying.when_ended = JoinRoomStep::WhenEnded::GoOn;
  JoinRoomStep ending = join("r");
  ending.end_on_exit = true;
  const LegId one = bench.run(bench.caller("200"), {Step{staying}, Step{talk("goodbye")}});
  const LegId two = bench.run(bench.caller("300"), {Step{join("r")}});
  const LegId three = bench.run(bench.caller("400"), {Step{ending}});
  bench.far_end_hangs_up(three);
  EXPECT_TRUE(bench.hears(one, "goodbye"));
  EXPECT_EQ(bench.end_of(two)->cause, EndCause::RoomEnded);
  bench.finish("goodbye");
  EXPECT_TRUE(bench.clean());
}

TEST(Contracts, AGatherTakesKeysDuringItsPromptAndLeavesOutTheFinishKey) {
  Bench bench;
  GatherStep gather;
  gather.prompts = {talk("your number")};
  gather.finish_keys = "#";
  gather.ask = {Asking::WithInput, document(1), false};
  const LegId caller = bench.run(bench.caller(), {Step{gather}, Step{talk("nothing heard")}});
  bench.press(caller, "4");
  EXPECT_FALSE(bench.hears(caller, "your number"));
  bench.press(caller, "2#");
  const Gathered* gathered = bench.observer.last<Gathered>(caller);
  ASSERT_NE(gathered, nullptr);
  EXPECT_EQ(gathered->digits, "42");
  EXPECT_EQ(gathered->finished_by, '#');
  EXPECT_EQ(bench.documents.times(1), 1u);
  bench.answer(1, Answer(End{}));
  EXPECT_TRUE(bench.clean());
}

TEST(Contracts, ARecordedMessageIsToldOfAlthoughTheCallerHungUp) {
  Bench bench;
  RecordStep record;
  record.spec.beep = true;
  record.ask = {Asking::WithInput, document(1), true};
  const LegId caller = bench.run(bench.caller(), {Step{record}});
  bench.finish("beep");
  EXPECT_EQ(bench.world.media.recording.size(), 1u);
  bench.far_end_hangs_up(caller);
  bench.world.pump();
  ASSERT_EQ(bench.documents.told.size(), 1u);
  EXPECT_TRUE(std::get<Recorded>(bench.documents.told[0].outcome).recording.has_value());
  EXPECT_TRUE(bench.documents.asked.empty());
  EXPECT_TRUE(bench.clean());
}

// What the action is told of one whom another program takes: how far he had come.
TEST(Contracts, AQueuedCallerWhoIsTakenElsewhereTellsHowFarHeWas) {
  using Why = LeftQueue::Why;
  for (const Why why : {Why::Redirected, Why::RedirectedPreparing, Why::RedirectedFromBridge}) {
    Bench bench;
    EnqueueStep queue;
    queue.queue = "support";
    queue.music = file("wait.mp3");
    queue.ask = {Asking::Always, document(7), true};
    const LegId caller = bench.run(bench.caller(), {Step{queue}});
    DequeueStep take;
    take.queue = "support";
    if (why == Why::RedirectedPreparing) take.before_bridge = document(3);
    const LegId agent = why == Why::Redirected ? LegId{} : bench.run(bench.caller("300"), {Step{take}});
    EXPECT_EQ(agent.valid() && bench.talking(caller, agent), why == Why::RedirectedFromBridge);
    ASSERT_TRUE(bench.engine.replace(caller, program({Step{talk("elsewhere")}})));
    EXPECT_TRUE(bench.hears(caller, "elsewhere"));
    ASSERT_EQ(bench.documents.told.size(), 1u);
    EXPECT_EQ(std::get<LeftQueue>(bench.documents.told[0].outcome).why, why);
    bench.far_end_hangs_up(caller);
    if (agent.valid()) bench.far_end_hangs_up(agent);
    EXPECT_EQ(bench.documents.told.size(), 1u);
    EXPECT_TRUE(bench.clean());
  }
}

TEST(Contracts, OneWhoWaitsInARoomHearsAnotherSoundWhenHeIsGivenOne) {
  Bench bench;
  JoinRoomStep waiting = join("r");
  waiting.starts_with = 2;
  waiting.wait = file("first.mp3", 0);
  const LegId caller = bench.run(bench.caller(), {Step{waiting}});
  EXPECT_TRUE(bench.hears(caller, "first.mp3"));
  ASSERT_TRUE(bench.engine.change_stay(caller, {file("second.mp3", 0), {}}));
  EXPECT_FALSE(bench.hears(caller, "first.mp3"));
  EXPECT_TRUE(bench.hears(caller, "second.mp3"));
  bench.documents.script[5] = Replace{program({Step{talk("please wait")}})};
  ASSERT_TRUE(bench.engine.change_stay(caller, {document(5), {}}));
  bench.answer_documents();
  EXPECT_FALSE(bench.hears(caller, "second.mp3"));
  EXPECT_TRUE(bench.hears(caller, "please wait"));
  ASSERT_TRUE(bench.engine.change_stay(caller, {std::monostate{}, {}}));
  EXPECT_FALSE(bench.hears(caller, "please wait"));
  const LegId other = bench.run(bench.caller("300"), {Step{join("r")}});
  EXPECT_TRUE(bench.talking(caller, other));
  // Once it has started there is nobody who waits.
  ASSERT_TRUE(bench.engine.change_stay(caller, {file("third.mp3", 0), {}}));
  EXPECT_FALSE(bench.hears(caller, "third.mp3"));
  EXPECT_EQ(bench.engine.change_stay(bench.caller("301"), {}).error().code, ErrorCode::NotFound);
  for (const LegId leg : bench.board().all_legs()) bench.far_end_hangs_up(leg);
  EXPECT_TRUE(bench.clean());
}

TEST(Contracts, WhetherARoomBeepsWhenOneLeavesCanBeChangedWhileHeIsInIt) {
  for (const bool beeps : {true, false}) {
    Bench bench;
    JoinRoomStep member = join("r");
    member.beep_on_exit = !beeps;
    const LegId leaver = bench.run(bench.caller(), {Step{member}});
    const LegId other = bench.run(bench.caller("300"), {Step{join("r")}});
    Engine::Stay stay;
    stay.beep_on_exit = beeps;
    ASSERT_TRUE(bench.engine.change_stay(leaver, std::move(stay)));
    bench.far_end_hangs_up(leaver);
    EXPECT_EQ(bench.hears(other, "beep"), beeps);
    bench.far_end_hangs_up(other);
    EXPECT_TRUE(bench.clean());
  }
}

// Who is dialled into a room rings there for those in it.
struct RingingGuest : ::testing::Test {
  // A member who waits with music, and a leg that is dialled into his room.
  void begin(bool waits_for_more = true) {
    JoinRoomStep waiting = join("r");
    waiting.starts_with = waits_for_more ? 2 : 1;
    waiting.wait = file("wait.mp3", 0);
    member = bench.run(bench.caller(), {Step{waiting}});
    call::NewLeg request;
    request.to = number("300");
    request.from = number("100");
    request.room = bench.board().room_named("r")->id;
    const call::Switchboard::Batch batch(bench.board());
    guest = *bench.board().dial(std::move(request));
    ASSERT_TRUE(bench.board().set_source_only(guest, true));
    JoinRoomStep joining = join("r");
    joining.starts_with = 2;
    bench.run(guest, {Step{joining}});
  }
  void end() {
    for (const LegId leg : bench.board().all_legs()) bench.far_end_hangs_up(leg);
    EXPECT_TRUE(bench.clean());
  }
  Bench bench;
  LegId member;
  LegId guest;
};

TEST_F(RingingGuest, IsHeardByItsOwnNetworkAndThenTalks) {
  begin();
  EXPECT_TRUE(bench.hears(member, "wait.mp3"));
  bench.board().on_ringing(guest, true);
  EXPECT_FALSE(bench.hears(member, "wait.mp3")) << "ringing is worth more than music";
  EXPECT_TRUE(bench.hears(member, guest));
  EXPECT_FALSE(bench.hears(guest, member));
  bench.board().on_answered(guest);
  EXPECT_TRUE(bench.talking(member, guest));
  end();
}

TEST_F(RingingGuest, IsHeardByOurToneWhereItsNetworkSendsNone) {
  begin();
  bench.board().on_ringing(guest, false);
  EXPECT_TRUE(bench.hears(member, "ringing"));
  bench.board().on_ringing(guest, true);
  EXPECT_FALSE(bench.hears(member, "ringing"));
  bench.board().on_answered(guest);
  EXPECT_TRUE(bench.talking(member, guest));
  end();
}

TEST_F(RingingGuest, WhoDoesNotComeLeavesTheOthersAsTheyAre) {
  begin(false);
  bench.board().on_ringing(guest, false);
  bench.busy(guest);
  EXPECT_FALSE(bench.hears(member, "ringing"));
  EXPECT_TRUE(bench.up(member));
  end();
}

TEST_F(RingingGuest, RingsOnWhenTheLastOfThemHasGoneAndOpensTheRoomAnew) {
  begin();
  bench.board().on_ringing(guest, false);
  const RoomId first = bench.board().room_named("r")->id;
  bench.far_end_hangs_up(member);
  EXPECT_EQ(bench.board().room_named("r"), nullptr);
  EXPECT_FALSE(bench.gone(guest));
  bench.board().on_answered(guest);
  ASSERT_NE(bench.board().room_named("r"), nullptr);
  EXPECT_NE(bench.board().room_named("r")->id, first);
  end();
}

TEST_F(RingingGuest, IsNotEndedWithTheRoomThatItsModeratorLeaves) {
  begin();
  bench.board().on_ringing(guest, true);
  ASSERT_TRUE(bench.engine.end_room(bench.board().room_named("r")->id,
                                    {call::EndCause::RoomEnded, call::EndedBy::Api, 0, {}}));
  EXPECT_TRUE(bench.gone(member));
  EXPECT_FALSE(bench.gone(guest));
  bench.busy(guest);
  EXPECT_TRUE(bench.clean());
}

}  // namespace
}  // namespace sotto::flow
