#pragma once

#include <optional>
#include <variant>
#include <vector>

#include "hearing/ids.h"

// What the core states about one room. Nobody edits who hears whom: facts are set and cleared each on its
// own, and derive() (hearing/derive.h) turns the whole of them into a Plan. So unmuting a whisperer cannot
// make him audible.
namespace sotto::hearing {

// Leg ids may name legs that are not in the room, or not there yet. Sorted, without repeats.
using LegSet = std::vector<LegId>;

struct Member {
  LegId leg;
  bool muted = false;      // nobody hears him, no recording either; his prompts and his own ear stay
  bool earmuffed = false;  // hears no other leg; prompts addressed to him stay
  bool held = false;       // neither hears nor is heard; hears only prompts of which he is the whole audience
  bool waiting = false;    // as held, while the room has not started for him
  bool source_only = false;         // an unanswered callee whose early media is relayed: heard, hears nothing
  std::optional<LegSet> can_speak;  // who may hear him; absent: all
  std::optional<LegSet> can_hear;   // whom he may hear; absent: all
};

enum class SupervisionMode {
  Listen,   // hears all, heard by nobody
  Whisper,  // hears all, heard by his target alone
  Private,  // hears nobody, heard by his target alone
  Barge,    // hears all, heard by all
};

enum class OnTargetLeft { Follow, End, StayUnheard };
enum class HeldTarget { Hears, Deaf };  // may a target on hold hear his supervisor

// At most one for each supervisor, and a supervisor is never a target: call::Switchboard refuses chains.
struct Supervision {
  LegId supervisor;
  LegId target;  // may be absent from the room: then a whisper is heard by nobody
  SupervisionMode mode = SupervisionMode::Listen;
  OnTargetLeft on_target_left = OnTargetLeft::End;
  HeldTarget held_target = HeldTarget::Hears;
};

// A sound we make. Its audience is fixed when it starts.
struct Prompt {
  PromptId id;
  std::optional<LegId> only;  // the whole audience; absent: everyone in the room, newcomers too
  float gain = 1.0F;
};

// What a tap listens to. A tap never adds audibility: each view is a row that some leg, or nobody, hears.
struct SaidBy {
  LegId leg;  // his own voice, unless muted; whoever it was meant for
  bool operator==(const SaidBy&) const = default;
};
struct HeardBy {
  LegId leg;  // exactly what he hears
  bool operator==(const HeardBy&) const = default;
};
struct OpenRoom {
  std::optional<LegId> but;  // all that is meant for everyone, less this leg's own voice
  bool operator==(const OpenRoom&) const = default;
};
using TapView = std::variant<SaidBy, HeardBy, OpenRoom>;

struct Tap {
  TapId id;
  std::vector<TapView> channels;  // one track each
};

struct Facts {
  RoomId room;
  std::vector<Member> members;
  std::vector<Supervision> supervisions;
  std::vector<Prompt> prompts;
  std::vector<Tap> taps;
};

}  // namespace sotto::hearing
