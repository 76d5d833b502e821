#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "call/switchboard.h"
#include "directory/snapshot.h"

namespace sotto::voipnow {

struct Parked {
  call::WallTime since;
  int position = 0;
  std::string by;  // extension
};

struct Held {
  call::WallTime since;
  call::LegId leg;  // that hears the music
};

// A call as one extension sees it (contract section 2.2).
struct View {
  uint32_t number = 0;  // in its call; never given twice
  call::LegId leg;
  std::string extension;
  std::optional<call::LegId> target;  // of a supervisor's view
  call::WallTime joined;              // of a supervisor's view
  bool calling = false;               // the API made this leg, to call `destination` for it
  std::string destination;
  std::optional<Held> held;  // by this view
  std::optional<Parked> parked;
  std::optional<std::pair<call::RecordingId, call::WallTime>> recording;
};

struct PhoneCall {
  call::CallId id;
  std::string key;        // 20 hex digits: how the API names it
  std::string extension;  // charged for it; empty until one takes part
  std::string nonce;
  call::WallTime published;
  std::optional<call::WallTime> answered;
  std::vector<View> views;  // in order of creation
  uint32_t next_view = 0;

  View* view(uint32_t number);
  const View* view(uint32_t number) const;
  View* view_of(call::LegId leg);
  const View* view_of(call::LegId leg) const;
};

// What becomes of a leg that the API dials, stated before its creation is announced.
struct Reservation {
  enum class Kind {
    Supervisor,  // gets a view when it has joined
    Successor,   // takes over another leg's view, if it comes to that
    Source,      // is called first, for `extension`, then `destination`
  } kind = Kind::Supervisor;
  std::string extension;
  std::string destination;
};

std::string call_key(call::CallId id);
std::string leg_key(call::LegId id);

// Every live call, as UnifiedAPI numbers its views. Kept by events; control thread.
class CallBook {
 public:
  using Directory = std::function<const directory::Snapshot&()>;

  // Both outlive it.
  CallBook(const call::Switchboard& switchboard, Directory directory);

  void on_event(const call::Event& event);

  PhoneCall* find(std::string_view key);
  PhoneCall* find(call::CallId id);
  std::vector<PhoneCall*> all();  // oldest first
  size_t size() const { return calls_.size(); }

  // The call is charged to this extension, which has no leg of its own: a queue, a conference.
  void charge(const call::Leg& leg, const std::string& extension);
  // Within the switchboard's batch that dialled the leg.
  void reserve(call::LegId leg, Reservation reservation);
  bool is_supervisor(call::LegId leg) const;
  // The successor's leg is from now on what the view shows.
  void succeed(PhoneCall& call, uint32_t view, call::LegId leg, std::string extension);
  void hold(PhoneCall& call, uint32_t view, Held held);
  // `kept` stays when `view`'s own leg leaves, and shows up in its own call as a view of that extension,
  // until somebody takes it over. Returns that call.
  PhoneCall* park(PhoneCall& call, uint32_t view, const call::Leg& kept, Parked parked);
  // Nobody took it over: the view is gone. False if somebody did.
  bool un_park(call::CallId call, call::LegId kept, int position);
  std::optional<int> parking_place() const;  // the lowest that is free

  // A live leg of this extension in the call that is no supervisor's.
  const call::Leg* leg_of(const PhoneCall& call, std::string_view extension) const;

 private:
  PhoneCall& call_of(call::CallId id, call::WallTime now);
  void on_created(const call::Event& event);
  void on_supervision(const call::Event& event, const call::SupervisionChanged& changed);
  void on_ended(const call::Event& event);
  void forget_hold(call::LegId leg);

  const call::Switchboard& switchboard_;
  const Directory directory_;
  std::unordered_map<call::CallId, PhoneCall> calls_;
  std::unordered_map<std::string, call::CallId> by_key_;
  std::unordered_map<call::LegId, Reservation> reserved_;
  std::unordered_map<call::LegId, call::CallId> held_;  // by a view of that call
};

}  // namespace sotto::voipnow
