#include <cstdio>
#include <cstdlib>
#include <functional>
#include <limits>
#include <sstream>

#include <gtest/gtest.h>

#include "base/random.h"
#include "base/time.h"
#include "hearing/derive.h"
#include "hearing/deriver.h"
#include "hearing/room_text.h"

// A second opinion on who hears whom. The oracle reads a log of commands and answers each cell from the
// vendors' tables (voipnow.md §3.2, vonage.md §2.6 and §4.5, twilio.md §4.4 and §7.3); it knows no Facts and
// shares no code with derive(). Then 33 wrong versions of derive(), each of which it must find out.
namespace sotto::hearing {
namespace {

enum class Verb {
  Join,
  JoinWaiting,
  JoinRinging,
  Answer,
  Start,
  Leave,
  Mute,
  Unmute,
  Earmuff,
  Unearmuff,
  Hold,
  Unhold,
  LimitSpeech,
  FreeSpeech,
  LimitHearing,
  FreeHearing,
  Listen,
  Whisper,
  Private,
  Barge,
  StopSupervising,
  PlayToOne,
  PlayToAll,
  StopPlaying,
  RecordSaid,
  RecordHeard,
  RecordRoom,
  RecordRoomBut,
  StopRecording,
};

struct Intent {
  Verb verb = Verb::Join;
  char who = 0;      // the leg, the prompt or the tap
  char other = 0;    // whom he supervises, who hears the prompt, whose recording
  std::string list;  // of legs
  float gain = 1;
  bool deaf_on_hold = false;
};
using Log = std::vector<Intent>;

std::string to_string(const Log& log) {
  static const char* const kNames[] = {
      "Join",        "JoinWaiting", "JoinRinging",     "Answer",        "Start",        "Leave",
      "Mute",        "Unmute",      "Earmuff",         "Unearmuff",     "Hold",         "Unhold",
      "LimitSpeech", "FreeSpeech",  "LimitHearing",    "FreeHearing",   "Listen",       "Whisper",
      "Private",     "Barge",       "StopSupervising", "PlayToOne",     "PlayToAll",    "StopPlaying",
      "RecordSaid",  "RecordHeard", "RecordRoom",      "RecordRoomBut", "StopRecording"};
  std::ostringstream out;
  for (const Intent& intent : log) {
    out << kNames[static_cast<size_t>(intent.verb)] << ' ' << intent.who;
    if (intent.other != 0) out << ' ' << intent.other;
    if (!intent.list.empty()) out << " [" << intent.list << ']';
    if (intent.gain != 1) out << " *" << intent.gain;
    out << (intent.deaf_on_hold ? " deaf\n" : "\n");
  }
  return out.str();
}

// ---- the oracle

class Oracle {
 public:
  explicit Oracle(const Log& log) : log_(log) {}

  bool present(char who) const {
    return last(who, {Verb::Join, Verb::JoinWaiting, Verb::JoinRinging}, {Verb::Leave}) != nullptr;
  }

  // Vonage: mute = "the others no longer hear this leg", earmuff = "this leg no longer hears the others".
  // VoipNow: C never hears S; private: S hears neither; on hold S and A still hear each other.
  bool leg_hears_leg(char ear, char mouth) const {
    if (ear == mouth || !present(ear) || !present(mouth)) return false;
    if (is(mouth, Verb::Mute, Verb::Unmute) || is(ear, Verb::Earmuff, Verb::Unearmuff)) return false;
    if (ringing(ear)) return false;
    const Intent* speech = limit(mouth, Verb::LimitSpeech, Verb::FreeSpeech);
    if (speech != nullptr && speech->list.find(ear) == std::string::npos) return false;
    const Intent* hearing = limit(ear, Verb::LimitHearing, Verb::FreeHearing);
    if (hearing != nullptr && hearing->list.find(mouth) == std::string::npos) return false;
    const Intent* from_mouth = supervision(mouth);
    if (from_mouth != nullptr) {
      if (from_mouth->verb == Verb::Listen) return false;
      const bool whispers = from_mouth->verb == Verb::Whisper || from_mouth->verb == Verb::Private;
      if (whispers && from_mouth->other != ear) return false;
    }
    const Intent* from_ear = supervision(ear);
    if (from_ear != nullptr && from_ear->verb == Verb::Private) return false;
    if (on_hold(ear) && !coach_reaches(from_mouth, ear)) return false;
    return !on_hold(mouth) || coach_reaches(from_ear, mouth);
  }

