#pragma once

#include <compare>
#include <cstdint>
#include <variant>
#include <vector>

#include "hearing/ids.h"

// Who hears whom in one room, in the form that the media thread mixes: a default plus sparse exceptions.
//
// Default: every open listener hears every open source but himself, a leg at gain 1, a prompt at its own.
// Everybody else hears nothing. An exception sets one cell to its gain, 0 being silence. A tap channel has a
// base row and its own exceptions.
namespace sotto::hearing {

using Source = std::variant<LegId, PromptId>;

struct TapChannel {
  TapId tap;
  uint16_t channel = 0;
  auto operator<=>(const TapChannel&) const = default;
};
using Listener = std::variant<LegId, TapChannel>;

struct PlanMember {
  LegId leg;
  bool open_source = true;    // heard by every open listener
  bool open_listener = true;  // hears every open source
  bool operator==(const PlanMember&) const = default;
};

struct PlanPrompt {
  PromptId prompt;
  bool open_source = true;  // heard by every open listener; else by its audience only
  float gain = 1.0F;
  bool operator==(const PlanPrompt&) const = default;
};

struct Cell {
  Listener listener;
  Source source;
  float gain = 1.0F;
  bool operator==(const Cell&) const = default;
};

struct TapRow {
  enum class Base {
    Silence,
    OpenSum,    // every open source, as an open listener would hear
    SameAsLeg,  // the row of a member
  };
  TapChannel channel;
  Base base = Base::Silence;
  LegId leg;  // SameAsLeg: whose row; else no leg
  bool operator==(const TapRow&) const = default;
};

// The second lock: a source that is not open is never mixed to a listener outside its audience, whatever the
// cells say. Every such source has a row, if only an empty one (a muted leg).
struct AudienceRow {
  Source source;
  std::vector<Listener> listeners;  // sorted; the taps that may hear it are listed too
  bool operator==(const AudienceRow&) const = default;
};

struct Plan {
  RoomId room;
  uint64_t revision = 0;
  std::vector<PlanMember> members;     // sorted by leg
  std::vector<PlanPrompt> prompts;     // sorted by prompt
  std::vector<TapRow> taps;            // sorted by channel
  std::vector<Cell> exceptions;        // sorted by (listener, source); none that repeats the default
  std::vector<AudienceRow> audiences;  // sorted by source; all that are not open, no other
  bool operator==(const Plan&) const = default;
};

// From one revision to the next. Applying it to `from` gives `to` exactly.
struct PlanDelta {
  RoomId room;
  uint64_t from = 0;
  uint64_t to = 0;
  std::vector<PlanMember> members_set;
  std::vector<LegId> members_gone;
  std::vector<PlanPrompt> prompts_set;
  std::vector<PromptId> prompts_gone;
  std::vector<TapRow> taps_set;
  std::vector<TapChannel> taps_gone;
  std::vector<Cell> cells_set;
  std::vector<std::pair<Listener, Source>> cells_gone;  // back to the default
  std::vector<AudienceRow> audiences_set;
  std::vector<Source> audiences_gone;

  // True if some listener hears some source louder after it than before: only such a delta may wait for a
  // credit.
  bool adds_audibility = false;
};

// The gain of one cell, 0 for unheard. O(log n); for tests, the ledger and the console, not for mixing.
float gain(const Plan& plan, const Listener& listener, const Source& source);

}  // namespace sotto::hearing
