#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/result.h"
#include "call/event.h"
#include "call/leg.h"

// "What next?" as a port. A step ends in an Outcome; where its Ask says so, the dialect that owns the
// document is asked for what follows. Action URLs, onAnswer, screening and wait documents, event replies are
// all this.
namespace sotto::flow {

using call::CallId;
using call::EndReason;
using call::LegId;
using call::RecordingId;
using call::RoomId;

struct Program;

// Opaque: the dialect keeps the URL, method, cookies, signature and retries behind it.
struct DocumentRef {
  std::string dialect;
  uint64_t id = 0;

  explicit operator bool() const { return id != 0; }
  bool operator==(const DocumentRef&) const = default;
};

// Whom a runner works for.
using Subject = std::variant<LegId, RoomId>;

struct Answered {};  // a leg is up: its first or screening document is wanted
struct Played {
  bool failed = false;
};
struct Gathered {
  std::string digits;
  char finished_by = 0;  // the key that ended it, 0 for count or time
  bool timed_out = false;
  std::optional<call::SpeechHeard> speech;
  bool has_input() const { return !digits.empty() || (speech && !speech->guesses.empty()); }
};
enum class DialStatus { Completed, Busy, NoAnswer, Failed, Cancelled, ChildTaken };
struct Dialled {
  DialStatus status = DialStatus::NoAnswer;
  bool bridged = false;
  std::optional<LegId> child;  // the one bridged, else the last tried
  std::optional<EndReason> child_end;
  std::chrono::milliseconds talked{0};
  std::optional<RecordingId> recording;
};
struct LeftRoom {
  RoomId room;
  enum class Why { HungUp, Key, TimeLimit, RoomEnded, Removed, Full, Refused } why = Why::HungUp;
};
struct LeftQueue {
  std::string queue;
  enum class Why {
    Bridged,
    Leave,
    HungUp,
    Full,
    Redirected,            // taken to another program while he waited
    RedirectedPreparing,   // while he was made ready for who took him
    RedirectedFromBridge,  // out of the talk
    Refused,
    Failed,  // he was taken, and could not be joined
  } why = Why::Bridged;
  std::chrono::milliseconds waited{0};
  std::optional<LegId> taker;
};
struct Dequeued {
  std::string queue;
  bool bridged = false;
  bool unknown_queue = false;
  std::optional<LegId> taken;
  std::chrono::milliseconds waited{0};
  std::chrono::milliseconds talked{0};
  bool failed = false;  // one was taken, and could not be joined
};
struct Recorded {
  std::optional<call::RecordingInfo> recording;  // absent: nothing but silence
};
struct Referred {
  int refer_code = 0;
  int notify_code = 0;
};
struct Streamed {
  bool failed = false;
  std::string detail;
};
struct Waiting {  // a wait document is wanted, again
  int round = 0;
  std::string queue;
  size_t position = 0;
  size_t length = 0;
  std::chrono::milliseconds waited{0};
};
struct TransferAsked {  // a phone of a talk sent REFER; the document goes to the party that is left
  LegId by;
  base::Address target;
};
struct Reached {};  // a step that does nothing but ask
using Outcome = std::variant<Answered, Played, Gathered, Dialled, LeftRoom, LeftQueue, Dequeued, Recorded,
                             Referred, Streamed, Waiting, TransferAsked, Reached>;

struct Continue {};  // the step after; where a first document was asked for: the end of the program
struct Replace {
  std::shared_ptr<const Program> program;
};
struct End {  // ends the leg; of a screening program: declines
  EndReason reason;
};
using Answer = std::variant<Continue, Replace, End>;

enum class RequestId : uint64_t { None = 0 };

class Documents {
 public:
  virtual ~Documents() = default;
  // Asks what follows. Answered by Engine::on_document(), never from inside next(). One at a time for each
  // runner.
  virtual void next(RequestId request, const Subject& subject, const DocumentRef& document,
                    const Outcome& outcome) = 0;
  // The answer is no longer wanted; one that comes all the same is dropped.
  virtual void cancel(RequestId request) = 0;
  // The subject is gone, but the app is still to be told; whatever it answers is ignored.
  virtual void tell(const Subject& subject, const DocumentRef& document, const Outcome& outcome) = 0;
};

enum class Asking {
  Never,
  Always,
  WithInput,  // only if there are keys or words, or a recording
  OnFailure,  // only if it did not do what it was to do
};

struct Ask {
  Asking when = Asking::Never;
  DocumentRef document;
  bool tell_when_gone = false;  // also when the subject has hung up
};

}  // namespace sotto::flow