  float leg_hears_prompt(char ear, char prompt) const {
    const Intent* play = playing(prompt);
    if (play == nullptr || !present(ear) || ringing(ear)) return 0;
    if (play->verb == Verb::PlayToOne) return play->other == ear ? play->gain : 0;
    const Intent* mode = supervision(ear);
    if (on_hold(ear) || (mode != nullptr && mode->verb == Verb::Private)) return 0;
    return play->gain;
  }

  float leg_hears(char ear, char source) const {
    if (std::islower(static_cast<unsigned char>(source)) != 0) return leg_hears_prompt(ear, source);
    return leg_hears_leg(ear, source) ? 1.0F : 0.0F;
  }

  float tap_hears(char tap, char source) const {
    const Intent* record = recording(tap);
    if (record == nullptr) return 0;
    const bool is_prompt = std::islower(static_cast<unsigned char>(source)) != 0;
    switch (record->verb) {
      case Verb::RecordSaid:
        return source == record->other && present(source) && !is(source, Verb::Mute, Verb::Unmute) ? 1.0F
                                                                                                   : 0.0F;
      case Verb::RecordHeard: return leg_hears(record->other, source);
      case Verb::RecordRoomBut:
        if (source == record->other) return 0;
        [[fallthrough]];
      default: break;
    }
    if (!is_prompt) return present(source) && !limited(source) ? 1.0F : 0.0F;
    const Intent* play = playing(source);
    return play != nullptr && play->verb == Verb::PlayToAll ? play->gain : 0;
  }

  // Not meant for whoever happens to be in the room.
  bool limited(char source) const {
    if (std::islower(static_cast<unsigned char>(source)) != 0)
      return playing(source)->verb == Verb::PlayToOne;
    if (is(source, Verb::Mute, Verb::Unmute) || on_hold(source)) return true;
    if (limit(source, Verb::LimitSpeech, Verb::FreeSpeech) != nullptr) return true;
    const Intent* mode = supervision(source);
    return mode != nullptr && mode->verb != Verb::Barge;
  }

  const Intent* playing(char prompt) const {
    return last(prompt, {Verb::PlayToOne, Verb::PlayToAll}, {Verb::StopPlaying});
  }
  const Intent* recording(char tap) const {
    return last(tap, {Verb::RecordSaid, Verb::RecordHeard, Verb::RecordRoom, Verb::RecordRoomBut},
                {Verb::StopRecording});
  }

 private:
  // The newest of `on` for `who`, unless one of `off` came later.
  const Intent* last(char who, std::initializer_list<Verb> on, std::initializer_list<Verb> off) const {
    const auto in = [](Verb verb, std::initializer_list<Verb> verbs) {
      return std::find(verbs.begin(), verbs.end(), verb) != verbs.end();
    };
    for (auto intent = log_.rbegin(); intent != log_.rend(); ++intent) {
      if (intent->who != who) continue;
      if (in(intent->verb, off)) return nullptr;
      if (in(intent->verb, on)) return &*intent;
    }
    return nullptr;
  }
  // Whoever left comes back with nothing set.
  bool is(char who, Verb on, Verb off) const { return last(who, {on}, {off, Verb::Leave}) != nullptr; }
  const Intent* limit(char who, Verb on, Verb off) const { return last(who, {on}, {off, Verb::Leave}); }
  const Intent* supervision(char who) const {
    return last(who, {Verb::Listen, Verb::Whisper, Verb::Private, Verb::Barge},
                {Verb::StopSupervising, Verb::Leave});
  }
  bool ringing(char who) const { return is(who, Verb::JoinRinging, Verb::Answer); }
  bool on_hold(char who) const {
    return is(who, Verb::Hold, Verb::Unhold) || is(who, Verb::JoinWaiting, Verb::Start);
  }
  static bool coach_reaches(const Intent* coaching, char held) {
    return coaching != nullptr && coaching->other == held && !coaching->deaf_on_hold &&
           (coaching->verb == Verb::Whisper || coaching->verb == Verb::Private);
  }

