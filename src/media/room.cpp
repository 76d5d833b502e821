#include "media/room.h"

#include <algorithm>

#include "audio/level.h"

namespace sotto::media {
namespace {

constexpr int kTurnsAMeasure = 10;  // 200 ms between two levels of a leg
constexpr float kLevelDbMin = -60.0F;
constexpr size_t kMembersAhead = 8;  // of a larger room, each fetches one that comes later

}  // namespace

Room::Room(RoomId id, uint32_t rate_hz, int phase, const RoomCapacity& capacity)
    : id_(id),
      frame_samples_(rate_hz / kFramesPerSecond),
      phase_(phase),
      tables_(std::make_unique<RoomTables>(capacity)) {}

// ---- between turns

// Its tables are taken at once: what is plugged in before the next turn counts on them, too.
void Room::queue(std::unique_ptr<PlanChange> change) noexcept {
  change->bigger = grow(std::move(change->bigger));
  std::unique_ptr<PlanChange>* last = &changes_;
  while (*last != nullptr) last = &(*last)->next;
  *last = std::move(change);
}

std::unique_ptr<RoomTables> Room::grow(std::unique_ptr<RoomTables> bigger) noexcept {
  if (bigger == nullptr || !bigger->outsizes(*tables_)) return bigger;
  bigger->absorb(*tables_);
  std::swap(bigger, tables_);
  return bigger;
}

void Room::plug(MediaLeg& leg) noexcept {
  tables_->plug(leg.id(), &leg);
  leg.room = this;
}

void Room::unplug(MediaLeg& leg) noexcept {
  tables_->plug(leg.id(), nullptr);
  leg.room = nullptr;
}

void Room::plug(PromptSource& prompt) noexcept {
  tables_->plug(prompt.id(), &prompt);
  prompt.room = this;
}

void Room::unplug(PromptSource& prompt) noexcept {
  tables_->plug(prompt.id(), nullptr);
  prompt.room = nullptr;
}

void Room::plug(TapWriter& tap) noexcept {
  for (uint16_t channel = 0; channel < tap.channels(); ++channel) {
    tables_->plug(hearing::TapChannel{tap.id(), channel}, &tap);
  }
  tap.room = this;
}

void Room::detach(TapWriter& tap) noexcept {
  for (uint16_t channel = 0; channel < tap.channels(); ++channel) {
    tables_->plug(hearing::TapChannel{tap.id(), channel}, static_cast<TapWriter*>(nullptr));
  }
  tap.room = nullptr;
}

void Room::unplug(TapWriter& tap) noexcept {
  detach(tap);
  tap.finish();
}

void Room::unplug_all(MediaTurn& turn) noexcept {
  stop_forwarding(turn);
  apply_changes(turn);
  for (RoomTables::Member& member : tables_->members()) {
    if (member.used && member.leg != nullptr) unplug(*member.leg);
  }
  for (RoomTables::Tap& tap : tables_->taps()) {
    if (tap.used && tap.writer != nullptr) unplug(*tap.writer);
  }
}

PromptSource* Room::take_ended() noexcept {
  for (RoomTables::Prompt& prompt : tables_->prompts()) {
    if (!prompt.used || prompt.source == nullptr || !prompt.source->ended()) continue;
    PromptSource* const ended = prompt.source;
    unplug(*ended);
    return ended;
  }
  return nullptr;
}

PromptSource* Room::take_prompt() noexcept {
  for (RoomTables::Prompt& prompt : tables_->prompts()) {
    if (!prompt.used || prompt.source == nullptr) continue;
    PromptSource* const taken = prompt.source;
    unplug(*taken);
    return taken;
  }
  return nullptr;
}

// ---- before a turn

void Room::prefetch_members(int depth) const noexcept {
  if (depth == 0) return tables_->prefetch_slots();
  const std::span<const RoomTables::Member> members = tables_->members();
  const auto heard =
      members.size() > 1 || !tables_->taps().empty() ? MediaLeg::Heard::Yes : MediaLeg::Heard::No;
  for (const RoomTables::Member& member : members.first(std::min(members.size(), kMembersAhead))) {
    if (member.leg != nullptr) member.leg->prefetch(depth - 1, heard);
  }
  const std::span<const RoomTables::Prompt> prompts = tables_->prompts();
  for (const RoomTables::Prompt& prompt : prompts.first(std::min(prompts.size(), kMembersAhead))) {
    if (prompt.source != nullptr) prompt.source->prefetch(depth - 1);
  }
}

// ---- the turn

void Room::turn(MediaTurn& turn) noexcept {
  ++turns_;
  ++turn.counters().turns;
  apply_changes(turn);
  if (watched_ && ++turns_unmeasured_ >= kTurnsAMeasure) measure(turn);
  if (forward(turn)) return;
  collect(turn);
  for (RoomTables::Member& member : tables_->members()) {
    if (member.used && member.leg != nullptr) mix_leg(turn, member);
  }
  for (RoomTables::Tap& tap : tables_->taps()) {
    if (tap.used && tap.writer != nullptr) mix_tap(turn, tap);
  }
  for (RoomTables::Tap& tap : tables_->taps()) {
    if (tap.used && tap.writer != nullptr) tap.writer->commit(turn);
  }
}

void Room::measure(MediaTurn& turn) noexcept {
  turns_unmeasured_ = 0;
  LegId loudest{};
  int32_t most = 0;
  for (RoomTables::Member& member : tables_->members()) {
    if (!member.used || member.leg == nullptr) continue;
    const int32_t magnitude = member.leg->take_magnitude();
    const float level_db = audio::level_of_magnitude(magnitude);
    const bool heard = level_db > kLevelDbMin;
    if (heard || member.was_heard) {
      turn.notice(LevelMeasured{.room = id_, .leg = member.id, .level_db = level_db});
    }
    member.was_heard = heard;
    if (!member.leg->is_talking() || magnitude <= most) continue;
    most = magnitude;
    loudest = member.id;
  }
  note_speaker(turn, loudest);
}

// Who speaks goes on speaking until another has been louder twice in a row.
void Room::note_speaker(MediaTurn& turn, const LegId& loudest) noexcept {
  if (loudest == speaker_ || loudest != challenger_) {
    challenger_ = loudest;
    return;
  }
  speaker_ = loudest;
  turn.notice(SpeakerChanged{.room = id_, .leg = loudest, .at = turn.now()});
}

void Room::apply_changes(MediaTurn& turn) noexcept {
  while (changes_ != nullptr) {
    std::unique_ptr<PlanChange> change = std::move(changes_);
    changes_ = std::move(change->next);
    uint64_t revision = 0;
    for (const hearing::PlanDelta& delta : change->deltas) {
      turn.counters().plan_faults += tables_->apply(delta);
      revision = delta.to;
    }
    std::swap(audiences_, change->audiences);
    turn.counters().audience_violations +=
        tables_->enforce(audiences_, [&](const hearing::Listener& listener, const hearing::Source& source) {
          turn.notice(AudienceViolation{.room = id_, .listener = listener, .source = source});
        });
    Report report;
    report.event = PlanApplied{.room = id_, .revision = revision, .turn = turns_, .at = turn.now()};
    report.answers = true;
    report.freed[0] = std::move(change);
    turn.answer(std::move(report));
  }
}

bool Room::forward(MediaTurn& turn) noexcept {
  std::array<MediaLeg*, 2> pair{};
  const bool plain = find_pair(pair);
  if (forwarding_) {
    const bool first = pair_[0]->tend_forwarding(turn);
    const bool second = pair_[1]->tend_forwarding(turn);
    if (plain && first && second) return true;
    stop_forwarding(turn);
    return false;
  }
  const bool ready =
      plain && pair[0]->may_forward_to(*pair[1], turn.now()) && pair[1]->may_forward_to(*pair[0], turn.now());
  plain_turns_ = ready ? plain_turns_ + 1 : 0;
  if (!ready || plain_turns_ < pair[0]->plain_turns_min()) return false;
  // Each must be as far in its time as the turn: one that came from another room catches up first.
  if (!pair[0]->in_step(turn.now()) || !pair[1]->in_step(turn.now())) return false;
  if (!run_over(turn, pair)) return true;
  forwarding_ = true;
  ++turn.counters().rooms_forwarding;
  pair_ = pair;
  pair[0]->start_forwarding(turn, *pair[1]);
  pair[1]->start_forwarding(turn, *pair[0]);
  return true;
}

// The last turn by samples. False: at least one has nothing to say, and it was not the last.
bool Room::run_over(MediaTurn& turn, const std::array<MediaLeg*, 2>& pair) noexcept {
  std::array<const int16_t*, 2> said{};
  for (size_t i = 0; i < pair.size(); ++i) {
    pair[i]->begin(turn);
    pair[i]->begin_speaking(turn);
    said[i] = pair[i]->pull(turn);
  }
  const bool ready = said[0] != nullptr && said[1] != nullptr && pair[0]->ready_to_run_over(*pair[1]) &&
                     pair[1]->ready_to_run_over(*pair[0]);
  for (size_t i = 0; i < pair.size(); ++i) {
    MediaLeg& listener = *pair[1 - i];
    if (ready) {
      pair[i]->run_over(turn, listener, frame(said[i]));
    } else if (said[i] != nullptr) {
      listener.push(turn, frame(said[i]));
    } else {
      listener.push_silence(turn);
    }
  }
  return ready;
}

bool Room::find_pair(std::array<MediaLeg*, 2>& pair) noexcept {
  size_t legs = 0;
  for (const RoomTables::Member& member : tables_->members()) {
    if (!member.used) continue;
    if (legs == pair.size() || !member.in_plan || member.leg == nullptr || !member.open_source ||
        !member.open_listener || member.barred || member.cells != RoomTables::kNone) {
      return false;
    }
    pair[legs++] = member.leg;
  }
  const auto used = [](const auto& slot) { return slot.used; };
  return legs == pair.size() && std::none_of(tables_->prompts().begin(), tables_->prompts().end(), used) &&
         std::none_of(tables_->taps().begin(), tables_->taps().end(), used);
}

void Room::stop_forwarding(MediaTurn& turn) noexcept {
  plain_turns_ = 0;
  if (!forwarding_) return;
  forwarding_ = false;
  --turn.counters().rooms_forwarding;
  for (MediaLeg* const leg : pair_) leg->stop_forwarding(turn);
}

void Room::collect(MediaTurn& turn) noexcept {
  open_count_ = 0;
  open_unchanged_ = true;
  summed_ = false;
  const std::span<RoomTables::Member> members = tables_->members();
  for (size_t i = 0; i < members.size(); ++i) {
    RoomTables::Member& member = members[i];
    fetch_ahead(members, i);
    member.frame = nullptr;
    const bool here = member.used && member.leg != nullptr;
    member.due = here && member.leg->begin(turn);
    if (!here || !member.leg->begin_speaking(turn)) continue;
    if (is_unheard(member)) {
      member.leg->pass_over(turn);
      continue;
    }
    const int16_t* const said = member.leg->pull(turn);
    if (!member.in_plan) continue;
    member.frame = said;
    if (said != nullptr && member.open_source && !member.barred) note_open(said);
  }
  for (RoomTables::Prompt& prompt : tables_->prompts()) {
    prompt.frame = nullptr;
    if (!prompt.used || !prompt.in_plan || prompt.source == nullptr) continue;
    prompt.frame = prompt.source->pull(turn);
    if (prompt.frame == nullptr || !prompt.open_source || prompt.barred) continue;
    note_open(prompt.frame);
    open_unchanged_ = open_unchanged_ && prompt.gain.is_unity();
  }
}

bool Room::is_unheard(const RoomTables::Member& member) noexcept {
  if (tables_->members().size() > 1 || !tables_->taps().empty()) return false;
  for (uint32_t index = member.cells; index != RoomTables::kNone; index = tables_->cell(index).next) {
    if (tables_->leg_of(tables_->cell(index)) != nullptr) return false;  // an echo of oneself
  }
  return true;
}

void Room::note_open(const int16_t* said) noexcept {
  if (open_count_ < open_frames_.size()) open_frames_[open_count_] = said;
  ++open_count_;
}

const SharedMix& Room::open_mix(MediaTurn& turn) noexcept {
  SharedMix& shared = turn.scratch().shared;
  if (summed_) return shared;
  summed_ = true;
  const Samples sum = std::span(shared.sum).first(frame_samples_);
  std::fill(sum.begin(), sum.end(), 0);
  shared.saturated = shared.encodings[0].done = shared.encodings[1].done = false;
  for (const RoomTables::Member& member : tables_->members()) {
    if (member.frame != nullptr && member.open_source && !member.barred) audio::add(sum, frame(member.frame));
  }
  for (const RoomTables::Prompt& prompt : tables_->prompts()) {
    if (prompt.frame != nullptr && prompt.open_source && !prompt.barred)
      audio::add(sum, frame(prompt.frame), prompt.gain);
  }
  return shared;
}

const int16_t* Room::only_sound(const RoomTables::Member& listener) noexcept {
  if (!listener.in_plan || !listener.open_listener || open_count_ == 0) return only_cell(listener);
  const bool in_sum = listener.frame != nullptr && listener.open_source && !listener.barred;
  if (listener.cells != RoomTables::kNone || !open_unchanged_) return nullptr;
  if (open_count_ - (in_sum ? 1 : 0) != 1) return nullptr;
  return in_sum && open_frames_[0] == listener.frame ? open_frames_[1] : open_frames_[0];
}

const int16_t* Room::only_cell(const RoomTables::Member& listener) noexcept {
  const int16_t* only = nullptr;
  for (uint32_t index = listener.cells; index != RoomTables::kNone; index = tables_->cell(index).next) {
    const RoomTables::Cell& cell = tables_->cell(index);
    const int16_t* const said = frame_of(cell);
    if (said == nullptr || cell.silent || cell.barred) continue;
    if (only != nullptr || !cell.gain.is_unity()) return nullptr;
    only = said;
  }
  return only;
}

const int16_t* Room::frame_of(const RoomTables::Cell& cell) noexcept {
  if (const RoomTables::Member* member = tables_->leg_of(cell)) return member->frame;
  const RoomTables::Prompt* prompt = tables_->prompt_of(cell);
  return prompt != nullptr ? prompt->frame : nullptr;
}

// Legs far down a large room, one step each.
void Room::fetch_ahead(std::span<const RoomTables::Member> members, size_t present) noexcept {
  for (int depth = 0; depth < MediaLeg::kPrefetchDepth; ++depth) {
    const size_t ahead = present + kMembersAhead - static_cast<size_t>(depth);
    if (ahead < members.size() && members[ahead].leg != nullptr)
      members[ahead].leg->prefetch(depth, MediaLeg::Heard::Yes);
  }
}

void Room::mix_leg(MediaTurn& turn, RoomTables::Member& listener) noexcept {
  if (!listener.due) return;
  const bool open = listener.in_plan && listener.open_listener && open_count_ > 0;
  if (!open && listener.cells == RoomTables::kNone) return listener.leg->push_silence(turn);
  if (const int16_t* const only = only_sound(listener)) return listener.leg->push(turn, frame(only));
  const bool in_sum = listener.frame != nullptr && listener.open_source && !listener.barred;
  if (open && !in_sum && listener.cells == RoomTables::kNone) {
    open_mix(turn);
    return listener.leg->push_shared(turn, turn.scratch().shared);
  }
  mix_row(turn, listener);
  const std::span<int16_t> samples = std::span(turn.scratch().samples).first(frame_samples_);
  audio::saturate(std::span(turn.scratch().sum).first(frame_samples_), samples);
  listener.leg->push(turn, samples);
}

// What a leg hears, into the scratch sum.
void Room::mix_row(MediaTurn& turn, const RoomTables::Member& listener) noexcept {
  const Samples sum = std::span(turn.scratch().sum).first(frame_samples_);
  const bool open = listener.in_plan && listener.open_listener;
  if (open) {
    std::copy_n(open_mix(turn).sum.begin(), frame_samples_, sum.begin());
    if (listener.frame != nullptr && listener.open_source && !listener.barred) {
      audio::subtract(sum, frame(listener.frame));
    }
  } else {
    std::fill(sum.begin(), sum.end(), 0);
  }
  mix_cells(turn, listener.cells, open, &listener);
}

void Room::mix_cells(MediaTurn& turn, uint32_t head, bool open, const RoomTables::Member* self) noexcept {
  const Samples sum = std::span(turn.scratch().sum).first(frame_samples_);
  for (uint32_t index = head; index != RoomTables::kNone; index = tables_->cell(index).next) {
    const RoomTables::Cell& cell = tables_->cell(index);
    const int16_t* said = nullptr;
    bool by_default = false;
    audio::Gain default_gain;
    if (const RoomTables::Member* member = tables_->leg_of(cell)) {
      said = member->frame;
      by_default = open && member->open_source && !member->barred && member != self;
    } else if (const RoomTables::Prompt* prompt = tables_->prompt_of(cell)) {
      said = prompt->frame;
      by_default = open && prompt->open_source && !prompt->barred;
      default_gain = prompt->gain;
    }
    if (said == nullptr) continue;
    if (by_default) audio::subtract(sum, frame(said), default_gain);
    if (!cell.silent && !cell.barred) audio::add(sum, frame(said), cell.gain);
  }
}

void Room::mix_tap(MediaTurn& turn, RoomTables::Tap& tap) noexcept {
  const std::span<int16_t> out = tap.writer->channel(turn, tap.row.channel.channel);
  if (out.empty() || !tap.in_plan || tap.barred) return;
  const Samples sum = std::span(turn.scratch().sum).first(frame_samples_);
  bool open = false;
  switch (tap.row.base) {
    case hearing::TapRow::Base::Silence: std::fill(sum.begin(), sum.end(), 0); break;
    case hearing::TapRow::Base::OpenSum:
      std::copy_n(open_mix(turn).sum.begin(), frame_samples_, sum.begin());
      open = true;
      break;
    case hearing::TapRow::Base::SameAsLeg: {
      const RoomTables::Member* member = tables_->find(tap.row.leg);
      if (member == nullptr) return;
      mix_row(turn, *member);
      break;
    }
  }
  mix_cells(turn, tap.cells, open, nullptr);
  audio::saturate(sum, out);
}

}  // namespace sotto::media
