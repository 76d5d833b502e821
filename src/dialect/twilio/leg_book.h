#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

#include "dialect/host/services.h"
#include "dialect/twilio/callback_spec.h"
#include "flow/program.h"
#include "text/uri.h"

namespace sotto::twilio {

struct RecordingNote {
  std::string sid;
  std::string url;
  std::chrono::seconds length{0};
};

struct StreamNote {
  std::string name;
  Callback status;
};

// What this dialect keeps of a leg beside what the core does.
struct LegNotes {
  Callback status;  // of the call's progress
  Callback fallback;
  Callback machine;             // asynchronous machine detection
  std::string application_sid;  // whose voice URL runs the leg
  std::string parent_sid;       // of the leg that dialled it
  std::string answered_by;
  text::Parameters custom;    // more fields of each of its requests
  std::string shown_from;     // in place of the address of its caller
  std::string shown_to;       // in place of the address that it was dialled by
  text::Parameters for_twin;  // of a leg to an application: `custom` of the leg that the application runs
  std::string twin_to;        // and its `shown_to`
  int sequence = 0;           // of its next status callback
  std::map<std::string, std::map<std::string, std::string>> cookies;  // by host
  std::optional<RecordingNote> recording;
  std::chrono::seconds time_limit{0};               // from the answer; 0: none
  std::optional<call::MachineDetection> detection;  // wanted from the answer on
  bool await_verdict = false;                       // no document is asked for before it has come
  std::shared_ptr<const flow::Program> program;     // what it runs, for the tags of its steps
  std::deque<StreamNote> streams_expected;          // that its program starts, in their order
  size_t queue_size_max = 0;                        // of the queue that its program enters; 0: none
  std::optional<call::Leg> ended;                   // as it was at its end
};

// The notes of all legs that this dialect has to do with. They outlive their leg by a while, for what is
// still to be told of it. Control thread.
class LegBook {
 public:
  explicit LegBook(const dialect::Services& services);  // which outlive it

  LegNotes& open(call::LegId leg);  // made if there are none
  LegNotes* find(call::LegId leg);  // null if there are none
  // The leg, also for a while after its end.
  std::optional<call::Leg> leg(call::LegId leg) const;
  // What is needed to tell of the leg's end after a crash goes into its row of the store.
  void save(call::LegId leg);
  // The leg runs this from now on.
  void runs(call::LegId leg, std::shared_ptr<const flow::Program> program);
  static LegNotes read(const std::string& extra);

  void close(const call::Leg& leg);

 private:
  void sweep();

  const dialect::Services& services_;
  std::unordered_map<call::LegId, LegNotes> notes_;
  std::deque<std::pair<base::TimePoint, call::LegId>> closed_;
};

}  // namespace sotto::twilio
