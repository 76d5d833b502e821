#pragma once

#include <deque>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/random.h"
#include "base/result.h"
#include "base/timers.h"
#include "call/event.h"
#include "call/leg.h"
#include "call/ports.h"

// The model: legs, rooms, prompts, recordings, supervisions, and the commands that change them. Pure and
// vendor-free. Control thread. It holds facts, derives plans, and keeps three promises: a leg is in exactly
// one room; each leg gets exactly one LegEnded; nothing that belongs to a leg or room outlives it.
namespace sotto::call {

struct OfferedLeg {  // an inbound call attempt, from the signalling
  LegId leg;
  Address from;
  Address to;
  Origin origin;
  base::HeaderFields headers;
  std::string forwarded_from;
  std::string sip_call_id;
  std::string sip_domain;      // as in Leg
  std::string sip_source_ip;   // as in Leg
  std::optional<CallId> call;  // joins an existing call: a Loop leg
};

struct NewLeg {  // an outbound one, from a program or an API
  Address to;
  Address from;
  Origin origin;
  base::HeaderFields headers;
  std::string user;
  std::string password;
  std::optional<LegId> carrier;
  std::optional<CallId> call;  // absent: a call of its own, or the carrier's
  std::optional<RoomId> room;  // absent: a room of its own
  bool early_media = true;
  SocketFraming framing;  // of a WebSocket address
  std::chrono::milliseconds ring_timeout{60'000};
};

// Who gets to hear a prompt: one leg, or the whole room.
struct Audience {
  RoomId room;
  std::optional<LegId> only;
};

struct RoomOptions {
  std::string name;  // scope and name; empty: an unnamed room
  bool mixed_rate = false;
  size_t legs_max = 0;  // 0: limits::kRoomLegsMax
};

struct Room {
  RoomId id;
  RoomOptions options;
  bool started = true;
  std::vector<LegId> members;  // in order of joining
  std::vector<hearing::Supervision> supervisions;
  std::vector<hearing::Prompt> prompts;
  std::vector<hearing::Tap> taps;
  WallTime created;
  hearing::Plan plan;  // as last sent
};

class Switchboard {
 public:
  // All outlive it.
  Switchboard(Signalling& signalling, Media& media, base::Timers& timers, const base::Clock& clock,
              base::Random& random);
  ~Switchboard();

  void add_sink(EventSink& sink);                    // before the first call; called in order of adding
  void set_policy(const SupervisionPolicy& policy);  // outlives this; without one, all supervision is allowed

  // Makes one step of several commands: their plans and events go out when the outermost batch ends.
  class Batch {
   public:
    explicit Batch(Switchboard& switchboard);
    ~Batch();
    Batch(const Batch&) = delete;
    Batch& operator=(const Batch&) = delete;

   private:
    Switchboard& switchboard_;
  };

  // Looking up. Ended legs stay readable until the turn that ended them is over.
  const Leg* leg(LegId id) const;
  const Room* room(RoomId id) const;
  const Room* room_named(const std::string& name) const;
  const RecordingInfo* recording(RecordingId id) const;
  std::vector<LegId> legs_of(CallId call) const;
  std::vector<LegId> all_legs() const;  // live ones, in no order
  size_t live_legs() const;
  size_t orphans() const;  // answered legs that nothing drives or carries and that supervise nobody; stays 0

  // Legs.
  Result<LegId> dial(NewLeg request);
  Result<void> progress(LegId leg, Progress progress);
  Result<void> answer(LegId leg);
  void hang_up(LegId leg, EndReason reason);  // an ended or unknown leg is no error
  Result<void> set_ring_timeout(LegId leg, std::chrono::milliseconds from_now);
  Result<void> set_time_limit(LegId leg, std::chrono::seconds from_now);
  Result<void> set_carrier(LegId leg, std::optional<LegId> carrier);
  Result<void> set_driven(LegId leg, bool driven);
  Result<void> set_origin(LegId leg, Origin origin);
  Result<void> refer(LegId leg, const Address& target, const base::HeaderFields& headers);
  Result<void> accept_refer(LegId leg);
  Result<void> refuse_refer(LegId leg, int sip_code);
  Result<void> report_refer(LegId leg, int sip_code);

