#pragma once

#include <deque>
#include <memory>
#include <variant>

#include "media/channel.h"

namespace sotto::media {

// What the media threads have reported and the control thread has not looked at yet.
struct Inbox {
  struct Returned {
    Event event;  // LegReleased or TapReleased
    std::unique_ptr<MediaObject> object;
  };
  std::deque<Event> events;
  std::deque<Returned> returned;
};

// The control thread's end of one media thread's rings: keeps count of what is not answered yet, and never
// sends what could not be.
class MediaLink {
 public:
  // Both outlive the link.
  MediaLink(Channel& channel, Inbox& inbox) : channel_(channel), inbox_(inbox) {}
  MediaLink(const MediaLink&) = delete;

  // In order, as soon as there are credits.
  void send(Command command);
  // Overtakes what waits, unless that is for the same object.
  void send_ahead(ReleaseLeg command);
  void send_ahead(ReleaseTap command);
  // Overtakes what waits, taking the room's own waiting changes along: together they leave nobody hearing
  // more than the newest plan says. `capacity` is what the room is to hold.
  void send_urgent(Handle room, std::unique_ptr<PlanChange> change, const RoomCapacity& capacity);
  bool has_backlog() const { return !backlog_.empty(); }

  void collect();
  void flush();
  // Whether something was put into the ring since this was asked last.
  bool take_sent() { return std::exchange(sent_, false); }

 private:
  template <typename T>
  void send_ahead_of_others(T command);
  bool push(Command& command, size_t credits);

  Channel& channel_;
  Inbox& inbox_;
  size_t unanswered_ = 0;
  std::deque<Command> backlog_;  // waits for credits, in order
  bool sent_ = false;
};

}  // namespace sotto::media
