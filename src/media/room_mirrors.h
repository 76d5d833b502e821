#pragma once

#include <list>
#include <memory>
#include <unordered_map>
#include <vector>

#include "hearing/delta.h"
#include "media/handles.h"
#include "media/media_link.h"

namespace sotto::media {

// One room while it is open. Its id may be given to another one after it is closed.
struct RoomRef {
  RoomId room;
  Handle handle;
  size_t thread = 0;
};

// What the control thread knows of one room.
struct RoomMirror {
  RoomRef ref;
  uint32_t rate_hz = 8000;
  hearing::Plan plan;  // once everything sent is applied
  RoomCapacity capacity;
  RoomCapacity planned{.members = 0, .prompts = 0, .taps = 0, .cells = 0};  // the most since all was applied
  size_t legs = 0;  // plugged in, or on their way in or out
  size_t prompts = 0;
  size_t tap_channels = 0;
  std::list<uint64_t> revisions;  // sent and not yet applied
};

// All rooms, each on one media thread for its whole life, and the links to those threads. Control thread.
class RoomMirrors {
 public:
  using Links = std::vector<std::unique_ptr<MediaLink>>;

  // The rate is that of rooms opened without one.
  RoomMirrors(Links links, uint32_t rate_hz);

  MediaLink& link(size_t thread) { return *links_[thread]; }
  Links& links() { return links_; }

  // On the thread with the fewest legs; of several, on the one whose turn it is.
  void open(RoomId room, uint32_t rate_hz);
  void close(RoomId room);
  RoomMirror& at(RoomId room);  // opened if need be
  RoomMirror* find(RoomId room);
  RoomMirror* find(const RoomRef& ref);  // null: closed since
  uint32_t rate_hz(const RoomRef& ref);

  void apply(const hearing::PlanDelta& delta);
  // Takes those up to `revision` out of what is not applied yet.
  std::vector<uint64_t> take_applied(RoomId room, uint64_t revision);
  // The tables that are to go with what comes into the room next; null: those it has are enough.
  std::unique_ptr<RoomTables> bigger(RoomMirror& mirror);
  std::unique_ptr<RoomTables> bigger(const RoomRef& ref);

  // By which threads are chosen: legs that a thread has, or is to have.
  void count_leg(size_t thread) { ++loads_[thread].legs; }
  void discount_leg(size_t thread) { --loads_[thread].legs; }
  size_t legs(size_t thread) const { return loads_[thread].legs; }

 private:
  struct Load {
    size_t legs = 0;
    int phase = 0;  // of the newest room
  };
  size_t choose_thread();
  static void note_plan(RoomMirror& mirror);

  const uint32_t rate_hz_;
  Links links_;
  std::vector<Load> loads_;
  size_t last_thread_;  // of the newest room
  Handles handles_;
  std::unordered_map<RoomId, RoomMirror> rooms_;
};

}  // namespace sotto::media
