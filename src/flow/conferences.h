#pragma once

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

 private:
  Result<void> admit(JoinRoomRun& member, RoomId room);
  void start_if_due(RoomId room);
  void beep(RoomId room);
  void tell_lonely(RoomId room);

  Core& core_;
  std::unordered_map<RoomId, std::vector<JoinRoomRun*>> members_;
};

}  // namespace sotto::flow
