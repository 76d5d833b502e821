#pragma once

#include <list>
#include <memory>
#include <optional>
#include <variant>

#include "media/room_mirrors.h"

namespace sotto::media {

// Where one leg or tap is among the media threads. On its way from one to another it is on none; what it is
// told meanwhile waits, in order, and follows it. Control thread.
class Berth {
 public:
  enum class Kind : uint8_t { Leg, Tap };
  struct Move {
    RoomRef to;
    std::unique_ptr<RateAdapter> adapter;  // of a leg; null: the rooms' rates are the same
  };

  Berth() = default;
  Berth(Kind kind, Handle handle, size_t thread) : kind_(kind), handle_(handle), thread_(thread) {}

  const Handle& handle() const { return handle_; }
  size_t thread() const { return thread_; }  // the one it leaves, while it is under way
  bool is_under_way() const { return going_.has_value(); }
  size_t destination() const { return going_->to.thread; }  // while it is under way

  void tell(RoomMirrors& rooms, Command command);
  // The room has counted it in.
  void move(RoomMirrors& rooms, Move move);
  // The thread it leaves has given it back.
  void arrive(RoomMirrors& rooms, std::unique_ptr<MediaObject> object);

 private:
  using Task = std::variant<Command, Move>;
  void begin(RoomMirrors& rooms, Move move);

  Kind kind_ = Kind::Leg;
  Handle handle_;
  size_t thread_ = 0;
  std::optional<Move> going_;
  std::list<Task> waiting_;  // as much as it is told within one hand-over
};

}  // namespace sotto::media
