#include <array>
#include <chrono>
#include <cstdlib>
#include <numeric>

#include <gtest/gtest.h>

#include "flow/testing/bench.h"

// Random programs on random legs, and at every instant a random event: hang-ups, digits, answers, failures,
// documents early, late or never. After each the core must be in order, and in the end nothing may be left.
namespace sotto::flow {
namespace {

using namespace testing;

class Chaos {
 public:
  explicit Chaos(uint64_t seed) : random_(seed), bench_(seed ^ 0x5eed) {}

  void run() {
    // Each run has a mood of its own, so that what is rare together comes together now and then.
    for (uint64_t& weight : weights_) {
      if (chance(20)) weight *= 5;
    }
    const uint64_t rounds = 20 + random_.below(60);
    for (uint64_t i = 0; i < rounds && ok(); ++i) event();
    for (const LegId leg : legs()) bench_.far_end_hangs_up(leg);
    settle();
    ok();
    EXPECT_TRUE(bench_.clean()) << bench_.board().live_legs() << " legs, " << bench_.engine.runners()
                                << " runners, " << bench_.world.timers.pending() << " timers, "
                                << bench_.world.media.playing.size() << " prompts" << story();
    std::map<LegId, int> ends;
    for (const call::Event& each : bench_.world.log.events) {
      if (std::holds_alternative<call::LegCreated>(each.what)) ends.try_emplace(each.leg, 0);
      if (std::holds_alternative<call::LegEnded>(each.what)) ++ends[each.leg];
    }
    for (const auto& [leg, count] : ends) EXPECT_EQ(count, 1);
  }
  size_t calls() const { return bench_.world.log.of<call::CallEnded>().size(); }

 private:
  uint64_t below(uint64_t bound) { return random_.below(bound); }
  bool chance(uint64_t percent) { return below(100) < percent; }

  bool ok() {
    bench_.world.pump();
    EXPECT_TRUE(bench_.board().is_consistent()) << story();
    EXPECT_EQ(bench_.board().orphans(), 0u) << story();
    return !::testing::Test::HasFailure();
  }

  static std::string name(LegId leg) { return leg.valid() ? base::to_hex(leg).substr(0, 6) : "none"; }

  // For whoever has to find out why a seed fails: what was done, and what became of it.
  std::string story() {
    std::string told = "\n";
    const auto& events = bench_.world.log.events;
    size_t from = 0;
    for (const auto& [at, act] : acts_) {
      for (; from < at && from < events.size(); ++from) told += describe(events[from]);
      told += act + "\n";
    }
    for (; from < events.size(); ++from) told += describe(events[from]);
    for (const LegId leg : legs()) {
      const call::Leg* now = bench_.board().leg(leg);
      told += name(leg) + (now->answered() ? " up" : " not up") + (now->driven ? " driven" : "") +
              (now->carrier ? " carried by " + name(*now->carrier) : std::string()) + ", does " +
              std::string(bench_.engine.doing(leg)) + "\n";
    }
    return told;
  }
  static std::string describe(const call::Event& event) {
    return "    event " + std::to_string(event.what.index()) + " of " + name(event.leg) + "\n";
  }
  void act(std::string what, LegId leg, LegId other = {}) {
    acts_.emplace_back(bench_.world.log.events.size(), std::move(what) + " " + name(leg) + " " + name(other));
  }

  std::vector<LegId> legs() {
    std::vector<LegId> live;
    for (const call::Event& each : bench_.world.log.events) {
      if (std::holds_alternative<call::LegCreated>(each.what) && !bench_.gone(each.leg))
        live.push_back(each.leg);
    }
    return live;
  }
  LegId any_leg() {
    const std::vector<LegId> live = legs();
    return live.empty() ? LegId{} : live[below(live.size())];
  }

  // Hang-ups breed ringing legs of farewells and transfers: as often as it takes.
  void settle() {
    for (int i = 0; i < 50 && bench_.board().live_legs() != 0; ++i) {
      for (const LegId leg : legs()) bench_.far_end_hangs_up(leg);
    }
  }

  Ask ask() { return Ask{static_cast<Asking>(below(4)), document(1 + below(5)), chance(50)}; }

