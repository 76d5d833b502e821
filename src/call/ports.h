#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "call/leg.h"
#include "call/prompt.h"
#include "call/recording.h"
#include "hearing/plan.h"

// What the core asks of the world. Implemented by the shell; by fakes in tests. Control thread. No port calls
// back into the Switchboard from inside one of these: results come as its on_...() events in a later turn of
// the loop.
namespace sotto::call {

// How a WebSocket carries sound and what is said beside it. Streams and WebSocket legs alike.
struct SocketFraming {
  std::string protocol;    // by the shape of its frames: "raw-l16", "json-mulaw"; src/stream has them
  std::string parameters;  // JSON, what the protocol echoes and how it is opened: stream/parameters.h

  bool operator==(const SocketFraming&) const = default;
};

struct DialRequest {
  LegId leg;
  Address to;
  Address from;
  Origin origin;
  base::HeaderFields headers;
  std::string user;  // digest credentials towards the far end, if the document gave some
  std::string password;
  bool early_media = true;  // relay what the far side plays before it answers
  SocketFraming framing;    // of a WebSocket address
};

// What the signalling knows of a far end before it is called.
struct FarEnd {
  std::optional<Medium> medium;  // absent: what its address says
  std::string extension;         // of the phone that is rung, if it is one of ours
};

enum class Progress { Ringing, EarlyMedia };

// Towards the far end of a leg.
class Signalling {
 public:
  virtual ~Signalling() = default;
  // Asked before dial(), when the leg itself is not there yet.
  virtual FarEnd far_end(const DialRequest&) const { return {}; }
  virtual void dial(const DialRequest& request) = 0;
  virtual void progress(LegId leg, Progress progress) = 0;  // inbound, unanswered
  virtual void answer(LegId leg) = 0;
  // CANCEL, BYE or a final error response, whichever fits. The leg's id is dead to the core afterwards.
  virtual void hang_up(LegId leg, const EndReason& reason) = 0;
  virtual void refer(LegId leg, const Address& target, const base::HeaderFields& headers) = 0;
  virtual void accept_refer(LegId leg) = 0;
  virtual void refuse_refer(LegId leg, int sip_code) = 0;
  virtual void report_refer(LegId leg, int sip_code) = 0;  // NOTIFY sipfrag to who asked for a transfer
};

struct PromptStart {
  PromptId prompt;
  RoomId room;
  PromptSpec spec;
};

struct RecordingStart {
  RecordingId recording;
  TapId tap;
  RoomId room;
  RecordingSpec spec;
  std::optional<LegId> leg;  // whose it is: its tap goes where the leg goes. Absent: the room's
};

struct MachineDetection {
  bool wait_for_message_end = false;
  std::chrono::milliseconds timeout{30'000};
  std::chrono::milliseconds speech_threshold{2400};
  std::chrono::milliseconds speech_end_threshold{1200};
  std::chrono::milliseconds silence_timeout{5000};
};

struct RecognitionSpec {
  std::string language = "en-US";
  std::vector<std::string> hints;
  std::chrono::milliseconds start_timeout{10'000};
  std::chrono::milliseconds end_silence{2000};
  std::chrono::milliseconds length_max{60'000};
  bool partial_results = false;
  bool save_audio = false;
};

// A copy of audio to a WebSocket server, and its audio back where both_ways.
struct StreamSpec {
  std::string url;  // ws or wss
  std::string name;
  SocketFraming framing;
  std::vector<hearing::TapView> tracks;
  bool both_ways = false;
};

// Sound. A delta is applied at the start of a turn and answered by Switchboard::on_plan_applied().
class Media {
 public:
  virtual ~Media() = default;
  // The leg's sound exists from now until close_leg(), whatever its signalling does. Before the room's first
  // delta.
  virtual void open_leg(LegId leg, RoomId room) = 0;
  virtual void close_leg(LegId leg) = 0;
  virtual void apply(const hearing::PlanDelta& delta) = 0;
  virtual void move_leg(LegId leg, RoomId from,
                        RoomId to) = 0;  // between the two rooms' deltas; its RTP goes on
  virtual void close_room(RoomId room) = 0;
  // Answered by Switchboard::on_speaker() each time somebody else talks, until the room is closed.
  virtual void watch_speakers(RoomId room) = 0;
  virtual void start_prompt(const PromptStart& start) = 0;
  virtual void stop_prompt(PromptId prompt) = 0;
  virtual void start_recording(const RecordingStart& start) = 0;
  virtual void pause_recording(RecordingId recording, bool paused) = 0;
  virtual void stop_recording(RecordingId recording) = 0;
  virtual void send_digits(LegId leg, const std::string& digits) = 0;  // 0-9 A-D * # w W p
  virtual void detect_machine(LegId leg, const MachineDetection& detection) = 0;
  virtual void start_recognition(LegId leg, TapId tap, const RecognitionSpec& spec) = 0;
  virtual void stop_recognition(TapId tap) = 0;
  virtual void start_stream(LegId leg, TapId tap, const StreamSpec& spec) = 0;
  virtual void stop_stream(TapId tap) = 0;
};

// Who may listen to, whisper to or barge in on whom. Asked for every supervision, whichever dialect it came
// by.
class SupervisionPolicy {
 public:
  virtual ~SupervisionPolicy() = default;
  virtual Result<void> allow(const Leg& supervisor, const Leg& target,
                             hearing::SupervisionMode mode) const = 0;
};

}  // namespace sotto::call
