#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/random.h"
#include "hearing/delta.h"
#include "media/channel.h"

namespace sotto::media {

// The control thread's half of the engine, without sockets: prepares objects, keeps count of what the media
// thread has, and never sends what could not be answered. See engine.h for what each call means.
class Controller {
 public:
  // All outlive the controller.
  Controller(Channel& channel, EventSink& sink, base::Random& random, uint32_t room_rate_hz);

  void poll();
  void open_room(RoomId room, uint32_t rate_hz);
  void apply(const hearing::PlanDelta& delta);
  void watch_levels(RoomId room, bool on);
  void close_room(RoomId room);
  Handle open_leg(LegId leg, RoomId room, LegSockets sockets);
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
  // Gives out indices of one kind of object.
  class Handles {
   public:
    Handle take();
    void give_back(Handle handle) { free_.push_back(handle.index); }

   private:
    std::vector<uint32_t> generations_;
    std::vector<uint32_t> free_;
  };
  struct RoomMirror {
    Handle handle;
    uint32_t rate_hz = 8000;
    hearing::Plan plan;  // once everything sent is applied
    RoomCapacity capacity;
    RoomCapacity planned{
        .members = 0, .prompts = 0, .taps = 0, .cells = 0};  // the most since all was applied
    size_t legs = 0;                                         // plugged in, or on their way in or out
    size_t prompts = 0;
    size_t tap_channels = 0;
    std::deque<uint64_t> revisions;  // sent and not yet applied
  };
  struct LegMirror {
    Handle handle;
    RoomId room;
    std::deque<RoomId> left;     // rooms of moves not yet reported
    uint32_t codec_rate_hz = 0;  // 0: not configured
    uint32_t ssrc = 0;           // ours
    LegProtection protection;    // of the last configuration
    std::optional<rtp::SrtpKey> theirs;
  };
  struct PromptMirror {
    Handle handle;
    RoomId room;
  };
  struct TapMirror {
    Handle handle;
    RoomId room;
    uint16_t channels = 0;
    uint32_t rate_hz = 0;
    std::deque<RoomId> left;  // that it is still counted in, by moves not yet reported
  };

  RoomMirror& room_of(RoomId room);
  void note_plan(RoomMirror& mirror);
  std::unique_ptr<RoomTables> make_room_for_all(RoomMirror& mirror);
  std::unique_ptr<PlanChange> make_change(RoomMirror& mirror, const hearing::PlanDelta& delta);
  void send(Command command);
  void send_urgent(RoomMirror& mirror, std::unique_ptr<PlanChange> change);
  bool push(Command& command, size_t credits);
  void flush();
  void collect();
  void deliver(const Event& event);
  void add_source(const SourceUnknown& event);
  void on_plan_applied(const PlanApplied& event);
  void on_leg_moved(const LegMoved& event);
  void on_tap_left(const TapLeft& event);
  void on_prompt_ended(const PromptEnded& event);

  Channel& channel_;
  EventSink& sink_;
  base::Random& random_;
  const uint32_t room_rate_hz_;

  Handles room_handles_;
  Handles leg_handles_;
  Handles prompt_handles_;
  Handles tap_handles_;
  std::unordered_map<RoomId, RoomMirror> rooms_;
  std::unordered_map<LegId, LegMirror> legs_;
  std::unordered_map<LegId, std::deque<RoomId>> closing_legs_;  // the rooms each was counted in
  std::unordered_map<PromptId, PromptMirror> prompts_;
  std::unordered_map<TapId, TapMirror> taps_;
  std::unordered_map<TapId, TapMirror> closing_taps_;

  size_t unanswered_ = 0;
  std::deque<Command> backlog_;  // waits for credits, in order
  std::deque<Event> events_;     // collected, not yet delivered
  int next_phase_ = 0;
};

}  // namespace sotto::media