  Destination destination() {
    Destination made = to(std::to_string(300 + below(6)));
    if (chance(50)) made.screening.program = program(steps(Role::Screening, 2));
    if (chance(25)) made.screening.program = document(1 + below(5));
    made.screening.accept = static_cast<Accept>(below(3));
    made.screening.silence_accepts = chance(50);
    made.screening.time_max = seconds(1 + below(60));
    if (chance(20)) made.digits_on_answer = "1w2";
    if (chance(20)) made.detection = call::MachineDetection{};
    made.on_machine = static_cast<OnMachine>(below(4));
    if (chance(30)) made.caller_gone_notice = std::get<call::Speech>(say("gone").playlist[0]);
    return made;
  }

  StepSpec dialling() {
    DialStep step = dial({});
    for (uint64_t i = 0; i <= below(3); ++i) step.destinations.push_back(destination());
    step.order = static_cast<Order>(below(2));
    step.ring_timeout = seconds(1 + below(40));
    step.talk_max = seconds(1 + below(100));
    step.ringback.far_end = chance(50);
    step.winner = static_cast<DialStep::Winner>(below(2));
    step.caller_drop_keys = chance(50) ? "*" : "";
    step.end_caller_with_callee = chance(50);
    step.ask = ask();
    if (chance(30)) step.recording = DialRecording{{}, chance(50)};
    return step;
  }

  StepSpec joining() {
    JoinRoomStep step = join(chance(50) ? "a" : "b");
    step.start_on_enter = chance(60);
    step.starts_with = 1 + below(2);
    step.end_on_exit = chance(30);
    step.when_ended = static_cast<JoinRoomStep::WhenEnded>(below(2));
    if (chance(40)) step.wait = document(1 + below(5));
    if (chance(20)) step.wait = file("music", 0);
    if (chance(20)) step.coach = JoinRoomStep::Coach{any_leg()};
    step.muted = chance(20);
    step.leave_keys = "*";
    step.legs_max = below(4);
    step.wait_max = seconds(1 + below(100));
    step.ask = ask();
    return step;
  }

  StepSpec queueing() {
    if (chance(50)) {
      EnqueueStep step;
      step.queue = "q";
      step.size_max = 1 + below(3);
      step.wait = document(1 + below(5));
      step.ask = ask();
      return step;
    }
    DequeueStep step;
    step.queue = "q";
    if (chance(50)) step.before_bridge = document(1 + below(5));
    step.timeout = seconds(1 + below(20));
    step.talk_max = seconds(1 + below(60));
    step.ask = ask();
    return step;
  }

  StepSpec small() {
    switch (below(13)) {
      case 0: return PauseStep{milliseconds(below(5000))};
      case 1: {
        GatherStep step;
        step.prompts = {talk("menu"), PauseStep{}};
        step.digits_max = below(3);
        step.finish_keys = "#";
        step.barge_in = chance(70);
        step.speech = chance(30);
        step.keep_typed_ahead = chance(50);
        step.ask = ask();
        return step;
      }
      case 2: {
        RecordStep step;
        step.wait = static_cast<Wait>(below(2));
        step.spec.end_on_keys = "1";
        step.spec.beep = chance(50);
        step.ask = ask();
        return step;
      }
      case 3: return SendDigitsStep{"12"};
      case 4: return AskStep{ask()};
      case 5: {
        StreamStep step;
        step.wait = static_cast<Wait>(below(2));
        step.spec.name = "stream";
        step.spec.both_ways = chance(50);
        step.ask = ask();
        return step;
      }
      case 6: return HangUpStep{};
      case 7: return StopRecordingStep{};
      case 8: return StopStreamStep{"stream"};
      case 9: {
        ReferStep step;
        step.target = number("700");
        step.ask = ask();
        return step;
      }
      case 10: {
        SuperviseStep step;
        step.target = any_leg();
        step.mode = static_cast<hearing::SupervisionMode>(below(4));
        step.on_target_left = static_cast<hearing::OnTargetLeft>(below(3));
        return step;
      }
      case 11: return RejectStep{};
      default: {
        PlayStep step = talk("words");
        step.barge_in = chance(50);
        step.to = chance(20) ? PlayStep::To::Room : PlayStep::To::Listener;
        step.wait = static_cast<Wait>(below(2));
        return step;
      }
    }
  }

  Step step() {
    const uint64_t kind = below(10);
    const Needs needs = static_cast<Needs>(below(3));
    if (kind < 3) return Step{dialling(), needs};
    if (kind < 5) return Step{joining(), Needs::Answering};
    if (kind < 6) return Step{queueing(), Needs::Answering};
    return Step{small(), Needs::Answering};
  }

