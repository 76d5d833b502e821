#pragma once

#include <array>
#include <memory>
#include <vector>

#include "base/prefetch.h"
#include "media/media_leg.h"
#include "media/media_turn.h"
#include "media/prompt_source.h"
#include "media/room_tables.h"
#include "media/tap_writer.h"

namespace sotto::media {

// Plan deltas to be applied together, and what their application needs.
struct PlanChange final : MediaObject {
  std::vector<hearing::PlanDelta> deltas;
  std::vector<hearing::AudienceRow> audiences;  // the whole plan's, after them; in return: those before
  std::unique_ptr<RoomTables> bigger;           // or null; in return: those outgrown
  std::unique_ptr<PlanChange> next;             // in the room's queue
};

// Mixes one room by its plan, a frame a turn. Owns neither legs nor prompts nor taps: they are plugged in.
class Room final : public MediaObject {
 public:
  Room(RoomId id, uint32_t rate_hz, int phase, const RoomCapacity& capacity);

  const RoomId& id() const noexcept { return id_; }
  int phase() const noexcept { return phase_; }

  // ---- between turns
  void queue(std::unique_ptr<PlanChange> change) noexcept;
  // Returns the tables outgrown.
  std::unique_ptr<RoomTables> grow(std::unique_ptr<RoomTables> bigger) noexcept;
  void plug(MediaLeg& leg) noexcept;
  void unplug(MediaLeg& leg) noexcept;
  void plug(PromptSource& prompt) noexcept;
  void unplug(PromptSource& prompt) noexcept;
  void plug(TapWriter& tap) noexcept;
  void detach(TapWriter& tap) noexcept;  // to go on in another room
  void unplug(TapWriter& tap) noexcept;  // for good
  // Whether it tells of levels and speakers.
  void watch(bool on) noexcept { watched_ = on; }
  // Pulls legs and taps out; prompts leave by take_prompt().
  void unplug_all(MediaTurn& turn) noexcept;

  // ---- before a turn: what it will touch, each call one step further into it
  void prefetch_tables() const noexcept { base::prefetch(tables_.get()); }
  static constexpr int kPrefetchDepth = 1 + MediaLeg::kPrefetchDepth;
  void prefetch_members(int depth) const noexcept;

  // ---- the turn
  // Between turns as well: whatever may end a plain pair calls it first.
  void stop_forwarding(MediaTurn& turn) noexcept;
  void turn(MediaTurn& turn) noexcept;
  // A prompt that has played to its end and is unplugged, or null. Asked until null after each turn.
  PromptSource* take_ended() noexcept;
  PromptSource* take_prompt() noexcept;  // any, or null

  // Media thread: the rooms of one phase.
  Room* next = nullptr;
  Room* previous = nullptr;

 private:
  using Samples = std::span<int32_t>;

  void apply_changes(MediaTurn& turn) noexcept;
  void measure(MediaTurn& turn) noexcept;
  void note_speaker(MediaTurn& turn, const LegId& loudest) noexcept;
  // True: the turn is done, since packets go on as they come.
  bool forward(MediaTurn& turn) noexcept;
  bool find_pair(std::array<MediaLeg*, 2>& pair) noexcept;
  bool run_over(MediaTurn& turn, const std::array<MediaLeg*, 2>& pair) noexcept;
  void collect(MediaTurn& turn) noexcept;
  // Nobody else and no tap is there to hear it.
  bool is_unheard(const RoomTables::Member& member) noexcept;
  static void fetch_ahead(std::span<const RoomTables::Member> members, size_t present) noexcept;
  void mix_leg(MediaTurn& turn, RoomTables::Member& listener) noexcept;
  void mix_tap(MediaTurn& turn, RoomTables::Tap& tap) noexcept;
  void mix_row(MediaTurn& turn, const RoomTables::Member& listener) noexcept;
  // What is meant for everybody, summed when first asked for in a turn.
  const SharedMix& open_mix(MediaTurn& turn) noexcept;
  void note_open(const int16_t* said) noexcept;
  // The one sound that a leg hears, as it is; null where it is none, several, or of another loudness.
  const int16_t* only_sound(const RoomTables::Member& listener) noexcept;
  const int16_t* frame_of(const RoomTables::Cell& cell) noexcept;
  const int16_t* only_cell(const RoomTables::Member& listener) noexcept;
  void mix_cells(MediaTurn& turn, uint32_t head, bool open, const RoomTables::Member* self) noexcept;
  std::span<const int16_t> frame(const int16_t* samples) const noexcept { return {samples, frame_samples_}; }

  // Constant after construction.
  const RoomId id_;
  const size_t frame_samples_;
  const int phase_;

  std::unique_ptr<RoomTables> tables_;
  std::vector<hearing::AudienceRow> audiences_;
  std::unique_ptr<PlanChange> changes_;  // to be applied, in order
  uint64_t turns_ = 0;
  // A plain pair, which is not mixed. Legs are plugged in while `forwarding_`.
  bool forwarding_ = false;
  std::array<MediaLeg*, 2> pair_{};
  int plain_turns_ = 0;

  // Levels.
  bool watched_ = false;
  int turns_unmeasured_ = 0;
  LegId speaker_;     // invalid: nobody
  LegId challenger_;  // was louder the last time

  // Of this turn.
  size_t open_count_ = 0;                        // sources heard by default
  std::array<const int16_t*, 2> open_frames_{};  // the first two
  bool open_unchanged_ = true;                   // none of them louder or softer than it is
  bool summed_ = false;
};

}  // namespace sotto::media
