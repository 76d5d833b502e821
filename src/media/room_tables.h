#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "audio/mix.h"
#include "base/prefetch.h"
#include "hearing/plan.h"
#include "media/media_object.h"
#include "media/slot_map.h"

namespace sotto::media {

class MediaLeg;
class PromptSource;
class TapWriter;

struct RoomCapacity {
  size_t members = 4;
  size_t prompts = 4;
  size_t taps = 2;
  size_t cells = 8;

  bool holds(const RoomCapacity& other) const {
    return members >= other.members && prompts >= other.prompts && taps >= other.taps && cells >= other.cells;
  }
};

// A plan as one room's mixer reads it: slots instead of ids, and what is plugged in where. Made by the
// control thread with room for what will come; filled, changed and outgrown on the media thread without
// allocating.
//
// A slot exists while the plan names it or something is plugged into it; only both together make sound.
class RoomTables final : public MediaObject {
 public:
  static constexpr uint32_t kNone = UINT32_MAX;

  struct Member {
    hearing::LegId id;
    bool used = false;
    bool in_plan = false;
    bool open_source = false;
    bool open_listener = false;
    bool due = false;         // is sent something in this turn
    bool was_heard = false;   // when levels were measured last
    bool barred = false;      // the second lock: open, yet of limited audience
    uint32_t generation = 0;  // of the slot: a cell for its former user is void
    uint32_t cells = kNone;
    MediaLeg* leg = nullptr;
    const int16_t* frame = nullptr;  // of this turn
  };
  struct Prompt {
    hearing::PromptId id;
    bool used = false;
    bool in_plan = false;
    bool open_source = false;
    bool barred = false;
    audio::Gain gain;
    uint32_t generation = 0;
    PromptSource* source = nullptr;
    const int16_t* frame = nullptr;
  };
  struct Tap {  // one channel
    bool used = false;
    bool in_plan = false;
    bool barred = false;  // the second lock: the leg it follows hears what this tap must not
    hearing::TapRow row;
    uint32_t cells = kNone;
    TapWriter* writer = nullptr;
  };
  enum class SourceKind : uint8_t { Leg, Prompt };
  struct Cell {
    SourceKind kind = SourceKind::Leg;
    bool barred = false;  // the second lock
    uint32_t slot = 0;
    uint32_t generation = 0;
    audio::Gain gain;
    bool silent = false;
    uint32_t next = kNone;
  };

  explicit RoomTables(const RoomCapacity& capacity);

  // ---- media thread
  bool outsizes(const RoomTables& other) const noexcept {
    return members_.size() >= other.members_.size() && prompts_.size() >= other.prompts_.size() &&
           taps_.size() >= other.taps_.size() && cells_.size() >= other.cells_.size();
  }
  // Takes over everything from one that it outsizes.
  void absorb(const RoomTables& other) noexcept;

  // Brings the plan from delta.from to delta.to. Returns how many of its parts named what is not there.
  uint32_t apply(const hearing::PlanDelta& delta) noexcept;
  // The second lock: bars every cell and open source outside its audience. `audiences` is the whole plan's.
  // Calls on_barred(listener, source) for each one newly found.
  template <typename OnBarred>
  uint32_t enforce(const std::vector<hearing::AudienceRow>& audiences, OnBarred on_barred) noexcept;

  void plug(const hearing::LegId& id, MediaLeg* leg) noexcept;  // null: unplug
  void plug(const hearing::PromptId& id, PromptSource* source) noexcept;
  void plug(const hearing::TapChannel& channel, TapWriter* writer) noexcept;

  void prefetch_slots() const noexcept {
    base::prefetch(members_.data(), std::min<size_t>(members_end_, 8) * sizeof(Member));
    base::prefetch(prompts_.data(), std::min<size_t>(prompts_end_, 4) * sizeof(Prompt));
    base::prefetch(taps_.data(), std::min<size_t>(taps_end_, 2) * sizeof(Tap));
    base::prefetch(cells_.data(), std::min<size_t>(cells_used_, 8) * sizeof(Cell));
  }
  // Slots up to the last one in use.
  std::span<Member> members() noexcept { return std::span(members_).first(members_end_); }
  std::span<Prompt> prompts() noexcept { return std::span(prompts_).first(prompts_end_); }
  std::span<Tap> taps() noexcept { return std::span(taps_).first(taps_end_); }
  const Cell& cell(uint32_t index) const noexcept { return cells_[index]; }
  Member* find(const hearing::LegId& id) noexcept;
  // The slot that a cell means, or null where that one is gone.
  Member* leg_of(const Cell& cell) noexcept;
  Prompt* prompt_of(const Cell& cell) noexcept;