  // Rooms. A move keeps the leg's facts; its prompts stay behind and end.
  RoomId create_room(RoomOptions options);
  Result<void> move(LegId leg, RoomId to);
  Result<RoomId> isolate(LegId leg);                     // to a room of its own
  Result<void> set_unstarted(RoomId room);               // while it has no members
  Result<void> start_room(RoomId room);                  // nobody waits any longer
  Result<void> end_room(RoomId room, EndReason reason);  // ends every member
  void keep_room(RoomId room, bool keep);                // a named room may stand empty while kept
  Result<void> watch_speakers(RoomId room);              // SpeakerChanged from now on

  // Facts, each on its own.
  Result<void> mute(LegId leg, bool on);
  Result<void> earmuff(LegId leg, bool on);
  Result<void> hold(LegId leg, bool on);
  Result<void> set_waiting(LegId leg, bool on);
  Result<void> set_source_only(LegId leg, bool on);
  Result<void> set_can_speak(LegId leg, std::optional<hearing::LegSet> listeners);
  Result<void> set_can_hear(LegId leg, std::optional<hearing::LegSet> speakers);

  // Supervision. The supervisor is moved into his target's room. Refused: chains, self, a target that is not
  // there.
  Result<void> supervise(const hearing::Supervision& supervision);
  Result<void> set_supervision_mode(LegId supervisor, hearing::SupervisionMode mode);
  Result<void> end_supervision(LegId supervisor);  // he becomes a plain member
  std::optional<hearing::Supervision> supervision_of(LegId supervisor) const;

  // Sounds.
  Result<PromptId> play(const Audience& audience, PromptSpec spec);
  void stop(PromptId prompt);
  Result<void> send_digits(LegId leg, std::string digits);
  Result<RecordingId> record(LegId leg, RecordingSpec spec);  // moves along with the leg
  Result<RecordingId> record_room(RoomId room, RecordingSpec spec);
  Result<void> pause_recording(RecordingId recording, bool paused);
  void stop_recording(RecordingId recording);
  Result<void> detect_machine(LegId leg, const MachineDetection& detection);
  Result<TapId> recognise(LegId leg, const RecognitionSpec& spec);
  void stop_recognition(TapId tap);
  Result<TapId> open_stream(LegId leg, const StreamSpec& spec);
  void close_stream(TapId tap);

  // Something a person should read, about a leg.
  void notice(LegId leg, Notice notice);

  // From the ports.
  void on_offered(OfferedLeg offered);
  void on_invited(LegId leg, std::string sip_call_id);  // the latest of an outbound leg's attempts
  void on_ringing(LegId leg, bool early_media);
  // `headers` are the custom ones of the message that answered or ended it.
  void on_answered(LegId leg, const base::HeaderFields& headers = {});
  void on_ended(LegId leg, EndReason reason, const base::HeaderFields& headers = {});
  void on_far_hold(LegId leg, bool on);
  void on_digit(LegId leg, char digit, std::chrono::milliseconds length);
  void on_refer_asked(LegId leg, const Address& target, std::optional<LegId> replaces);
  void on_refer_progress(LegId leg, int refer_code, int notify_code);
  void on_plan_applied(RoomId room, uint64_t revision, TimePoint at);
  void on_prompt_ended(PromptId prompt, PromptEnd how, std::string detail);
  void on_recording_ended(RecordingInfo finished);
  void on_machine_verdict(LegId leg, MachineVerdict verdict);
  void on_speech(SpeechHeard heard);
  void on_stream(StreamChanged changed);
  void on_speaker(RoomId room, std::optional<LegId> speaker);
  void on_media_lost(LegId leg);

  // Stop taking calls; those up go on. With `deadline` in the past all are ended.
  void drain(TimePoint deadline);

  // Every table agrees with every other. Called by tests after each public call.
  bool is_consistent() const;

 private:
  class State;

  template <typename Change>
  Result<void> change(LegId leg, std::string_view cause, Change&& change);
  RecordingId start_recording(RoomId room, std::optional<LegId> leg, CallId call, RecordingSpec spec);
  void drop_tap(TapId tap);

  std::unique_ptr<State> state_;
};

}  // namespace sotto::call