  const Log& log_;
};

// ---- the same commands, as the core states them

class FactsKeeper {
 public:
  void apply(const Intent& intent) {
    if (std::isupper(static_cast<unsigned char>(intent.who)) != 0) return apply_to_leg(intent);
    if (std::islower(static_cast<unsigned char>(intent.who)) != 0) return apply_to_prompt(intent);
    apply_to_tap(intent);
  }
  const Facts& facts() const { return facts_; }

 private:
  void apply_to_leg(const Intent& intent) {
    const LegId id = leg(intent.who);
    if (intent.verb == Verb::Join || intent.verb == Verb::JoinWaiting || intent.verb == Verb::JoinRinging) {
      Member member;
      member.leg = id;
      member.waiting = intent.verb == Verb::JoinWaiting;
      member.source_only = intent.verb == Verb::JoinRinging;
      facts_.members.push_back(member);
      return;
    }
    if (intent.verb == Verb::Leave) {
      std::erase_if(facts_.members, [&](const Member& m) { return m.leg == id; });
      stop_supervising(id);
      return;
    }
    if (set_flag(*std::find_if(facts_.members.begin(), facts_.members.end(),
                               [&](const Member& m) { return m.leg == id; }),
                 intent)) {
      return;
    }
    stop_supervising(id);
    if (intent.verb == Verb::StopSupervising) return;
    facts_.supervisions.push_back(
        {.supervisor = id,
         .target = leg(intent.other),
         .mode = mode_of(intent.verb),
         .held_target = intent.deaf_on_hold ? HeldTarget::Deaf : HeldTarget::Hears});
  }

  static bool set_flag(Member& member, const Intent& intent) {
    switch (intent.verb) {
      case Verb::Answer: member.source_only = false; return true;
      case Verb::Start: member.waiting = false; return true;
      case Verb::Mute: member.muted = true; return true;
      case Verb::Unmute: member.muted = false; return true;
      case Verb::Earmuff: member.earmuffed = true; return true;
      case Verb::Unearmuff: member.earmuffed = false; return true;
      case Verb::Hold: member.held = true; return true;
      case Verb::Unhold: member.held = false; return true;
      case Verb::LimitSpeech: member.can_speak = set_of(intent.list); return true;
      case Verb::FreeSpeech: member.can_speak.reset(); return true;
      case Verb::LimitHearing: member.can_hear = set_of(intent.list); return true;
      case Verb::FreeHearing: member.can_hear.reset(); return true;
      default: return false;
    }
  }

  static SupervisionMode mode_of(Verb verb) {
    if (verb == Verb::Listen) return SupervisionMode::Listen;
    if (verb == Verb::Whisper) return SupervisionMode::Whisper;
    return verb == Verb::Private ? SupervisionMode::Private : SupervisionMode::Barge;
  }

  static LegSet set_of(const std::string& names) {
    LegSet legs;
    for (const char name : names) legs.push_back(leg(name));
    return legs;
  }

  void stop_supervising(LegId supervisor) {
    std::erase_if(facts_.supervisions, [&](const Supervision& s) { return s.supervisor == supervisor; });
  }

  void apply_to_prompt(const Intent& intent) {
    std::erase_if(facts_.prompts, [&](const Prompt& p) { return p.id == prompt(intent.who); });
    if (intent.verb == Verb::StopPlaying) return;
    Prompt made{.id = prompt(intent.who), .only = std::nullopt, .gain = intent.gain};
    if (intent.verb == Verb::PlayToOne) made.only = leg(intent.other);
    facts_.prompts.push_back(made);
  }