 private:
  template <typename Slot, typename Map, typename IdType>
  static Slot& obtain(std::vector<Slot>& slots, size_t& end, Map& map, const IdType& id) noexcept;
  void release_if_unused(Member& member) noexcept;
  void release_if_unused(Prompt& prompt) noexcept;
  void release_if_unused(Tap& tap) noexcept;
  Tap& obtain_tap(const hearing::TapChannel& channel) noexcept;
  void free_cells(uint32_t& head) noexcept;
  uint32_t* row_of(const hearing::Listener& listener) noexcept;
  Tap* find_tap(const hearing::TapChannel& channel) noexcept;
  bool locate(const hearing::Source& source, Cell& cell) noexcept;
  bool set_cell(const hearing::Cell& wanted) noexcept;
  bool clear_cell(const hearing::Listener& listener, const hearing::Source& source) noexcept;
  void set_member(const hearing::PlanMember& wanted) noexcept;
  void set_prompt(const hearing::PlanPrompt& wanted) noexcept;
  // A source that the leg of a SameAsLeg tap hears and the tap must not.
  std::optional<hearing::Source> kept_out_of(const Tap& tap,
                                             const std::vector<hearing::AudienceRow>& audiences) noexcept;
  void set_tap(const hearing::TapRow& wanted) noexcept;
  hearing::Source source_of(const Cell& cell) const noexcept;
  template <typename OnBarred>
  uint32_t enforce_row(uint32_t head, const hearing::Listener& listener,
                       const std::vector<hearing::AudienceRow>& audiences, OnBarred& on_barred) noexcept;

  std::vector<Member> members_;
  std::vector<Prompt> prompts_;
  std::vector<Tap> taps_;
  std::vector<Cell> cells_;
  // Behind the last slot in use of each; most rooms use few of what they have.
  size_t members_end_ = 0;
  size_t prompts_end_ = 0;
  size_t taps_end_ = 0;
  size_t cells_used_ = 0;
  uint32_t free_cell_ = kNone;
  SlotMap<hearing::LegId> member_slots_;
  SlotMap<hearing::PromptId> prompt_slots_;
};

// The row of `source` among rows sorted by source, or null where its audience is not limited.
const hearing::AudienceRow* find_audience(const std::vector<hearing::AudienceRow>& audiences,
                                          const hearing::Source& source) noexcept;
bool admits(const hearing::AudienceRow& row, const hearing::Listener& listener) noexcept;

template <typename OnBarred>
uint32_t RoomTables::enforce_row(uint32_t head, const hearing::Listener& listener,
                                 const std::vector<hearing::AudienceRow>& audiences,
                                 OnBarred& on_barred) noexcept {
  uint32_t violations = 0;
  for (uint32_t index = head; index != kNone; index = cells_[index].next) {
    Cell& cell = cells_[index];
    cell.barred = false;
    if (cell.silent || (leg_of(cell) == nullptr && prompt_of(cell) == nullptr)) continue;
    const hearing::Source source = source_of(cell);
    const hearing::AudienceRow* row = find_audience(audiences, source);
    if (row == nullptr || admits(*row, listener)) continue;
    cell.barred = true;
    ++violations;
    on_barred(listener, source);
  }
  return violations;
}

template <typename OnBarred>
uint32_t RoomTables::enforce(const std::vector<hearing::AudienceRow>& audiences,
                             OnBarred on_barred) noexcept {
  uint32_t violations = 0;
  for (Member& member : members_) {
    if (!member.used) continue;
    member.barred = member.open_source && find_audience(audiences, member.id) != nullptr;
    if (member.barred) {
      ++violations;
      on_barred(member.id, member.id);
    }
    violations += enforce_row(member.cells, member.id, audiences, on_barred);
  }
  for (Prompt& prompt : prompts_) {
    if (!prompt.used) continue;
    prompt.barred = prompt.open_source && find_audience(audiences, prompt.id) != nullptr;
    if (!prompt.barred) continue;
    ++violations;
    on_barred(hearing::LegId{}, prompt.id);
  }
  for (Tap& tap : taps_) {
    if (!tap.in_plan) continue;  // left over until it is unplugged, and silent
    violations += enforce_row(tap.cells, tap.row.channel, audiences, on_barred);
    const std::optional<hearing::Source> kept_out = kept_out_of(tap, audiences);
    tap.barred = kept_out.has_value();
    if (!tap.barred) continue;
    ++violations;
    on_barred(tap.row.channel, *kept_out);
  }
  return violations;
}

}  // namespace sotto::media
