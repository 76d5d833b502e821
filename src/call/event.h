#pragma once

#include <memory>
#include <string>
#include <variant>

#include "call/leg.h"
#include "call/ports.h"
#include "call/recording.h"

// Everything that happens, as one variant: flow, webhooks, records, ledger and console all read this.
namespace sotto::call {

struct LegCreated {};
struct LegRinging {
  bool early_media = false;
};
struct LegAnswered {};
struct LegEnded {  // exactly one for each leg
  EndReason reason;
};
struct LegMoved {
  RoomId from;
  RoomId to;
};
struct FactsChanged {  // muted, earmuffed, held, lists: the leg's facts as they are now
  hearing::Member before;
};
struct FarHold {
  bool on = false;
};
struct DigitReceived {
  char digit = 0;
  std::chrono::milliseconds length{0};
};
struct RoomStarted {
  RoomId room;
};
struct RoomEnded {
  RoomId room;
  std::optional<LegId> ended_by;
};
struct MemberJoined {
  RoomId room;
};
struct MemberLeft {
  RoomId room;
};
struct PromptStarted {
  PromptId prompt;
  std::string what;  // for people: see describe()
};
struct PromptEnded {
  PromptId prompt;
  PromptEnd how = PromptEnd::Finished;
  std::string detail;  // of a failure
};
struct RecordingStarted {
  RecordingInfo recording;
};
struct RecordingEnded {
  RecordingInfo recording;
};
struct SupervisionChanged {
  hearing::Supervision now;
  bool ended = false;
};
struct MachineVerdict {
  enum class Kind { Human, MachineStart, MachineEndBeep, MachineEndSilence, MachineEndOther, Fax, Unknown };
  Kind kind = Kind::Unknown;
  std::chrono::milliseconds after{0};
};
struct SpeechHeard {
  TapId tap;
  bool final = true;
  struct Guess {
    std::string text;
    float confidence = 0;
  };
  std::vector<Guess> guesses;  // best first; empty: nothing understood
  std::string reason;          // "end_on_silence", "max_duration", "start_timeout", "error: ..."
};
struct StreamChanged {
  TapId tap;
  enum class Kind { Started, Message, Stopped, Failed };
  Kind kind = Kind::Started;
  // Of Failed and Message, stable: "url", "name", "private_target", "connect", "connect_timeout", "tls",
  // "handshake", "handshake_timeout"; "closed" when the connection broke, or, of Stopped, when the far end
  // closed it; "slow" for one that reads too slowly; "discarded" for audio over the buffer's bound;
  // "malformed" for a frame that is not the protocol's; "invalid" for one with an event or a field that it
  // does not know. A Message of one code comes once for each stream.
  std::string code;
  std::string detail;  // a sentence
};
struct ReferAsked {  // the phone wants to transfer the call it is in
  Address target;
  std::optional<LegId> replaces;
};
struct ReferProgress {  // of a REFER that we sent
  int refer_code = 0;
  int notify_code = 0;
};
struct SpeakerChanged {  // of a room whose speakers are watched: Event::leg talks now; without one, nobody
  RoomId room;
};
struct PlanApplied {  // Event::at is the media turn's time
  std::shared_ptr<const hearing::PlanDelta> delta;
  std::string cause;  // the ledger's word: "join", "mute", "whisper", "prompt"
};
struct CallEnded {};  // the last leg of the call is gone
struct Notice {       // something a person can act on: code is stable, detail is a sentence
  enum class Level { Warning, Error };
  Level level = Level::Warning;
  std::string code;
  std::string detail;
};

using What =
    std::variant<LegCreated, LegRinging, LegAnswered, LegEnded, LegMoved, FactsChanged, FarHold,
                 DigitReceived, RoomStarted, RoomEnded, MemberJoined, MemberLeft, PromptStarted, PromptEnded,
                 RecordingStarted, RecordingEnded, SupervisionChanged, MachineVerdict, SpeechHeard,
                 StreamChanged, ReferAsked, ReferProgress, SpeakerChanged, PlanApplied, CallEnded, Notice>;

struct Event {
  uint64_t sequence = 0;  // of the whole server, rising
  TimePoint at;
  WallTime wall;
  CallId call;
  LegId leg;  // whom it is about; invalid for what concerns a room or call as a whole
  RoomId room;
  What what;
};

class EventSink {
 public:
  virtual ~EventSink() = default;
  // May command the Switchboard; what that causes is delivered after this event has reached every sink.
  virtual void on_event(const Event& event) = 0;
};

}  // namespace sotto::call
