#pragma once

#include <deque>
#include <map>
#include <set>
#include <unordered_map>

#include "dialect/twilio/sender.h"

namespace sotto::twilio {

struct Participant {
  call::LegId leg;
  ConferenceTag tag;
  base::WallTime joined;
};

// A named room with the words of Twilio's API. Whoever is in it, whichever dialect put him there.
struct Conference {
  call::RoomId room;
  std::string account;  // hex
  std::string name;
  base::WallTime created;
  base::WallTime updated;
  bool started = false;
  bool ended = false;
  std::string reason_ended;
  std::string call_ending;
  Callback status;
  int sequence = 0;
  std::map<call::LegId, Participant> participants;
  std::map<call::LegId, Participant> coming;  // who is called into it, and not there yet
  bool watched = false;                       // who speaks is asked for
  std::optional<call::LegId> speaker;         // who speaks now
};

text::Json to_json(const Conference& conference);
Result<Conference> read_conference(std::string_view json);
inline constexpr char kConferenceKind[] = "twilio_conference";  // in the store's documents

// Follows the rooms, and tells apps what happens in them (twilio.md §3.9). Ended ones are in the store.
// Control thread.
class Conferences {
 public:
  Conferences(Shared& shared, Sender& sender);  // both outlive it

  void on_event(const call::Event& event);
  const Conference* find(call::RoomId room) const;
  Conference* find(call::RoomId room);
  std::vector<const Conference*> of_account(const std::string& hex) const;

  // The API calls him into the room.
  void expect_participant(call::RoomId room, Participant participant);
  // What a request of the API asks for is the reason of what then happens.
  void expect_end_by_api(call::RoomId room);
  void expect_leave_by_api(call::LegId leg);
  // EndConferenceOnExit of one who is in already.
  void set_end_on_exit(call::RoomId room, call::LegId leg, bool on);
  // Tells of an announcement that has ended, or that could not be had.
  void announce(call::RoomId room, const std::string& url, const std::optional<call::LegId>& only,
                bool failed, const std::string& why);
  // It has begun: its end is told of when its last prompt has been heard.
  void expect_announcement(call::RoomId room, const std::string& url, const std::optional<call::LegId>& only,
                           const flow::Program& program);
  void tell(Conference& conference, std::string_view wanted, std::string_view event, base::WallTime at,
            text::Parameters more);
  text::Parameters participant_fields(const Conference& conference, call::LegId leg) const;

 private:
  void joined(const call::Event& event, call::RoomId room);
  void left(call::LegId who, call::RoomId room, base::WallTime at);
  void facts_changed(const call::Event& event, const hearing::Member& before);
  void supervision_changed(const call::Event& event, const call::SupervisionChanged& changed);
  void over(const call::Event& event, call::RoomId room);
  void forget_coming(call::LegId leg);
  ConferenceTag tag_of(call::LegId leg, const std::string& room_name);
  void store(const Conference& conference);

  void prompt_ended(const call::Event& event);
  void watch(Conference& conference);
  void speaker_changed(const call::Event& event, call::RoomId room);

  struct Announcement {
    std::string url;
    std::optional<call::LegId> only;
    size_t prompts_left = 0;
  };
  struct Ending {
    std::string reason;
    std::string call;
    std::string label;
  };
  Shared& shared_;
  Sender& sender_;
  std::unordered_map<call::RoomId, Conference> live_;
  std::unordered_map<call::RoomId, Ending> endings_;
  std::unordered_map<call::RoomId, std::deque<Announcement>> announcements_;
  std::set<call::LegId> leaving_by_api_;
  std::set<call::LegId> ends_by_api_;  // whose leaving ends the room though their step did not say so
};

}  // namespace sotto::twilio
