#pragma once

#include <list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/random.h"
#include "media/berth.h"
#include "media/room_mirrors.h"

namespace sotto::media {

// What goes with a leg to another media thread besides the leg.
class Migrations {
 public:
  virtual ~Migrations() = default;
  // The leg is on neither: what comes in its sockets waits there, for the new thread to read it.
  virtual void on_leg_migrates(LegId leg, Handle handle, size_t from, size_t to) = 0;
};

// The control thread's half of the engine, without sockets: prepares objects and keeps count of what the
// media threads have. See engine.h for what each call means.
//
// A room stays on one thread. A leg or tap that is moved to a room of another one is released by the first,
// which hands it back, and adopted by the second.
class Controller {
 public:
  // A channel for each media thread. All outlive the controller.
  Controller(std::span<Channel* const> channels, EventSink& sink, Migrations& migrations,
             base::Random& random, uint32_t room_rate_hz);

  // Whether the media thread has been sent something since this was asked last.
  bool take_sent(size_t thread) { return rooms_.link(thread).take_sent(); }
  size_t legs(size_t thread) const { return rooms_.legs(thread); }  // on it, or on their way to it

  // What the media threads report: takes it, and sends on what that sets free; then tells it.
  void collect();
  void deliver();
  void poll() {
    collect();
    deliver();
  }

  void open_room(RoomId room, uint32_t rate_hz) { rooms_.open(room, rate_hz); }
  void apply(const hearing::PlanDelta& delta) { rooms_.apply(delta); }
  void watch_levels(RoomId room, bool on);
  void close_room(RoomId room) { rooms_.close(room); }
  struct OpenedLeg {
    Handle handle;
    size_t thread = 0;
  };
  OpenedLeg open_leg(LegId leg, RoomId room, LegSockets sockets);
  Result<void> configure_leg(LegId leg, const LegSettings& settings);
  Result<RingEnds> attach_rings(LegId leg, uint32_t rate_hz);
  // The keys of a handshake; a leg's own come with its configuration.
  Result<void> secure_leg(LegId leg, const rtp::SrtpKey& ours, const rtp::SrtpKey& theirs);
  Result<void> detect_machine(LegId leg, const audio::MachineRules& rules);
  void redirect_leg(LegId leg, const SocketAddress& remote);
  void move_leg(LegId leg, RoomId to);
  Result<void> send_digits(LegId leg, const std::string& digits);
  void ask_statistics(LegId leg);
  void close_leg(LegId leg);
  void start_prompt(PromptId prompt, RoomId room, Playlist playlist);
  void stop_prompt(PromptId prompt);
  std::unique_ptr<TapReader> open_tap(TapId tap, RoomId room, uint16_t channels);
  void move_tap(TapId tap, RoomId to);
  void pause_tap(TapId tap, bool paused);
  void close_tap(TapId tap);

 private:
  struct LegMirror {
    Berth berth;
    RoomRef room;
    std::list<RoomRef> left;     // rooms of moves not yet reported; a deque takes half a kilobyte when empty
    uint32_t codec_rate_hz = 0;  // 0: not configured
    uint32_t ssrc = 0;           // ours
    LegProtection protection;    // of the last configuration
    std::optional<rtp::SrtpKey> theirs;
  };
  struct PromptMirror {
    Handle handle;
    RoomRef room;
  };
  struct TapMirror {
    Berth berth;
    RoomRef room;
    uint16_t channels = 0;
    uint32_t rate_hz = 0;
    std::list<RoomRef> left;  // that it is still counted in, by moves not yet reported
  };

  template <typename Mirrors, typename Id>
  static auto* find(Mirrors& mirrors, const Id& id) {
    const auto found = mirrors.find(id);
    return found == mirrors.end() ? nullptr : &found->second;
  }
  LegMirror* find_leg(LegId leg);  // also one that is closing
  TapMirror* find_tap(TapId tap);
  void take_back(Inbox::Returned returned);
  void deliver(const Event& event);
  void add_source(const SourceUnknown& event);
  void on_plan_applied(const PlanApplied& event);
  void on_leg_moved(const LegMoved& event);
  void on_leg_closed(const LegClosed& event);
  void on_tap_left(const TapLeft& event);
  void on_prompt_ended(const PromptEnded& event);

  EventSink& sink_;
  Migrations& migrations_;
  base::Random& random_;

  Inbox inbox_;
  RoomMirrors rooms_;
  Handles leg_handles_;
  Handles prompt_handles_;
  Handles tap_handles_;
  std::unordered_map<LegId, LegMirror> legs_;
  std::unordered_map<LegId, LegMirror> closing_legs_;
  std::unordered_map<PromptId, PromptMirror> prompts_;
  std::unordered_map<TapId, TapMirror> taps_;
  std::unordered_map<TapId, TapMirror> closing_taps_;
};

}  // namespace sotto::media
