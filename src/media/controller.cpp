#include "media/controller.h"

#include <algorithm>

#include "base/check.h"
#include "media/graph.h"

namespace sotto::media {
namespace {

constexpr int kPhases = 20;
constexpr int kPhaseStep = 7;  // neighbours in time of opening are spread over the frame

size_t grown(size_t present, size_t wanted) {
  while (present < wanted) present *= 2;
  return present;
}

void raise(RoomCapacity& bound, const RoomCapacity& to) {
  bound.members = std::max(bound.members, to.members);
  bound.prompts = std::max(bound.prompts, to.prompts);
  bound.taps = std::max(bound.taps, to.taps);
  bound.cells = std::max(bound.cells, to.cells);
}

RoomCapacity size_of(const hearing::Plan& plan) {
  return {.members = plan.members.size(),
          .prompts = plan.prompts.size(),
          .taps = plan.taps.size(),
          .cells = plan.exceptions.size()};
}

}  // namespace

Controller::Controller(Channel& channel, EventSink& sink, base::Random& random, uint32_t room_rate_hz)
    : channel_(channel), sink_(sink), random_(random), room_rate_hz_(room_rate_hz) {}

Handle Controller::Handles::take() {
  if (free_.empty()) {
    CHECK(generations_.size() < Graph::kObjectsMax);
    free_.push_back(static_cast<uint32_t>(generations_.size()));
    generations_.push_back(0);
  }
  const uint32_t index = free_.back();
  free_.pop_back();
  uint32_t& generation = generations_[index];
  generation = generation == Handle::kGenerationMax ? 1 : generation + 1;
  return {.index = index, .generation = generation};
}

// ---- rooms

Controller::RoomMirror& Controller::room_of(RoomId room) {
  if (!rooms_.contains(room)) open_room(room, room_rate_hz_);
  return rooms_.at(room);
}

void Controller::open_room(RoomId room, uint32_t rate_hz) {
  if (rooms_.contains(room)) return;
  RoomMirror& mirror = rooms_[room];
  mirror.handle = room_handles_.take();
  mirror.rate_hz = rate_hz;
  mirror.plan.room = room;
  next_phase_ = (next_phase_ + kPhaseStep) % kPhases;
  send(OpenRoom{mirror.handle, std::make_unique<Room>(room, rate_hz, next_phase_, mirror.capacity)});
}

void Controller::apply(const hearing::PlanDelta& delta) {
  RoomMirror& mirror = room_of(delta.room);
  note_plan(mirror);
  hearing::apply(mirror.plan, delta);
  mirror.revisions.push_back(delta.to);
  note_plan(mirror);
  std::unique_ptr<PlanChange> change = make_change(mirror, delta);
  if (delta.adds_audibility || backlog_.empty()) {
    send(ApplyPlan{mirror.handle, std::move(change)});
  } else {
    send_urgent(mirror, std::move(change));
  }
}

void Controller::note_plan(RoomMirror& mirror) {
  if (mirror.revisions.empty()) mirror.planned = size_of(mirror.plan);
  raise(mirror.planned, size_of(mirror.plan));
}

// Slots are held by what a plan names and by what is plugged in; both may be on their way out still.
std::unique_ptr<RoomTables> Controller::make_room_for_all(RoomMirror& mirror) {
  const RoomCapacity needed{.members = mirror.planned.members + mirror.legs,
                            .prompts = mirror.planned.prompts + mirror.prompts,
                            .taps = mirror.planned.taps + mirror.tap_channels,
                            .cells = mirror.planned.cells};
  if (mirror.capacity.holds(needed)) return nullptr;
  mirror.capacity = {.members = grown(mirror.capacity.members, needed.members),
                     .prompts = grown(mirror.capacity.prompts, needed.prompts),
                     .taps = grown(mirror.capacity.taps, needed.taps),
                     .cells = grown(mirror.capacity.cells, needed.cells)};
  return std::make_unique<RoomTables>(mirror.capacity);
}

std::unique_ptr<PlanChange> Controller::make_change(RoomMirror& mirror, const hearing::PlanDelta& delta) {
  auto change = std::make_unique<PlanChange>();
  change->deltas.push_back(delta);
  change->audiences = mirror.plan.audiences;
  change->bigger = make_room_for_all(mirror);
  return change;
}

void Controller::watch_levels(RoomId room, bool on) {
  send(WatchRoom{room_of(room).handle, on});
}

void Controller::close_room(RoomId room) {
  const auto found = rooms_.find(room);
  if (found == rooms_.end()) return;
  send(CloseRoom{found->second.handle});
  room_handles_.give_back(found->second.handle);
  rooms_.erase(found);
}

// ---- legs

Handle Controller::open_leg(LegId leg, RoomId room, LegSockets sockets) {
  CHECK(!legs_.contains(leg));
  RoomMirror& in = room_of(room);
  ++in.legs;
  LegMirror& mirror = legs_[leg];
  mirror.handle = leg_handles_.take();
  mirror.room = room;
  const MediaLeg::Origin origin{.ssrc = static_cast<uint32_t>(random_.next()),
                                .sequence_number = static_cast<uint16_t>(random_.below(0x8000)),
                                .timestamp = static_cast<uint32_t>(random_.next())};
  mirror.ssrc = origin.ssrc;
  auto object = std::make_unique<MediaLeg>(leg, sockets, origin);
  send(OpenLeg{mirror.handle, std::move(object), in.handle, make_room_for_all(in)});
  return mirror.handle;
}

Result<void> Controller::configure_leg(LegId leg, const LegSettings& settings) {
  const auto found = legs_.find(leg);
  if (found == legs_.end()) return fail(ErrorCode::NotFound, "no such leg");
  const auto room = rooms_.find(found->second.room);
  auto path = LegPath::create(settings, room == rooms_.end() ? room_rate_hz_ : room->second.rate_hz);
  if (!path) return fail(path.error());
  LegMirror& mirror = found->second;
  if (!(mirror.protection == settings.protection)) {
    mirror.theirs.reset();
    const auto* const keys = std::get_if<SdesKeys>(&settings.protection);
    if (keys != nullptr) {
      if (auto secured = secure_leg(leg, keys->ours, keys->theirs); !secured) return secured;
    }
    mirror.protection = settings.protection;
  }
  mirror.codec_rate_hz = (*path)->sample_rate_hz;
  send(ConfigureLeg{found->second.handle, std::move(*path)});
  return {};
}

Result<RingEnds> Controller::attach_rings(LegId leg, uint32_t rate_hz) {
  const auto found = legs_.find(leg);
  if (found == legs_.end()) return fail(ErrorCode::NotFound, "no such leg");
  const auto room = rooms_.find(found->second.room);
  auto rings =
      std::make_unique<LegRings>(rate_hz, room == rooms_.end() ? room_rate_hz_ : room->second.rate_hz);
  RingEnds ends = rings->ends();
  found->second.codec_rate_hz = rate_hz;
  send(AttachRings{found->second.handle, std::move(rings)});
  return ends;
}

Result<void> Controller::secure_leg(LegId leg, const rtp::SrtpKey& ours, const rtp::SrtpKey& theirs) {
  const auto found = legs_.find(leg);
  if (found == legs_.end()) return fail(ErrorCode::NotFound, "no such leg");
  auto security = LegSecurity::create(ours, found->second.ssrc);
  if (!security) return fail(security.error());
  found->second.theirs = theirs;
  send(SecureLeg{found->second.handle, std::move(*security)});
  return {};
}

Result<void> Controller::detect_machine(LegId leg, const audio::MachineRules& rules) {
  const auto found = legs_.find(leg);
  if (found == legs_.end()) return fail(ErrorCode::NotFound, "no such leg");
  const uint32_t rate_hz = found->second.codec_rate_hz == 0 ? 8000 : found->second.codec_rate_hz;
  send(DetectMachine{found->second.handle, std::make_unique<MachineEar>(rules, rate_hz)});
  return {};
}

void Controller::redirect_leg(LegId leg, const SocketAddress& remote) {
  const auto found = legs_.find(leg);
  if (found != legs_.end()) send(RedirectLeg{found->second.handle, remote});
}

void Controller::add_source(const SourceUnknown& event) {
  const auto found = legs_.find(event.leg);
  if (found == legs_.end() || !found->second.theirs) return;
  auto source = SrtpSource::create(*found->second.theirs, event.ssrc);
  if (source) send(AddSource{found->second.handle, std::move(*source)});
}

void Controller::move_leg(LegId leg, RoomId to) {
  const auto found = legs_.find(leg);
  if (found == legs_.end() || found->second.room == to) return;
  LegMirror& mirror = found->second;
  RoomMirror& target = room_of(to);
  ++target.legs;
  const auto from = rooms_.find(mirror.room);
  const uint32_t rate_before = from == rooms_.end() ? 0 : from->second.rate_hz;
  mirror.left.push_back(mirror.room);
  mirror.room = to;
  std::unique_ptr<RateAdapter> adapter;
  if (mirror.codec_rate_hz != 0 && rate_before != target.rate_hz) {
    adapter = std::make_unique<RateAdapter>(mirror.codec_rate_hz, target.rate_hz);
  }
  send(MoveLeg{mirror.handle, target.handle, std::move(adapter), make_room_for_all(target)});
}

Result<void> Controller::send_digits(LegId leg, const std::string& digits) {
  const auto found = legs_.find(leg);
  if (found == legs_.end()) return fail(ErrorCode::NotFound, "no such leg");
  if (auto good = DigitSender::check(digits); !good) return good;
  auto sender = std::make_unique<DigitSender>();
  sender->queue(digits);
  send(SendDigits{found->second.handle, std::move(sender)});
  return {};
}

void Controller::ask_statistics(LegId leg) {
  const auto found = legs_.find(leg);
  if (found != legs_.end()) send(AskStatistics{found->second.handle});
}

void Controller::close_leg(LegId leg) {
  const auto found = legs_.find(leg);
  if (found == legs_.end()) return;
  LegMirror& mirror = found->second;
  send(CloseLeg{mirror.handle});
  leg_handles_.give_back(mirror.handle);
  mirror.left.push_back(mirror.room);
  closing_legs_[leg] = std::move(mirror.left);
  legs_.erase(found);
}

// ---- prompts and taps

void Controller::start_prompt(PromptId prompt, RoomId room, Playlist playlist) {
  CHECK(!prompts_.contains(prompt));
  RoomMirror& in = room_of(room);
  ++in.prompts;
  const PromptMirror& mirror = prompts_[prompt] = {.handle = prompt_handles_.take(), .room = room};
  auto source = std::make_unique<PromptSource>(prompt, std::move(playlist), in.rate_hz);
  send(StartPrompt{mirror.handle, std::move(source), in.handle, make_room_for_all(in)});
}

void Controller::stop_prompt(PromptId prompt) {
  const auto found = prompts_.find(prompt);
  if (found != prompts_.end()) send(StopPrompt{found->second.handle});
}

std::unique_ptr<TapReader> Controller::open_tap(TapId tap, RoomId room, uint16_t channels) {
  CHECK(!taps_.contains(tap));
  RoomMirror& in = room_of(room);
  in.tap_channels += channels;
  const TapMirror& mirror =
      taps_[tap] = {.handle = tap_handles_.take(), .room = room, .channels = channels, .rate_hz = in.rate_hz};
  auto ring = std::make_shared<TapRing>(channels, in.rate_hz);
  send(OpenTap{mirror.handle, std::make_unique<TapWriter>(tap, ring), in.handle, make_room_for_all(in)});
  return std::make_unique<TapReader>(std::move(ring));
}

void Controller::move_tap(TapId tap, RoomId to) {
  const auto found = taps_.find(tap);
  if (found == taps_.end() || found->second.room == to) return;
  TapMirror& mirror = found->second;
  RoomMirror& target = room_of(to);
  if (target.rate_hz != mirror.rate_hz) return close_tap(tap);
  target.tap_channels += mirror.channels;
  mirror.left.push_back(mirror.room);
  mirror.room = to;
  send(MoveTap{mirror.handle, target.handle, make_room_for_all(target)});
}

void Controller::pause_tap(TapId tap, bool paused) {
  const auto found = taps_.find(tap);
  if (found != taps_.end()) send(PauseTap{found->second.handle, paused});
}

void Controller::close_tap(TapId tap) {
  const auto found = taps_.find(tap);
  if (found == taps_.end()) return;
  send(CloseTap{found->second.handle});
  tap_handles_.give_back(found->second.handle);
  found->second.left.push_back(found->second.room);
  closing_taps_[tap] = std::move(found->second);
  taps_.erase(found);
}

// ---- the rings

void Controller::send(Command command) {
  if (backlog_.empty() && push(command, Channel::kCredits)) return;
  backlog_.push_back(std::move(command));
  flush();
}

// Overtakes what waits, taking the room's own waiting changes along: together they leave nobody hearing more
// than the newest plan says.
void Controller::send_urgent(RoomMirror& mirror, std::unique_ptr<PlanChange> change) {
  flush();
  for (const Command& waiting : backlog_) {
    const auto* opens = std::get_if<OpenRoom>(&waiting);
    if (opens != nullptr && opens->handle == mirror.handle)
      return send(ApplyPlan{mirror.handle, std::move(change)});
  }
  auto merged = std::make_unique<PlanChange>();
  for (Command& waiting : backlog_) {
    auto* plan = std::get_if<ApplyPlan>(&waiting);
    if (plan == nullptr || !(plan->room == mirror.handle)) continue;
    std::move(plan->change->deltas.begin(), plan->change->deltas.end(), std::back_inserter(merged->deltas));
    waiting = std::monostate{};
  }
  std::erase_if(backlog_,
                [](const Command& waiting) { return std::holds_alternative<std::monostate>(waiting); });
  std::move(change->deltas.begin(), change->deltas.end(), std::back_inserter(merged->deltas));
  merged->audiences = std::move(change->audiences);
  merged->bigger = std::make_unique<RoomTables>(mirror.capacity);
  Command command = ApplyPlan{mirror.handle, std::move(merged)};
  if (!push(command, Channel::kCredits + Channel::kUrgentCredits)) backlog_.push_front(std::move(command));
}

bool Controller::push(Command& command, size_t credits) {
  if (unanswered_ >= credits) collect();
  if (unanswered_ >= credits || !channel_.commands.push(std::move(command))) return false;
  ++unanswered_;
  return true;
}

void Controller::flush() {
  while (!backlog_.empty() && push(backlog_.front(), Channel::kCredits)) backlog_.pop_front();
}

void Controller::collect() {
  Report report;
  while (channel_.reports.pop(report)) {
    if (report.answers) --unanswered_;
    if (!std::holds_alternative<std::monostate>(report.event)) events_.push_back(report.event);
    report.freed = {};
  }
}

void Controller::poll() {
  collect();
  flush();
  // What the sink does may bring more; that is for the next poll().
  for (size_t left = events_.size(); left > 0; --left) {
    const Event event = events_.front();
    events_.pop_front();
    deliver(event);
  }
}

void Controller::deliver(const Event& event) {
  if (const auto* applied = std::get_if<PlanApplied>(&event)) return on_plan_applied(*applied);
  if (const auto* unknown = std::get_if<SourceUnknown>(&event)) return add_source(*unknown);
  if (const auto* left = std::get_if<TapLeft>(&event)) return on_tap_left(*left);
  if (const auto* moved = std::get_if<LegMoved>(&event)) on_leg_moved(*moved);
  if (const auto* ended = std::get_if<PromptEnded>(&event)) on_prompt_ended(*ended);
  if (const auto* closed = std::get_if<LegClosed>(&event)) {
    for (const RoomId& room : closing_legs_[closed->leg]) {
      if (const auto found = rooms_.find(room); found != rooms_.end()) --found->second.legs;
    }
    closing_legs_.erase(closed->leg);
  }
  sink_.on_media_event(event);
}

void Controller::on_plan_applied(const PlanApplied& event) {
  const auto found = rooms_.find(event.room);
  if (found == rooms_.end()) return sink_.on_media_event(event);
  std::deque<uint64_t>& revisions = found->second.revisions;
  std::vector<PlanApplied> applied;
  while (!revisions.empty() && revisions.front() <= event.revision) {
    applied.push_back(event);
    applied.back().revision = revisions.front();
    revisions.pop_front();
  }
  for (const PlanApplied& one : applied) sink_.on_media_event(one);
}

void Controller::on_leg_moved(const LegMoved& event) {
  const auto leg = legs_.find(event.leg);
  std::deque<RoomId>* left = leg != legs_.end() ? &leg->second.left : &closing_legs_[event.leg];
  if (left->empty()) return;
  if (const auto room = rooms_.find(left->front()); room != rooms_.end()) --room->second.legs;
  left->pop_front();
}

// Only now are its slots free.
void Controller::on_tap_left(const TapLeft& event) {
  const auto closing = closing_taps_.find(event.tap);
  const auto open = taps_.find(event.tap);
  if (closing == closing_taps_.end() && open == taps_.end()) return;
  TapMirror& mirror = open != taps_.end() ? open->second : closing->second;
  if (mirror.left.empty()) return;
  const auto room = rooms_.find(mirror.left.front());
  if (room != rooms_.end()) room->second.tap_channels -= mirror.channels;
  mirror.left.pop_front();
  if (open == taps_.end() && mirror.left.empty()) closing_taps_.erase(closing);
}

void Controller::on_prompt_ended(const PromptEnded& event) {
  const auto found = prompts_.find(event.prompt);
  if (found == prompts_.end()) return;
  if (const auto room = rooms_.find(found->second.room); room != rooms_.end()) --room->second.prompts;
  prompt_handles_.give_back(found->second.handle);
  prompts_.erase(found);
}

}  // namespace sotto::media
