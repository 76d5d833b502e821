#pragma once

#include <map>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include "flow/core.h"

namespace sotto::flow {

class JoinRoomRun;

// The named rooms, as the join steps of their members see them: when they start, who ends them, who is alone.
class Conferences {
 public:
  explicit Conferences(Core& core) : core_(core) {}

  // Into the room that the step names, made if need be.
  Result<RoomId> enter(JoinRoomRun& member);
  // Out of it. The leg itself stays where it is, or is gone.
  void leave(JoinRoomRun& member, RoomId room);
  // Ends it for all its members, each as its own step says.
  void end(RoomId room, const EndReason& reason);
  JoinRoomRun* find(LegId leg) const;

  // From the engine, before any runner hears of it. A leg that is dialled into a room (NewLeg::room), as a
  // source only, rings there for those in it, and so starts it. When it answers it leaves, to enter as its
  // step says.
  void on_event(const call::Event& event);

 private:
  struct Guest {
    RoomId room;
    bool rings = false;
    std::unique_ptr<Sound> tone;  // where its own network sends none
  };
  void invited(LegId leg);
  void rings(LegId leg, bool early_media);
  void answered(LegId leg);
  size_t ringing_in(RoomId room) const;
  void release_guests(RoomId room);

  Result<void> admit(JoinRoomRun& member, RoomId room);
  void start_if_due(RoomId room);
  void beep(RoomId room);
  void tell_lonely(RoomId room);

  Core& core_;
  std::unordered_map<RoomId, std::vector<JoinRoomRun*>> members_;
  std::map<LegId, Guest> guests_;  // who rings into one of these rooms
};

}  // namespace sotto::flow
