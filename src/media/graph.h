#pragma once

#include <array>
#include <optional>

#include "media/command.h"
#include "media/media_turn.h"

namespace sotto::media {

// All that one media thread owns, clocked from outside: no thread, socket or clock of its own. The engine
// drives it by time and packets, tests by virtual ones.
class Graph {
 public:
  static constexpr size_t kObjectsMax = 16'384;  // of each kind

  // Both outlive the graph.
  Graph(Wire& wire, ReportQueue& reports);

  void execute(base::TimePoint now, Command command) noexcept;
  // What comes for a leg that is not here waits in its socket: it may be on its way.
  bool has(Handle leg) noexcept { return legs_.find(leg) != nullptr; }
  // Before datagrams of several legs: fetches what they will touch, one step further for each `depth` below
  // MediaLeg::kPrefetchDepth.
  void prefetch(Handle leg, int depth) noexcept {
    if (const MediaLeg* const found = legs_.find(leg)) found->prefetch_for_packet(depth);
  }
  void on_datagram(base::TimePoint now, Handle leg, std::span<const std::byte> datagram,
                   const SocketAddress& from) noexcept;
  // Runs the rooms that are due up to `now`: phase after phase, none left out, unless `now` is over 100 ms
  // ahead.
  void run(base::TimePoint now) noexcept;
  // When run() has something to do next; nothing while there is no room.
  std::optional<base::TimePoint> next_due() const noexcept;

  const GraphCounters& counters() const noexcept { return counters_; }

 private:
  static constexpr int kPhases = 20;
  static constexpr int64_t kBehindMax = 100;  // ms
  static constexpr int kRoomsTogether = 16;

  MediaTurn turn_at(base::TimePoint now) noexcept;
  void run_phase(int64_t tick) noexcept;
  static const Room* prefetch_rooms(const Room* first) noexcept;
  void end_prompt(MediaTurn& turn, PromptSource& prompt, PromptEndCause cause) noexcept;
  template <typename Entry>
  void enter(MediaTurn& turn, MediaLeg& leg, Entry& command) noexcept;
  template <typename Entry>
  void enter(MediaTurn& turn, TapWriter& tap, Entry& command) noexcept;
  std::unique_ptr<MediaLeg> take_out(MediaTurn& turn, Handle leg) noexcept;
  static void acknowledge(MediaTurn& turn, std::unique_ptr<MediaObject> freed = nullptr,
                          std::unique_ptr<MediaObject> other = nullptr, Event event = {}) noexcept;

  void execute(MediaTurn& turn, std::monostate&) noexcept;
  void execute(MediaTurn& turn, OpenRoom& command) noexcept;
  void execute(MediaTurn& turn, CloseRoom& command) noexcept;
  void execute(MediaTurn& turn, ApplyPlan& command) noexcept;
  void execute(MediaTurn& turn, OpenLeg& command) noexcept;
  void execute(MediaTurn& turn, ConfigureLeg& command) noexcept;
  void execute(MediaTurn& turn, AttachRings& command) noexcept;
  void execute(MediaTurn& turn, MoveLeg& command) noexcept;
  void execute(MediaTurn& turn, DetectMachine& command) noexcept;
  void execute(MediaTurn& turn, SecureLeg& command) noexcept;
  void execute(MediaTurn& turn, AddSource& command) noexcept;
  void execute(MediaTurn& turn, RedirectLeg& command) noexcept;
  void execute(MediaTurn& turn, SendDigits& command) noexcept;
  void execute(MediaTurn& turn, AskStatistics& command) noexcept;
  void execute(MediaTurn& turn, CloseLeg& command) noexcept;
  void execute(MediaTurn& turn, StartPrompt& command) noexcept;
  void execute(MediaTurn& turn, StopPrompt& command) noexcept;
  void execute(MediaTurn& turn, OpenTap& command) noexcept;
  void execute(MediaTurn& turn, MoveTap& command) noexcept;
  void execute(MediaTurn& turn, PauseTap& command) noexcept;
  void execute(MediaTurn& turn, CloseTap& command) noexcept;
  void execute(MediaTurn& turn, WatchRoom& command) noexcept;
  void execute(MediaTurn& turn, ReleaseLeg& command) noexcept;
  void execute(MediaTurn& turn, AdoptLeg& command) noexcept;
  void execute(MediaTurn& turn, ReleaseTap& command) noexcept;
  void execute(MediaTurn& turn, AdoptTap& command) noexcept;

  // Constant after construction.
  Wire& wire_;
  ReportQueue& reports_;
  const std::unique_ptr<Scratch> scratch_;

  ObjectTable<Room> rooms_;
  ObjectTable<MediaLeg> legs_;
  ObjectTable<PromptSource> prompts_;
  ObjectTable<TapWriter> taps_;
  std::array<Room*, kPhases> phases_{};  // lists through Room::next
  size_t rooms_open_ = 0;
  int64_t tick_ = -1;  // the last millisecond that was run
  GraphCounters counters_;
};

}  // namespace sotto::media