  std::vector<Step> steps(Role role, size_t most) {
    std::vector<Step> made;
    const size_t count = below(most + 1);
    const StepKinds may = allowed(role);
    for (size_t tries = 0; made.size() < count && tries < 30; ++tries) {
      Step next = role == Role::Main ? step() : Step{small(), Needs::Answering};
      if (role == Role::QueueWait && chance(10)) next.spec = LeaveQueueStep{};
      if (may.test(next.spec.index())) made.push_back(std::move(next));
    }
    return made;
  }

  void answer_a_document() {
    if (bench_.documents.open.empty()) return;
    const auto at = bench_.documents.open.begin() + static_cast<long>(below(bench_.documents.open.size()));
    const RequestId request = at->request;
    act("document " + std::to_string(at->document.id),
        std::holds_alternative<LegId>(at->subject) ? std::get<LegId>(at->subject) : LegId{});
    bench_.documents.open.erase(at);
    switch (below(6)) {
      case 0: return bench_.engine.on_document(request, Answer(Continue{}));
      case 1: return bench_.engine.on_document(request, Answer(End{}));
      case 2: return bench_.engine.on_document(request, fail(ErrorCode::TimedOut, "no answer"));
      case 3: return bench_.engine.on_document(request, Answer(Replace{program(steps(Role::Main, 3))}));
      case 4: return bench_.engine.on_document(request, Answer(Replace{program(steps(Role::QueueWait, 3))}));
      default: return bench_.engine.on_document(request, Answer(Replace{program(steps(Role::Screening, 3))}));
    }
  }

  void end_a_prompt() {
    auto& playing = bench_.world.media.playing;
    if (playing.empty()) return;
    auto it = playing.begin();
    std::advance(it, static_cast<long>(below(playing.size())));
    const call::PromptId prompt = it->first;
    playing.erase(it);
    bench_.board().on_prompt_ended(prompt, static_cast<call::PromptEnd>(below(3)), {});
  }

  void command(LegId leg) {
    const uint64_t kind = below(15);
    const LegId other = any_leg();
    act("command " + std::to_string(kind), leg, other);
    switch (kind) {
      case 0: (void)bench_.engine.replace(leg, program(steps(Role::Main, 3))); break;
      case 1: (void)bench_.engine.replace(leg, document(1 + below(5))); break;
      case 2: (void)bench_.engine.hold(leg, file("music", 0)); break;
      case 3: (void)bench_.engine.hold(leg, document(1 + below(5))); break;
      case 4: (void)bench_.engine.unhold(leg); break;
      case 5: (void)bench_.engine.overlay(leg, say("overlay")); break;
      case 6: (void)bench_.engine.bridge(leg, other); break;
      case 7: (void)bench_.engine.remove_from_room(leg); break;
      case 8: (void)bench_.engine.dequeue(leg, program(steps(Role::Main, 2))); break;
      case 9: (void)bench_.engine.pick_up(leg, other); break;
      case 10: {
        const RoomId room = bench_.board().leg(leg)->room;
        std::optional<LegId> only;
        if (chance(50)) only = leg;
        (void)bench_.engine.announce(room, only, program(steps(Role::Announcement, 2)));
        break;
      }
      case 11: (void)bench_.engine.end_room(bench_.board().leg(leg)->room, {}); break;
      case 12: (void)bench_.engine.dequeue(leg, document(1 + below(5))); break;
      case 13: (void)bench_.engine.stop_overlay(leg); break;
      default: bench_.board().hang_up(leg, {}); break;
    }
  }

  EndReason any_end() {
    constexpr std::array kCauses = {call::EndCause::HungUp,      call::EndCause::HungUp,
                                    call::EndCause::Busy,        call::EndCause::Declined,
                                    call::EndCause::RingTimeout, call::EndCause::Unroutable,
                                    call::EndCause::NoAnswer,    call::EndCause::MediaLost};
    return {kCauses[below(kCauses.size())], call::EndedBy::FarEnd, 0, {}};
  }

