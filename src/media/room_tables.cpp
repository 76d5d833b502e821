#include "media/room_tables.h"

#include <algorithm>
#include <cmath>

namespace sotto::media {
namespace {

using hearing::LegId;
using hearing::PromptId;

audio::Gain gain_of(float linear) noexcept {
  return audio::Gain::from_db(20.0F * std::log10(std::max(linear, 1e-6F)));
}

// Slots are taken from the front: behind `end` none is in use.
template <typename Slot>
Slot& take_free(std::vector<Slot>& slots, size_t& end) noexcept {
  const auto free = std::find_if(slots.begin(), slots.end(), [](const Slot& slot) { return !slot.used; });
  CHECK(free != slots.end());  // the control thread sends larger tables before they are needed
  end = std::max(end, static_cast<size_t>(free - slots.begin()) + 1);
  return *free;
}

template <typename Slot>
void shrink(const std::vector<Slot>& slots, size_t& end) noexcept {
  while (end > 0 && !slots[end - 1].used) --end;
}

}  // namespace

const hearing::AudienceRow* find_audience(const std::vector<hearing::AudienceRow>& audiences,
                                          const hearing::Source& source) noexcept {
  const auto at = std::lower_bound(
      audiences.begin(), audiences.end(), source,
      [](const hearing::AudienceRow& row, const hearing::Source& wanted) { return row.source < wanted; });
  return at != audiences.end() && at->source == source ? &*at : nullptr;
}

bool admits(const hearing::AudienceRow& row, const hearing::Listener& listener) noexcept {
  return std::binary_search(row.listeners.begin(), row.listeners.end(), listener);
}

RoomTables::RoomTables(const RoomCapacity& capacity)
    : members_(capacity.members),
      prompts_(capacity.prompts),
      taps_(capacity.taps),
      cells_(capacity.cells),
      member_slots_(capacity.members),
      prompt_slots_(capacity.prompts) {
  for (size_t i = cells_.size(); i-- > 0;) {
    cells_[i].next = free_cell_;
    free_cell_ = static_cast<uint32_t>(i);
  }
}

void RoomTables::absorb(const RoomTables& other) noexcept {
  CHECK(other.members_.size() <= members_.size() && other.prompts_.size() <= prompts_.size() &&
        other.taps_.size() <= taps_.size() && other.cells_.size() <= cells_.size());
  std::copy(other.members_.begin(), other.members_.end(), members_.begin());
  std::copy(other.prompts_.begin(), other.prompts_.end(), prompts_.begin());
  std::copy(other.taps_.begin(), other.taps_.end(), taps_.begin());
  std::copy(other.cells_.begin(), other.cells_.end(), cells_.begin());
  for (uint32_t i = 0; i < members_.size(); ++i) {
    if (members_[i].used) member_slots_.insert(members_[i].id, i);
  }
  for (uint32_t i = 0; i < prompts_.size(); ++i) {
    if (prompts_[i].used) prompt_slots_.insert(prompts_[i].id, i);
  }
  members_end_ = other.members_end_;
  prompts_end_ = other.prompts_end_;
  taps_end_ = other.taps_end_;
  cells_used_ = other.cells_used_;
  free_cell_ = other.free_cell_;
  for (size_t i = cells_.size(); i-- > other.cells_.size();) {
    cells_[i].next = free_cell_;
    free_cell_ = static_cast<uint32_t>(i);
  }
}

uint32_t RoomTables::apply(const hearing::PlanDelta& delta) noexcept {
  uint32_t faults = 0;
  for (const auto& [listener, source] : delta.cells_gone) faults += !clear_cell(listener, source);
  for (const hearing::TapChannel& channel : delta.taps_gone) {
    Tap* tap = find_tap(channel);
    faults += tap == nullptr;
    if (tap == nullptr) continue;
    tap->in_plan = false;
    free_cells(tap->cells);
    release_if_unused(*tap);
  }
  for (const LegId& leg : delta.members_gone) {
    Member* member = find(leg);
    faults += member == nullptr;
    if (member == nullptr) continue;
    member->in_plan = member->open_source = member->open_listener = member->barred = false;
    ++member->generation;  // voids what cells of others are left
    free_cells(member->cells);
    release_if_unused(*member);
  }
  for (const PromptId& id : delta.prompts_gone) {
    const uint32_t slot = prompt_slots_.find(id);
    faults += slot == kNone;
    if (slot == kNone) continue;
    Prompt& prompt = prompts_[slot];
    prompt.in_plan = prompt.open_source = prompt.barred = false;
    ++prompt.generation;
    release_if_unused(prompt);
  }
  for (const hearing::PlanMember& member : delta.members_set) set_member(member);
  for (const hearing::PlanPrompt& prompt : delta.prompts_set) set_prompt(prompt);
  for (const hearing::TapRow& row : delta.taps_set) set_tap(row);
  for (const hearing::Cell& cell : delta.cells_set) faults += !set_cell(cell);
  return faults;
}

template <typename Slot, typename Map, typename IdType>
Slot& RoomTables::obtain(std::vector<Slot>& slots, size_t& end, Map& map, const IdType& id) noexcept {
  const uint32_t known = map.find(id);
  if (known != Map::kNone) return slots[known];
  Slot& slot = take_free(slots, end);
  const uint32_t generation = slot.generation + 1;
  slot = Slot{};
  slot.id = id;
  slot.used = true;
  slot.generation = generation;
  map.insert(id, static_cast<uint32_t>(&slot - slots.data()));
  return slot;
}

RoomTables::Tap& RoomTables::obtain_tap(const hearing::TapChannel& channel) noexcept {
  if (Tap* known = find_tap(channel)) return *known;
  Tap& tap = take_free(taps_, taps_end_);
  tap = Tap{};
  tap.used = true;
  tap.row.channel = channel;
  return tap;
}

void RoomTables::set_member(const hearing::PlanMember& wanted) noexcept {
  Member& member = obtain(members_, members_end_, member_slots_, wanted.leg);
  member.in_plan = true;
  member.open_source = wanted.open_source;
  member.open_listener = wanted.open_listener;
}

void RoomTables::set_prompt(const hearing::PlanPrompt& wanted) noexcept {
  Prompt& prompt = obtain(prompts_, prompts_end_, prompt_slots_, wanted.prompt);
  prompt.in_plan = true;
  prompt.open_source = wanted.open_source && wanted.gain > 0;
  prompt.gain = gain_of(wanted.gain);
}

void RoomTables::set_tap(const hearing::TapRow& wanted) noexcept {
  Tap& tap = obtain_tap(wanted.channel);
  tap.in_plan = true;
  tap.row = wanted;
}

bool RoomTables::set_cell(const hearing::Cell& wanted) noexcept {
  Cell cell;
  uint32_t* const row = row_of(wanted.listener);
  if (row == nullptr || !locate(wanted.source, cell)) return false;
  uint32_t index = *row;
  while (index != kNone && !(cells_[index].kind == cell.kind && cells_[index].slot == cell.slot &&
                             cells_[index].generation == cell.generation)) {
    index = cells_[index].next;
  }
  if (index == kNone) {
    index = free_cell_;
    CHECK(index != kNone);
    free_cell_ = cells_[index].next;
    ++cells_used_;
    cell.next = *row;
    *row = index;
    cells_[index] = cell;
  }
  cells_[index].gain = gain_of(wanted.gain);
  cells_[index].silent = !(wanted.gain > 0);
  return true;
}

bool RoomTables::clear_cell(const hearing::Listener& listener, const hearing::Source& source) noexcept {
  Cell wanted;
  uint32_t* link = row_of(listener);
  if (link == nullptr || !locate(source, wanted)) return false;
  for (; *link != kNone; link = &cells_[*link].next) {
    Cell& cell = cells_[*link];
    if (cell.kind != wanted.kind || cell.slot != wanted.slot || cell.generation != wanted.generation)
      continue;
    const uint32_t index = *link;
    *link = cell.next;
    cells_[index] = Cell{};
    cells_[index].next = free_cell_;
    free_cell_ = index;
    --cells_used_;
    return true;
  }
  return false;
}

void RoomTables::free_cells(uint32_t& head) noexcept {
  while (head != kNone) {
    const uint32_t index = head;
    head = cells_[index].next;
    cells_[index] = Cell{};
    cells_[index].next = free_cell_;
    free_cell_ = index;
    --cells_used_;
  }
}

bool RoomTables::locate(const hearing::Source& source, Cell& cell) noexcept {
  if (const LegId* leg = std::get_if<LegId>(&source)) {
    cell.kind = SourceKind::Leg;
    cell.slot = member_slots_.find(*leg);
    if (cell.slot != kNone) cell.generation = members_[cell.slot].generation;
  } else {
    cell.kind = SourceKind::Prompt;
    cell.slot = prompt_slots_.find(std::get<PromptId>(source));
    if (cell.slot != kNone) cell.generation = prompts_[cell.slot].generation;
  }
  return cell.slot != kNone;
}

uint32_t* RoomTables::row_of(const hearing::Listener& listener) noexcept {
  if (const LegId* leg = std::get_if<LegId>(&listener)) {
    Member* member = find(*leg);
    return member == nullptr ? nullptr : &member->cells;
  }
  Tap* tap = find_tap(std::get<hearing::TapChannel>(listener));
  return tap == nullptr ? nullptr : &tap->cells;
}

RoomTables::Tap* RoomTables::find_tap(const hearing::TapChannel& channel) noexcept {
  const auto at = std::find_if(taps_.begin(), taps_.end(),
                               [&](const Tap& tap) { return tap.used && tap.row.channel == channel; });
  return at == taps_.end() ? nullptr : &*at;
}

RoomTables::Member* RoomTables::find(const LegId& id) noexcept {
  const uint32_t slot = member_slots_.find(id);
  return slot == kNone ? nullptr : &members_[slot];
}

RoomTables::Member* RoomTables::leg_of(const Cell& cell) noexcept {
  if (cell.kind != SourceKind::Leg) return nullptr;
  Member& member = members_[cell.slot];
  return member.used && member.generation == cell.generation ? &member : nullptr;
}

RoomTables::Prompt* RoomTables::prompt_of(const Cell& cell) noexcept {
  if (cell.kind != SourceKind::Prompt) return nullptr;
  Prompt& prompt = prompts_[cell.slot];
  return prompt.used && prompt.generation == cell.generation ? &prompt : nullptr;
}

hearing::Source RoomTables::source_of(const Cell& cell) const noexcept {
  if (cell.kind == SourceKind::Leg) return members_[cell.slot].id;
  return prompts_[cell.slot].id;
}

std::optional<hearing::Source> RoomTables::kept_out_of(
    const Tap& tap, const std::vector<hearing::AudienceRow>& audiences) noexcept {
  if (tap.row.base != hearing::TapRow::Base::SameAsLeg) return std::nullopt;
  const Member* member = find(tap.row.leg);
  if (member == nullptr) return std::nullopt;
  for (uint32_t index = member->cells; index != kNone; index = cells_[index].next) {
    const Cell& cell = cells_[index];
    if (cell.silent || cell.barred || (leg_of(cell) == nullptr && prompt_of(cell) == nullptr)) continue;
    const hearing::Source source = source_of(cell);
    const hearing::AudienceRow* row = find_audience(audiences, source);
    if (row != nullptr && !admits(*row, tap.row.channel)) return source;
  }
  return std::nullopt;
}

void RoomTables::plug(const LegId& id, MediaLeg* leg) noexcept {
  Member& member = obtain(members_, members_end_, member_slots_, id);
  member.leg = leg;
  member.frame = nullptr;
  release_if_unused(member);
}

void RoomTables::plug(const PromptId& id, PromptSource* source) noexcept {
  Prompt& prompt = obtain(prompts_, prompts_end_, prompt_slots_, id);
  prompt.source = source;
  prompt.frame = nullptr;
  release_if_unused(prompt);
}

void RoomTables::plug(const hearing::TapChannel& channel, TapWriter* writer) noexcept {
  Tap& tap = obtain_tap(channel);
  tap.writer = writer;
  release_if_unused(tap);
}

void RoomTables::release_if_unused(Member& member) noexcept {
  if (member.in_plan || member.leg != nullptr) return;
  member_slots_.erase(member.id);
  member.used = false;
  shrink(members_, members_end_);
}

void RoomTables::release_if_unused(Prompt& prompt) noexcept {
  if (prompt.in_plan || prompt.source != nullptr) return;
  prompt_slots_.erase(prompt.id);
  prompt.used = false;
  shrink(prompts_, prompts_end_);
}

void RoomTables::release_if_unused(Tap& tap) noexcept {
  if (tap.in_plan || tap.writer != nullptr) return;
  tap.used = false;
  shrink(taps_, taps_end_);
}

}  // namespace sotto::media
