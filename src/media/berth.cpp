#include "media/berth.h"

namespace sotto::media {

void Berth::tell(RoomMirrors& rooms, Command command) {
  if (is_under_way()) {
    waiting_.emplace_back(std::move(command));
  } else {
    rooms.link(thread_).send(std::move(command));
  }
}

void Berth::move(RoomMirrors& rooms, Move move) {
  if (is_under_way()) {
    waiting_.emplace_back(std::move(move));
  } else {
    begin(rooms, std::move(move));
  }
}

void Berth::begin(RoomMirrors& rooms, Move move) {
  MediaLink& link = rooms.link(thread_);
  if (move.to.thread != thread_) {
    going_ = std::move(move);
    if (kind_ == Kind::Leg) return link.send_ahead(ReleaseLeg{handle_});
    return link.send_ahead(ReleaseTap{handle_});
  }
  auto bigger = rooms.bigger(move.to);
  if (kind_ == Kind::Tap) return link.send(MoveTap{handle_, move.to.handle, std::move(bigger)});
  link.send(MoveLeg{handle_, move.to.handle, move.to.room, std::move(move.adapter), std::move(bigger)});
}

void Berth::arrive(RoomMirrors& rooms, std::unique_ptr<MediaObject> object) {
  CHECK(is_under_way());
  Move move = std::move(*going_);
  going_.reset();
  thread_ = move.to.thread;
  MediaLink& link = rooms.link(thread_);
  auto bigger = rooms.bigger(move.to);
  if (kind_ == Kind::Leg) {
    std::unique_ptr<MediaLeg> leg(static_cast<MediaLeg*>(object.release()));
    link.send(AdoptLeg{handle_, std::move(leg), move.to.handle, move.to.room, std::move(move.adapter),
                       std::move(bigger)});
  } else {
    std::unique_ptr<TapWriter> tap(static_cast<TapWriter*>(object.release()));
    link.send(AdoptTap{handle_, std::move(tap), move.to.handle, std::move(bigger)});
  }
  while (!waiting_.empty() && !is_under_way()) {
    Task task = std::move(waiting_.front());
    waiting_.pop_front();
    if (Move* const next = std::get_if<Move>(&task)) {
      begin(rooms, std::move(*next));
    } else {
      link.send(std::move(std::get<Command>(task)));
    }
  }
}

}  // namespace sotto::media