  // What the media thread and its engines report by themselves.
  void media_event(LegId leg) {
    call::testing::FakeMedia& media = bench_.world.media;
    const uint64_t kind = below(5);
    act("media " + std::to_string(kind), leg);
    if (kind == 0 && !media.recognising.empty()) {
      call::SpeechHeard heard;
      heard.tap = media.recognising[below(media.recognising.size())];
      if (chance(60)) heard.guesses.resize(1);
      heard.final = chance(70);
      if (heard.final) std::erase(media.recognising, heard.tap);
      bench_.board().on_speech(heard);
    } else if (kind == 1 && !media.streams.empty()) {
      const call::TapId tap = pick_key(media.streams);
      const auto what = static_cast<call::StreamChanged::Kind>(below(4));
      if (what >= call::StreamChanged::Kind::Stopped) media.streams.erase(tap);
      bench_.board().on_stream({tap, what, {}, {}});
    } else if (kind == 2 && !media.recording.empty()) {
      call::RecordingInfo info;
      info.id = pick_key(media.recording);
      media.recording.erase(info.id);
      bench_.board().on_recording_ended(info);
    } else if (kind == 3) {
      bench_.board().on_refer_progress(leg, chance(50) ? 202 : 405, chance(50) ? 200 : 0);
    } else if (chance(10)) {
      bench_.board().on_media_lost(leg);
    }
  }
  template <typename Map>
  typename Map::key_type pick_key(const Map& map) {
    auto it = map.begin();
    std::advance(it, static_cast<long>(below(map.size())));
    return it->first;
  }

  void event() {
    const LegId leg = any_leg();
    const size_t kind = leg.valid() ? pick() : 0;
    act("event " + std::to_string(kind), leg);
    switch (kind) {
      case 0: {
        const LegId caller = bench_.caller();
        return (void)bench_.engine.run(caller, program(steps(Role::Main, 4)));
      }
      case 1: {
        const LegId out = bench_.world.outbound("500");
        return (void)bench_.engine.run(out, document(1 + below(5)));
      }
      case 2: return bench_.board().on_answered(leg);
      case 3: return bench_.board().on_ringing(leg, chance(50));
      case 4: return bench_.board().on_ended(leg, any_end());
      case 5: return bench_.press(leg, std::string(1, "12#*"[below(4)]));
      case 6: return answer_a_document();
      case 7: return end_a_prompt();
      case 8: return bench_.board().on_far_hold(leg, chance(50));
      case 9: {
        std::optional<LegId> replaces;
        if (chance(50)) replaces = any_leg();
        return bench_.board().on_refer_asked(leg, number("600"), replaces);
      }
      case 10:
        return bench_.board().on_machine_verdict(leg,
                                                 {static_cast<call::MachineVerdict::Kind>(below(7)), 1s});
      case 11: return command(leg);
      case 12: return media_event(leg);
      default: return bench_.world.advance(milliseconds(below(20'000)));
    }
  }

  size_t pick() {
    uint64_t at = below(std::accumulate(weights_.begin(), weights_.end(), uint64_t{0}));
    size_t kind = 0;
    while (at >= weights_[kind]) at -= weights_[kind++];
    return kind;
  }

  base::SeededRandom random_;
  Bench bench_;
  std::array<uint64_t, 14> weights_{8, 4, 18, 6, 8, 12, 12, 12, 4, 3, 2, 6, 6, 6};  // of the kinds of event
  std::vector<std::pair<size_t, std::string>> acts_;  // by how many events there were then
};

uint64_t number_in(const char* name, uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

constexpr uint64_t kReportEach = 20'000;  // calls

// SOTTO_PROPERTY_SECONDS sets how long, SOTTO_PROPERTY_CALLS how many instead; SOTTO_PROPERTY_SEED repeats
// one.
TEST(Property, WhateverHappensTheCoreStaysInOrderAndNothingIsLeft) {
  const auto started = std::chrono::steady_clock::now();
  const std::chrono::seconds budget(number_in("SOTTO_PROPERTY_SECONDS", 3));
  const uint64_t calls_wanted = number_in("SOTTO_PROPERTY_CALLS", 0);
  const uint64_t only = number_in("SOTTO_PROPERTY_SEED", 0);
  uint64_t seed = only == 0 ? 1 : only, calls = 0, told = 0;
  const auto goes_on = [&] {
    if (calls_wanted > 0) return calls < calls_wanted;
    return std::chrono::steady_clock::now() - started < budget;
  };
  const auto report = [&] {
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - started;
    std::printf("seeds to %llu: %llu calls, %.0f s, %.0f calls/s\n",
                static_cast<unsigned long long>(seed - 1), static_cast<unsigned long long>(calls),
                took.count(), static_cast<double>(calls) / std::max(took.count(), 0.001));
    std::fflush(stdout);
    told = calls;
  };
  do {
    SCOPED_TRACE("SOTTO_PROPERTY_SEED=" + std::to_string(seed));
    Chaos chaos(seed);
    chaos.run();
    calls += chaos.calls();
    ++seed;
    if (calls - told >= kReportEach) report();
  } while (only == 0 && !::testing::Test::HasFailure() && goes_on());
  report();
}

}  // namespace
}  // namespace sotto::flow
