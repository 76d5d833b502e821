#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "call/ports.h"
#include "call/prompt.h"
#include "call/recording.h"
#include "flow/document.h"

// The neutral steps, as data. What each does is in flow/steps/<name>.cpp. Dialects fill every field: no step
// knows a vendor's default. docs/verbs.md maps each vendor's verbs and options to these.
namespace sotto::flow {

using namespace std::chrono_literals;
using std::chrono::milliseconds;
using std::chrono::seconds;

struct AnswerStep {};

enum class Wait { No, Yes };

struct PlayStep {
  call::PromptSpec prompt;
  enum class To { Listener, Room } to = To::Listener;  // the program's own subject, or all in its room
  bool barge_in = false;  // a key stops it, and counts for the gather that follows
  Wait wait = Wait::Yes;  // No: the next step starts at once, this plays on under it
  // Prompts of one program that do not wait play one after the other; a gather takes them over as its own.
};

struct PauseStep {
  milliseconds length{1000};
};

struct GatherStep {
  std::vector<std::variant<PlayStep, PauseStep>> prompts;
  bool digits = true;
  bool speech = false;
  size_t digits_max = 0;                   // 0: no limit
  std::string finish_keys;                 // end it, and are not part of the digits
  milliseconds first_digit_timeout{5000};  // from the end of the prompts
  milliseconds next_digit_timeout{5000};
  bool barge_in = true;           // the first key or word stops the prompts; keys count either way
  bool keep_typed_ahead = false;  // keys pressed under earlier barge-in prompts count
  call::RecognitionSpec recognition;
  Ask ask;
  DocumentRef partial_results;  // told, never asked
};

// What makes an answered callee the one who is joined.
enum class Accept {
  AnyAnswer,     // no screening, or it is only an announcement whatever he does
  EndOfProgram,  // his screening program came to its end
  Key,           // he pressed one of accept_keys
};

struct Screening {
  std::variant<std::monostate, std::shared_ptr<const Program>, DocumentRef> program;
  Accept accept = Accept::EndOfProgram;
  std::string accept_keys;
  bool silence_accepts = true;  // false: a program that ended without any key declines
  seconds time_max{600};
};

enum class OnMachine { Ignore, Report, HangUp, WaitForVerdict };

struct Destination {
  call::Address to;
  std::optional<call::Address> from;  // absent: the dial's
  base::HeaderFields headers;
  std::string user;
  std::string password;
  call::SocketFraming framing;  // of a WebSocket address
  std::string digits_on_answer;
  Screening screening;
  std::optional<call::PromptSpec> ringback;  // of the caller while this one is screened; absent: the dial's
  std::optional<call::MachineDetection> detection;
  OnMachine on_machine = OnMachine::Ignore;
  std::optional<call::Speech>
      caller_gone_notice;  // heard by a screened callee whose caller has left; absent: none
  std::string tag;         // the dialect's, for its callbacks
  std::shared_ptr<const Destination> otherwise;  // rung in its place if this one cannot be reached
};

enum class Order { Together, InTurn };

struct Ringback {
  std::optional<call::PromptSpec> own;  // ours, looped
  bool far_end = false;  // the callee's early media, if only one is dialled; `own` until it comes
};

struct DialRecording {
  call::RecordingSpec spec;
  bool from_ringing = false;  // else from the bridge
};

struct DialStep {
  std::vector<Destination> destinations;  // up to limits::kDialDestinationsMax
  std::optional<LegId> adopt;             // an answered leg to be joined at once, instead of destinations
  Order order = Order::Together;
  call::Address from;
  milliseconds ring_timeout{30'000};  // of each attempt
  seconds talk_max{14'400};           // from the bridge
  Ringback ringback;
  enum class Winner { FirstAccept, FirstAnswer } winner = Winner::FirstAccept;
  std::string caller_drop_keys;          // the caller may drop the callee with these, and goes on
  bool end_caller_with_callee = false;   // when a bridged callee leaves and nothing follows
  bool refuse_caller_as_callee = false;  // when none accepts, the caller is unanswered and nothing follows
  std::optional<DialRecording> recording;
  Ask ask;
  // When a phone of the talk sends REFER: ours makes the transfer, the app's document runs on the party that
  // is left, or it is refused.
  enum class OnRefer { MakeIt, AskDocument, Refuse } on_refer = OnRefer::MakeIt;
  DocumentRef refer_document;
  std::string tag;
};

// What is to be heard meanwhile: nothing, a sound, or what an app says.
using Heard = std::variant<std::monostate, call::PromptSpec, DocumentRef>;

struct JoinRoomStep {
  std::string room;  // scope and name
  bool start_on_enter = true;
  size_t starts_with = 1;  // members that the room needs before it starts
  bool end_on_exit = false;
  enum class WhenEnded {
    HangUp,
    GoOn
  } when_ended = WhenEnded::HangUp;  // of this leg, by others' end_on_exit
  bool muted = false;
  Heard wait;  // heard until the room starts
  std::optional<hearing::LegSet> can_speak;
  std::optional<hearing::LegSet> can_hear;
  struct Coach {
    LegId target;
    hearing::SupervisionMode mode = hearing::SupervisionMode::Whisper;
    hearing::OnTargetLeft on_target_left = hearing::OnTargetLeft::StayUnheard;
    hearing::HeldTarget held_target = hearing::HeldTarget::Deaf;
  };
  std::optional<Coach> coach;
  size_t legs_max = 0;
  bool beep_on_enter = false;
  bool beep_on_exit = false;
  std::optional<call::RecordingSpec> recording;  // of the room, from its start
  std::string leave_keys;
  seconds time_max{0};    // 0: none
  seconds wait_max{900};  // alone with nothing dialling towards the room; 0: for ever
  Ask ask;
  std::string tag;
};

struct EnqueueStep {
  std::string queue;  // scope and name
  size_t size_max = 1000;
  DocumentRef wait;                       // asked again each time it ends
  std::optional<call::PromptSpec> music;  // instead of a document
  Ask ask;
  std::string tag;
};

struct LeaveQueueStep {};  // in a queue wait program only

struct DequeueStep {
  std::string queue;
  DocumentRef before_bridge;  // run on the queued caller; if it cannot be had they are joined without
  milliseconds timeout{30'000};
  Ringback ringback;
  seconds talk_max{14'400};
  std::string tag;
  Ask ask;
};

struct RecordStep {
  call::RecordingSpec spec;
  Wait wait = Wait::Yes;  // No: goes on with the call
  bool silence_is_nothing = false;
  Ask ask;
  std::string tag;
};

struct SendDigitsStep {
  std::string digits;
};

struct ReferStep {
  call::Address target;
  base::HeaderFields headers;
  Ask ask;
};

struct StreamStep {
  call::StreamSpec spec;
  Wait wait = Wait::No;
  Ask ask;
};
struct StopStreamStep {
  std::string name;
};

struct StopRecordingStep {
  std::string tag;
};

// The leg coaches, listens to or barges in on another for as long as that one lasts. With Needs::Nothing it
// also watches the target while its own leg still rings, and gives up with it.
struct SuperviseStep {
  LegId target;
  hearing::SupervisionMode mode = hearing::SupervisionMode::Whisper;
  hearing::OnTargetLeft on_target_left = hearing::OnTargetLeft::End;
  hearing::HeldTarget held_target = hearing::HeldTarget::Hears;
};

struct HangUpStep {
  EndReason reason{call::EndCause::HungUp, call::EndedBy::Program, 0, {}};
};
struct RejectStep {
  EndReason reason{call::EndCause::Declined, call::EndedBy::Program, 603, {}};
};

// Asks, and does nothing else: a redirect, a notification.
struct AskStep {
  Ask ask;
};

using StepSpec =
    std::variant<AnswerStep, PlayStep, PauseStep, GatherStep, DialStep, JoinRoomStep, EnqueueStep,
                 LeaveQueueStep, DequeueStep, RecordStep, StopRecordingStep, SendDigitsStep, ReferStep,
                 StreamStep, StopStreamStep, SuperviseStep, HangUpStep, RejectStep, AskStep>;

// What an unanswered leg needs before the step may start. One that we dialled can only be waited for.
enum class Needs {
  Nothing,    // leave it as it is
  Ringing,    // let it ring while the step runs
  Answering,  // answer it first
};

struct Step {
  StepSpec spec;
  Needs needs = Needs::Answering;
};

}  // namespace sotto::flow