  void apply_to_tap(const Intent& intent) {
    std::erase_if(facts_.taps, [&](const Tap& t) { return t.id == tap(intent.who); });
    const LegId id = leg(intent.other);
    switch (intent.verb) {
      case Verb::RecordSaid: return facts_.taps.push_back({tap(intent.who), {SaidBy{id}}});
      case Verb::RecordHeard: return facts_.taps.push_back({tap(intent.who), {HeardBy{id}}});
      case Verb::RecordRoom: return facts_.taps.push_back({tap(intent.who), {OpenRoom{}}});
      case Verb::RecordRoomBut: return facts_.taps.push_back({tap(intent.who), {OpenRoom{.but = id}}});
      default: return;
    }
  }

  Facts facts_;
};

// ---- random sequences

constexpr std::string_view kLegs = "ABCDE";
constexpr std::string_view kPrompts = "pq";
constexpr std::string_view kTaps = "123";

class Author {
 public:
  explicit Author(uint64_t seed) : random_(seed) {}

  Intent next(const Log& log) {
    const Oracle oracle(log);
    const uint64_t dice = random_.below(10);
    if (dice == 0) return prompt_intent(oracle);
    if (dice == 1) return tap_intent(oracle);
    Intent intent{.who = pick(kLegs)};
    if (!oracle.present(intent.who)) {
      intent.verb = one_of({Verb::Join, Verb::Join, Verb::Join, Verb::JoinWaiting, Verb::JoinRinging});
      return intent;
    }
    intent.verb = one_of({Verb::Answer, Verb::Start, Verb::Leave, Verb::Mute, Verb::Unmute, Verb::Earmuff,
                          Verb::Unearmuff, Verb::Hold, Verb::Unhold, Verb::LimitSpeech, Verb::FreeSpeech,
                          Verb::LimitHearing, Verb::FreeHearing, Verb::Listen, Verb::Whisper, Verb::Whisper,
                          Verb::Private, Verb::Barge, Verb::StopSupervising});
    if (intent.verb == Verb::LimitSpeech || intent.verb == Verb::LimitHearing) intent.list = some_legs();
    if (intent.verb >= Verb::Listen && intent.verb <= Verb::Barge) {
      do intent.other = pick(kLegs);
      while (intent.other == intent.who);
      intent.deaf_on_hold = random_.below(3) == 0;
    }
    return intent;
  }

 private:
  Intent prompt_intent(const Oracle& oracle) {
    Intent intent{.who = pick(kPrompts)};
    if (oracle.playing(intent.who) != nullptr) {
      intent.verb = Verb::StopPlaying;
      return intent;
    }
    intent.verb = one_of({Verb::PlayToOne, Verb::PlayToAll});
    if (intent.verb == Verb::PlayToOne) intent.other = pick(kLegs);
    intent.gain = random_.below(2) == 0 ? 1.0F : 0.5F;
    return intent;
  }
  Intent tap_intent(const Oracle& oracle) {
    Intent intent{.who = pick(kTaps)};
    if (oracle.recording(intent.who) != nullptr) {
      intent.verb = Verb::StopRecording;
      return intent;
    }
    intent.verb = one_of({Verb::RecordSaid, Verb::RecordHeard, Verb::RecordRoom, Verb::RecordRoomBut});
    if (intent.verb != Verb::RecordRoom) intent.other = pick(kLegs);
    return intent;
  }
  char pick(std::string_view names) { return names[random_.below(names.size())]; }
  Verb one_of(std::initializer_list<Verb> verbs) { return verbs.begin()[random_.below(verbs.size())]; }
  std::string some_legs() {
    std::string names;
    for (const char name : kLegs) {
      if (random_.below(2) == 0) names += name;
    }
    return names;
  }

