#pragma once

#include <unordered_map>

#include "dialect/twilio/sender.h"
#include "store/leg_store.h"

namespace sotto::twilio {

// Tells apps of the progress of calls, of recordings, of media streams and of machine detection
// (twilio.md §3.5 to §3.9). Control thread.
class Callbacks {
 public:
  Callbacks(Shared& shared, Sender& sender);  // both outlive it

  void on_event(const call::Event& event);
  // An outbound leg was dialled; its notes say who wants to know.
  void on_initiated(call::LegId leg);
  void on_found_dead(const store::LegRecord& record);
  // A stream that the API started, known by this name from now on.
  void name_stream(call::TapId stream, call::LegId leg, const std::string& name);
  // One that runs, by sid or name: with its name.
  std::optional<std::pair<call::TapId, std::string>> find_stream(call::LegId leg,
                                                                 const std::string& given) const;

 private:
  struct Stream {
    call::LegId leg;
    std::string account;
    StreamNote note;
    bool failed = false;
  };

  void progress(const call::Event& event, std::string_view name);
  void ended(const call::Event& event, const call::LegEnded& what);
  void send_progress(const call::Leg& leg, LegNotes& notes, std::string_view name, base::WallTime at);
  void begin(const call::Event& event);
  void recording_started(const call::Event& event, const call::RecordingInfo& recording);
  void recording_ended(const call::Event& event, const call::RecordingInfo& recording);
  void machine(const call::Event& event, const call::MachineVerdict& verdict);
  void stream(const call::Event& event, const call::StreamChanged& changed);
  std::string account_of(const call::RecordingInfo& recording) const;

  Shared& shared_;
  Sender& sender_;
  std::unordered_map<call::TapId, Stream> streams_;
  std::unordered_map<call::RecordingId, std::string> accounts_;  // of recordings that run
};

}  // namespace sotto::twilio
