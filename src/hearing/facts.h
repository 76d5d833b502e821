#pragma once

#include <optional>
#include <variant>
#include <vector>

#include "hearing/ids.h"

// What the core states about one room. Nobody edits who hears whom: facts are set and cleared each on its
// own, and derive() (hearing/derive.h) turns the whole of them into a Plan. So unmuting a whisperer cannot
// make him audible.
namespace sotto::hearing {

// Every fact only takes away: what two facts forbid each, both forbid. The one fact that gives is a
// supervision whose HeldTarget is Hears.
//
// Leg ids may name legs that are not in the room, or not there yet. Sorted, without repeats.
using LegSet = std::vector<LegId>;

struct Member {
  LegId leg;
  bool muted = false;      // nobody hears him, no recording either; his prompts and his own ear stay
  bool earmuffed = false;  // hears no other leg; prompts stay, the room's too
  bool held = false;       // neither hears nor is heard; hears only prompts of which he is the whole audience
  bool waiting = false;    // as held in everything, while the room has not started for him
  bool source_only = false;         // an unanswered callee whose early media is relayed: heard, hears nothing
  std::optional<LegSet> can_speak;  // who may hear him; absent: all
  std::optional<LegSet> can_hear;   // whom he may hear; absent: all

  bool operator==(const Member&) const = default;
};

enum class SupervisionMode {
  Listen,   // hears what any member would, heard by nobody
  Whisper,  // hears as Listen, heard by his target alone
  Private,  // hears nobody and no prompt but his own, heard by his target alone
  Barge,    // as if he supervised nobody
};

enum class OnTargetLeft { Follow, End, StayUnheard };

// A target on hold or waiting. Hears: he and who coaches him (Whisper, Private) go on hearing each other as
// the mode says; Listen and Barge stop at the hold like everybody. Deaf: the hold stops the coach too.
enum class HeldTarget { Hears, Deaf };

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
  // The whole audience, whatever else is true of him but source_only. Absent: everyone in the room, newcomers
  // too, but not who is held, waiting, source_only or a private supervisor.
  std::optional<LegId> only;
  float gain = 1.0F;
};

// What a tap listens to. A tap never adds audibility: each view is a row that some leg, or nobody, hears.
struct SaidBy {
  LegId leg;  // his own voice, unless muted; whoever it was meant for, held or not
  bool operator==(const SaidBy&) const = default;
};
struct HeardBy {
  LegId leg;  // exactly what he hears
  bool operator==(const HeardBy&) const = default;
};
struct OpenRoom {
  std::optional<LegId> but;  // all that is meant for everyone, prompts too, less this leg's own voice
  bool operator==(const OpenRoom&) const = default;
};
using TapView = std::variant<SaidBy, HeardBy, OpenRoom>;

struct Tap {
  TapId id;
  std::vector<TapView> channels;  // one track each, at most limits::kRecordingChannelsMax
};

// Of members, prompts and taps with one id, and of supervisions with one supervisor, the first counts.
struct Facts {
  RoomId room;
  std::vector<Member> members;
  std::vector<Supervision> supervisions;
  std::vector<Prompt> prompts;
  std::vector<Tap> taps;
};

}  // namespace sotto::hearing
