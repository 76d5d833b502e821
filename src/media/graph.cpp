#include "media/graph.h"

#include <algorithm>
#include <chrono>

#include "media/real_time.h"

namespace sotto::media {
namespace {

int64_t tick_of(base::TimePoint time) noexcept {
  return std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
}

base::TimePoint time_of(int64_t tick) noexcept {
  return base::TimePoint(std::chrono::milliseconds(tick));
}

}  // namespace

Graph::Graph(Wire& wire, ReportQueue& reports)
    : wire_(wire),
      reports_(reports),
      scratch_(std::make_unique<Scratch>()),
      rooms_(kObjectsMax),
      legs_(kObjectsMax),
      prompts_(kObjectsMax),
      taps_(kObjectsMax) {}

MediaTurn Graph::turn_at(base::TimePoint now) noexcept {
  return MediaTurn(now, wire_, reports_, *scratch_, counters_);
}

void Graph::execute(base::TimePoint now, Command command) noexcept {
  const RealTimeScope scope;
  MediaTurn turn = turn_at(now);
  std::visit([&](auto& order) noexcept { execute(turn, order); }, command);
}

void Graph::on_datagram(base::TimePoint now, Handle leg, std::span<const std::byte> datagram,
                        const SocketAddress& from) noexcept {
  const RealTimeScope scope;
  MediaTurn turn = turn_at(now);
  if (MediaLeg* const found = legs_.find(leg)) found->on_datagram(turn, datagram, from);
}

void Graph::run(base::TimePoint now) noexcept {
  const RealTimeScope scope;
  const int64_t tick = tick_of(now);
  if (tick_ < 0 || tick - tick_ > kBehindMax) tick_ = tick - 1;
  while (tick_ < tick) run_phase(++tick_);
}

void Graph::run_phase(int64_t tick) noexcept {
  Room* room = phases_[static_cast<size_t>(tick % kPhases)];
  while (room != nullptr) {
    const Room* const end = prefetch_rooms(room);
    for (; room != end; room = room->next) {
      MediaTurn turn = turn_at(time_of(tick));
      room->turn(turn);
      while (PromptSource* const ended = room->take_ended())
        end_prompt(turn, *ended, PromptEndCause::Finished);
    }
  }
}

// Step by step for several rooms at once, since each step needs what the one before has fetched. Returns the
// first room that was left out.
const Room* Graph::prefetch_rooms(const Room* first) noexcept {
  const Room* end = first;
  for (int rooms = 0; rooms < kRoomsTogether && end != nullptr; ++rooms, end = end->next) {
    end->prefetch_tables();
  }
  for (int depth = 0; depth < Room::kPrefetchDepth; ++depth) {
    for (const Room* room = first; room != end; room = room->next) room->prefetch_members(depth);
  }
  return end;
}

std::optional<base::TimePoint> Graph::next_due() const noexcept {
  for (int64_t tick = tick_ + 1; tick <= tick_ + kPhases; ++tick) {
    if (phases_[static_cast<size_t>((tick + kPhases) % kPhases)] != nullptr) return time_of(tick);
  }
  return std::nullopt;
}

void Graph::end_prompt(MediaTurn& turn, PromptSource& prompt, PromptEndCause cause) noexcept {
  const PromptEnded event{.prompt = prompt.id(),
                          .cause = cause,
                          .played = prompt.played(),
                          .underruns = prompt.underruns(),
                          .at = turn.now()};
  acknowledge(turn, prompts_.take(prompt.handle), nullptr, event);
}

void Graph::acknowledge(MediaTurn& turn, std::unique_ptr<MediaObject> freed,
                        std::unique_ptr<MediaObject> other, Event event) noexcept {
  Report report;
  report.event = std::move(event);
  report.answers = true;
  report.freed = {std::move(freed), std::move(other)};
  turn.answer(std::move(report));
}

void Graph::execute(MediaTurn&, std::monostate&) noexcept {}

void Graph::execute(MediaTurn& turn, OpenRoom& command) noexcept {
  // While there was none, time went by unnoticed: its first turn is not one of then.
  if (rooms_open_++ == 0) tick_ = std::max(tick_, tick_of(turn.now()) - 1);
  Room* const room = command.room.get();
  Room*& head = phases_[static_cast<size_t>(room->phase())];
  room->next = head;
  if (head != nullptr) head->previous = room;
  head = room;
  rooms_.put(command.handle, std::move(command.room));
  acknowledge(turn);
}

void Graph::execute(MediaTurn& turn, CloseRoom& command) noexcept {
  std::unique_ptr<Room> room = rooms_.take(command.handle);
  if (room != nullptr) {
    --rooms_open_;
    room->unplug_all(turn);
    while (PromptSource* const prompt = room->take_prompt()) {
      end_prompt(turn, *prompt, PromptEndCause::RoomClosed);
    }
    Room*& head = phases_[static_cast<size_t>(room->phase())];
    (room->previous != nullptr ? room->previous->next : head) = room->next;
    if (room->next != nullptr) room->next->previous = room->previous;
  }
  acknowledge(turn, std::move(room));
}

void Graph::execute(MediaTurn& turn, ApplyPlan& command) noexcept {
  if (Room* const room = rooms_.find(command.room)) {
    room->queue(std::move(command.change));
  } else {
    acknowledge(turn, std::move(command.change));
  }
}

void Graph::execute(MediaTurn& turn, OpenLeg& command) noexcept {
  MediaLeg& leg = *command.leg;
  legs_.put(command.handle, std::move(command.leg));
  std::unique_ptr<RoomTables> outgrown;
  if (Room* const room = rooms_.find(command.room)) {
    outgrown = room->grow(std::move(command.bigger));
    room->plug(leg);
  }
  acknowledge(turn, std::move(outgrown), std::move(command.bigger));
}

void Graph::execute(MediaTurn& turn, ConfigureLeg& command) noexcept {
  MediaLeg* const leg = legs_.find(command.handle);
  if (leg != nullptr && leg->room != nullptr) leg->room->stop_forwarding(turn);
  acknowledge(turn, leg == nullptr ? std::move(command.path) : leg->configure(turn, std::move(command.path)));
}

void Graph::execute(MediaTurn& turn, AttachRings& command) noexcept {
  MediaLeg* const leg = legs_.find(command.handle);
  if (leg != nullptr && leg->room != nullptr) leg->room->stop_forwarding(turn);
  acknowledge(turn, leg == nullptr ? std::move(command.rings) : leg->attach(std::move(command.rings)));
}

// Into the room that it has come to. Where that is closed by now, the leg is as if it had been in it then.
template <typename Entry>
void Graph::enter(MediaTurn& turn, MediaLeg& leg, Entry& command) noexcept {
  std::unique_ptr<RoomTables> outgrown = std::move(command.bigger);
  if (Room* const to = rooms_.find(command.to)) {
    outgrown = to->grow(std::move(outgrown));
    to->plug(leg);
  }
  acknowledge(turn, leg.adapt(std::move(command.adapter)), std::move(outgrown),
              LegMoved{.leg = leg.id(), .room = command.room, .at = turn.now()});
}

void Graph::execute(MediaTurn& turn, MoveLeg& command) noexcept {
  MediaLeg* const leg = legs_.find(command.handle);
  if (leg == nullptr) {
    acknowledge(turn, std::move(command.adapter), std::move(command.bigger));
    return;
  }
  if (leg->room != nullptr) {
    leg->room->stop_forwarding(turn);
    leg->room->unplug(*leg);
  }
  enter(turn, *leg, command);
}

std::unique_ptr<MediaLeg> Graph::take_out(MediaTurn& turn, Handle handle) noexcept {
  std::unique_ptr<MediaLeg> leg = legs_.take(handle);
  if (leg != nullptr && leg->room != nullptr) {
    leg->room->stop_forwarding(turn);
    leg->room->unplug(*leg);
  }
  return leg;
}

void Graph::execute(MediaTurn& turn, ReleaseLeg& command) noexcept {
  std::unique_ptr<MediaLeg> leg = take_out(turn, command.handle);
  CHECK(leg != nullptr);  // the control thread knows where each one is
  const LegReleased event{leg->id()};
  acknowledge(turn, std::move(leg), nullptr, event);
}

void Graph::execute(MediaTurn& turn, AdoptLeg& command) noexcept {
  MediaLeg& leg = *command.leg;
  legs_.put(command.handle, std::move(command.leg));
  enter(turn, leg, command);
}

void Graph::execute(MediaTurn& turn, DetectMachine& command) noexcept {
  MediaLeg* const leg = legs_.find(command.handle);
  acknowledge(turn, leg == nullptr ? std::move(command.ear) : leg->detect_machine(std::move(command.ear)));
}

void Graph::execute(MediaTurn& turn, SecureLeg& command) noexcept {
  MediaLeg* const leg = legs_.find(command.handle);
  acknowledge(turn, leg == nullptr ? std::move(command.security) : leg->secure(std::move(command.security)));
}

void Graph::execute(MediaTurn& turn, AddSource& command) noexcept {
  MediaLeg* const leg = legs_.find(command.handle);
  acknowledge(turn, leg == nullptr ? std::move(command.source) : leg->add_source(std::move(command.source)));
}

void Graph::execute(MediaTurn& turn, RedirectLeg& command) noexcept {
  if (MediaLeg* const leg = legs_.find(command.handle)) leg->redirect(command.remote);
  acknowledge(turn);
}

void Graph::execute(MediaTurn& turn, SendDigits& command) noexcept {
  MediaLeg* const leg = legs_.find(command.handle);
  acknowledge(turn, leg == nullptr ? std::move(command.digits) : leg->send_digits(std::move(command.digits)));
}

void Graph::execute(MediaTurn& turn, AskStatistics& command) noexcept {
  Event event;
  if (const MediaLeg* const leg = legs_.find(command.handle)) {
    event = StatisticsTaken{.leg = leg->id(), .statistics = leg->statistics()};
  }
  acknowledge(turn, nullptr, nullptr, std::move(event));
}

void Graph::execute(MediaTurn& turn, CloseLeg& command) noexcept {
  std::unique_ptr<MediaLeg> leg = take_out(turn, command.handle);
  if (leg == nullptr) return acknowledge(turn);
  const LegClosed event{.leg = leg->id(), .statistics = leg->statistics()};
  acknowledge(turn, std::move(leg), nullptr, event);
}

void Graph::execute(MediaTurn& turn, StartPrompt& command) noexcept {
  PromptSource& prompt = *command.prompt;
  prompt.handle = command.handle;
  prompts_.put(command.handle, std::move(command.prompt));
  Room* const room = rooms_.find(command.room);
  if (room == nullptr) {
    end_prompt(turn, prompt, PromptEndCause::RoomClosed);
    return;
  }
  // Outgrown tables go back with a report of their own: the prompt's comes when it has ended.
  if (command.bigger != nullptr) {
    Report report;
    report.freed[0] = room->grow(std::move(command.bigger));
    turn.answer(std::move(report));
  }
  room->plug(prompt);
}

void Graph::execute(MediaTurn& turn, StopPrompt& command) noexcept {
  if (PromptSource* const prompt = prompts_.find(command.handle)) {
    if (prompt->room != nullptr) prompt->room->unplug(*prompt);
    end_prompt(turn, *prompt, PromptEndCause::Stopped);
  }
  acknowledge(turn);
}

void Graph::execute(MediaTurn& turn, OpenTap& command) noexcept {
  TapWriter& tap = *command.tap;
  taps_.put(command.handle, std::move(command.tap));
  std::unique_ptr<RoomTables> outgrown;
  if (Room* const room = rooms_.find(command.room)) {
    outgrown = room->grow(std::move(command.bigger));
    room->plug(tap);
  } else {
    tap.finish();
  }
  acknowledge(turn, std::move(outgrown), std::move(command.bigger));
}

template <typename Entry>
void Graph::enter(MediaTurn& turn, TapWriter& tap, Entry& command) noexcept {
  Room* const to = rooms_.find(command.to);
  std::unique_ptr<RoomTables> outgrown = std::move(command.bigger);
  if (to == nullptr) {
    tap.finish();
  } else if (!tap.finished()) {
    outgrown = to->grow(std::move(outgrown));
    to->plug(tap);
  }
  acknowledge(turn, std::move(outgrown), nullptr, TapLeft{tap.id()});
}

void Graph::execute(MediaTurn& turn, MoveTap& command) noexcept {
  TapWriter* const tap = taps_.find(command.handle);
  if (tap == nullptr) return acknowledge(turn, std::move(command.bigger));
  if (tap->room != nullptr) tap->room->detach(*tap);
  enter(turn, *tap, command);
}

void Graph::execute(MediaTurn& turn, ReleaseTap& command) noexcept {
  std::unique_ptr<TapWriter> tap = taps_.take(command.handle);
  CHECK(tap != nullptr);  // as for a leg
  if (tap->room != nullptr) tap->room->detach(*tap);
  const TapReleased event{tap->id()};
  acknowledge(turn, std::move(tap), nullptr, event);
}

void Graph::execute(MediaTurn& turn, AdoptTap& command) noexcept {
  TapWriter& tap = *command.tap;
  taps_.put(command.handle, std::move(command.tap));
  enter(turn, tap, command);
}

void Graph::execute(MediaTurn& turn, PauseTap& command) noexcept {
  if (TapWriter* const tap = taps_.find(command.handle)) tap->pause(command.paused);
  acknowledge(turn);
}

void Graph::execute(MediaTurn& turn, CloseTap& command) noexcept {
  std::unique_ptr<TapWriter> tap = taps_.take(command.handle);
  if (tap == nullptr) return acknowledge(turn);
  if (tap->room != nullptr) tap->room->unplug(*tap);
  const TapLeft event{tap->id()};
  acknowledge(turn, std::move(tap), nullptr, event);
}

void Graph::execute(MediaTurn& turn, WatchRoom& command) noexcept {
  if (Room* const room = rooms_.find(command.handle)) room->watch(command.on);
  acknowledge(turn);
}

}  // namespace sotto::media