  base::SeededRandom random_;
};

// ---- the property

using Derive = std::function<Plan(const Facts&)>;

std::vector<Source> sources_of(const Plan& plan) {
  std::vector<Source> sources;
  for (const PlanMember& member : plan.members) sources.emplace_back(member.leg);
  for (const PlanPrompt& row : plan.prompts) sources.emplace_back(row.prompt);
  return sources;
}

char letter(const Source& source) {
  return static_cast<char>(std::visit([](const auto& id) { return id.low; }, source));
}

// What is wrong with `plan`, or nothing.
std::string disagreement(const Oracle& oracle, const Plan& plan) {
  std::vector<AudienceRow> audiences;
  for (const Source& source : sources_of(plan)) {
    AudienceRow audience{.source = source, .listeners = {}};
    const auto check = [&](const Listener& listener, char name, float wanted) {
      if (wanted > 0) audience.listeners.push_back(listener);
      if (gain(plan, listener, source) == wanted) return std::string();
      return std::string("cell ") + name + '<' + letter(source) + " should be " + std::to_string(wanted) +
             '\n';
    };
    std::string wrong;
    for (const char ear : kLegs) wrong += check(leg(ear), ear, oracle.leg_hears(ear, letter(source)));
    for (const char name : kTaps) {
      wrong += check(TapChannel{.tap = tap(name)}, name, oracle.tap_hears(name, letter(source)));
    }
    if (!wrong.empty()) return wrong;
    if (oracle.limited(letter(source))) audiences.push_back(audience);
  }
  for (const char name : kLegs) {
    const bool known = std::any_of(plan.members.begin(), plan.members.end(),
                                   [&](const PlanMember& m) { return m.leg == leg(name); });
    if (known != oracle.present(name)) return "the members differ\n";
  }
  return audiences == plan.audiences ? "" : "the audiences differ\n";
}

// Whoever comes in hears nothing that is not meant for all, and opens nothing either.
std::string newcomer_trouble(const Derive& derive_it, const Facts& facts, const Plan& plan) {
  Facts more = facts;
  more.members.emplace_back();
  more.members.back().leg = leg('N');
  more.members.push_back(
      {.leg = leg('M'), .can_hear = LegSet{leg('A'), leg('B'), leg('C'), leg('D'), leg('E')}});
  const Plan after = derive_it(more);
  for (const AudienceRow& audience : plan.audiences) {
    for (const char name : {'N', 'M'}) {
      if (gain(after, leg(name), audience.source) > 0) return "a newcomer hears a limited source\n";
    }
  }
  return after.audiences == plan.audiences ? "" : "a newcomer changes an audience\n";
}

std::string delta_trouble(const Plan& from, const Plan& to) {
  const PlanDelta delta = diff(from, to);
  Plan applied = from;
  apply(applied, delta);
  if (!(applied == to)) return "apply(a, diff(a, b)) is not b\n";
  std::vector<Listener> listeners;
  for (const PlanMember& member : to.members) listeners.emplace_back(member.leg);
  for (const TapRow& row : to.taps) listeners.emplace_back(row.channel);
  bool adds = false;
  for (const Source& source : sources_of(to)) {
    for (const Listener& listener : listeners) {
      adds = adds || gain(to, listener, source) > gain(from, listener, source);
    }
  }
  return adds == delta.adds_audibility ? "" : "adds_audibility is wrong\n";
}

constexpr int kIntentsPerRoom = 60;

// One room's life. Returns what went wrong and the log that leads there, or nothing.
std::string live(const Derive& derive_it, uint64_t seed) {
  Author author(seed);
  FactsKeeper keeper;
  Log log;
  Plan plan = derive_it(keeper.facts());
  for (int i = 0; i < kIntentsPerRoom; ++i) {
    log.push_back(author.next(log));
    keeper.apply(log.back());
    Plan next = derive_it(keeper.facts());
    next.revision = plan.revision + 1;
    std::string wrong = disagreement(Oracle(log), next);
    if (wrong.empty()) wrong = newcomer_trouble(derive_it, keeper.facts(), next);
    if (wrong.empty()) wrong = delta_trouble(plan, next);
    if (!wrong.empty()) return "seed " + std::to_string(seed) + ": " + wrong + to_string(log);
    plan = std::move(next);
  }
  return "";
}

uint64_t number_from_environment(const char* name, uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text != nullptr ? std::strtoull(text, nullptr, 10) : otherwise;
}

// SOTTO_PROPERTY_SECONDS sets how long; SOTTO_PROPERTY_SEED repeats a run.
TEST(Oracle, AgreesWithDeriveOnRandomCommands) {
  base::SystemRandom entropy;
  const uint64_t first = number_from_environment("SOTTO_PROPERTY_SEED", entropy.next());
  const auto length = std::chrono::seconds(number_from_environment("SOTTO_PROPERTY_SECONDS", 3));
  std::printf("hearing oracle: SOTTO_PROPERTY_SEED=%llu\n", static_cast<unsigned long long>(first));
  const base::SystemClock clock;
  const base::TimePoint end = clock.now() + length;
  uint64_t rooms = 0;
  do {
    const std::string wrong = live(derive, first + rooms++);
    ASSERT_EQ(wrong, "");
  } while (clock.now() < end);
  std::printf("hearing oracle: %llu commands\n", static_cast<unsigned long long>(rooms * kIntentsPerRoom));
}

// ---- derive() with one mistake each

struct MuteIsIgnored : Rules {
  static bool speaks(const Party&) { return true; }
};
struct MutedWhispererIsHeard : Rules {
  static bool speaks(const Party& p) { return !p.member->muted || p.supervision != nullptr; }
};
struct UnmutedWhispererIsHeardByAll : Rules {
  static Reach reach(const Party& p) {
    return p.supervision != nullptr && !p.member->muted ? Reach::All : Rules::reach(p);
  }
};
struct EarmuffIsIgnored : Rules {
  static bool hears_legs(const Party& p) { return !p.member->source_only; }
};
struct EarmuffedTargetHearsCoach : Rules {
  static bool hears_legs(const Party& p) {
    return (!p.member->earmuffed || p.supervision != nullptr) && !p.member->source_only;
  }
};
struct RingingLegHears : Rules {
  static bool hears_legs(const Party& p) { return !p.member->earmuffed; }
};
struct HoldIsIgnored : Rules {
  static bool parked(const Party& p) { return p.member->waiting; }
};
struct WaitingIsIgnored : Rules {
  static bool parked(const Party& p) { return p.member->held; }
};
struct HoldNeedsBoth : Rules {
  static bool parked(const Party& p) { return p.member->held && p.member->waiting; }
};
struct MutedIsParked : Rules {
  static bool parked(const Party& p) { return Rules::parked(p) || p.member->muted; }
};
struct ListenerIsHeard : Rules {
  static Reach reach(const Party& p) {
    const bool listens = p.supervision != nullptr && p.supervision->mode == SupervisionMode::Listen;
    return listens ? Reach::Target : Rules::reach(p);
  }
};
struct WhisperIsHeardByAll : Rules {
  static Reach reach(const Party& p) {
    const bool whispers = p.supervision != nullptr && p.supervision->mode == SupervisionMode::Whisper;
    return whispers ? Reach::All : Rules::reach(p);
  }
};
struct PrivateIsHeardByAll : Rules {
  static Reach reach(const Party& p) { return is_private(p) ? Reach::All : Rules::reach(p); }
};
struct BargeIsAWhisper : Rules {
  static Reach reach(const Party& p) { return p.supervision != nullptr ? Reach::Target : Reach::All; }
};
struct PrivateHears : Rules {
  static bool is_private(const Party&) { return false; }
};
struct WhispererIsDeaf : Rules {
  static bool is_private(const Party& p) {
    return Rules::is_private(p) ||
           (p.supervision != nullptr && p.supervision->mode == SupervisionMode::Whisper);
  }
};
struct HeldTargetIsAlwaysDeaf : Rules {
  static bool coaches_through_hold(const Party&, const Party&) { return false; }
};
struct HeldTargetIsNeverDeaf : Rules {
  static bool coaches_through_hold(const Party& supervisor, const Party& target) {
    return supervisor.supervision != nullptr && supervisor.supervision->target == target.leg() &&
           reach(supervisor) == Reach::Target;
  }
};
struct BargeGoesThroughHold : Rules {
  static bool coaches_through_hold(const Party& supervisor, const Party& target) {
    return supervisor.supervision != nullptr && supervisor.supervision->target == target.leg() &&
           supervisor.supervision->held_target == HeldTarget::Hears;
  }
};
struct SpeechListIsIgnored : Rules {
  static const LegSet* may_be_heard_by(const Party&) { return nullptr; }
};
struct EmptySpeechListMeansAll : Rules {
  static const LegSet* may_be_heard_by(const Party& p) {
    const LegSet* set = Rules::may_be_heard_by(p);
    return set != nullptr && set->empty() ? nullptr : set;
  }
};
struct HearingListIsIgnored : Rules {
  static const LegSet* may_hear(const Party&) { return nullptr; }
};
struct ListsAreSwapped : Rules {
  static const LegSet* may_be_heard_by(const Party& p) { return Rules::may_hear(p); }
  static const LegSet* may_hear(const Party& p) { return Rules::may_be_heard_by(p); }
};
struct SupervisorHearsPastHisList : Rules {
  static const LegSet* may_hear(const Party& p) {
    return p.supervision != nullptr ? nullptr : Rules::may_hear(p);
  }
};
struct EarmuffStopsRoomPrompts : Rules {
  static bool hears_room_prompts(const Party& p) { return hears_legs(p); }
};
struct RingingLegHearsItsPrompt : Rules {
  static bool hears_own_prompts(const Party&) { return true; }
};
struct HeldLegLosesItsMusic : Rules {
  static bool hears_own_prompts(const Party& p) { return Rules::hears_own_prompts(p) && !parked(p); }
};
struct PromptForOneIsHeardByAll : Rules {
  static bool open_prompt(const Prompt&) { return true; }
};
struct PromptGainIsLost : Rules {
  static float prompt_gain(const Prompt&) { return 1; }
};
struct MutedLegIsRecorded : Rules {
  static bool said_is_heard(const Party&) { return true; }
};
struct HeldLegIsNotRecorded : Rules {
  static bool said_is_heard(const Party& p) { return speaks(p) && !parked(p); }
};
struct RoomButIsTheRoom : Rules {
  static std::optional<LegId> left_out(const OpenRoom&) { return std::nullopt; }
};
struct HeardByIsTheRoom : Rules {
  static TapRow::Base base_of(const HeardBy&) { return TapRow::Base::OpenSum; }
};

template <typename Mistaken>
class Mutant : public testing::Test {};

using Mistakes =
    testing::Types<MuteIsIgnored, MutedWhispererIsHeard, UnmutedWhispererIsHeardByAll, EarmuffIsIgnored,
                   EarmuffedTargetHearsCoach, RingingLegHears, HoldIsIgnored, WaitingIsIgnored, HoldNeedsBoth,
                   MutedIsParked, ListenerIsHeard, WhisperIsHeardByAll, PrivateIsHeardByAll, BargeIsAWhisper,
                   PrivateHears, WhispererIsDeaf, HeldTargetIsAlwaysDeaf, HeldTargetIsNeverDeaf,
                   BargeGoesThroughHold, SpeechListIsIgnored, EmptySpeechListMeansAll, HearingListIsIgnored,
                   ListsAreSwapped, SupervisorHearsPastHisList, EarmuffStopsRoomPrompts,
                   RingingLegHearsItsPrompt, HeldLegLosesItsMusic, PromptForOneIsHeardByAll, PromptGainIsLost,
                   MutedLegIsRecorded, HeldLegIsNotRecorded, RoomButIsTheRoom, HeardByIsTheRoom>;
TYPED_TEST_SUITE(Mutant, Mistakes);

TYPED_TEST(Mutant, IsFoundOut) {
  const Derive mistaken = [](const Facts& facts) { return Deriver<TypeParam>(facts).run(); };
  constexpr uint64_t kRoomsMax = 500;
  uint64_t rooms = 0;
  while (rooms < kRoomsMax && live(mistaken, rooms).empty()) ++rooms;
  EXPECT_LT(rooms, kRoomsMax) << "the oracle never objected";
}

}  // namespace
}  // namespace sotto::hearing
