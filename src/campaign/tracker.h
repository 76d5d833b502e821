#pragma once

#include <functional>
#include <string>
#include <unordered_map>

#include "base/time.h"
#include "call/event.h"
#include "campaign/program.h"
#include "campaign/record.h"
#include "flow/engine.h"

// Follows the calls of campaigns, and yields one record for each when its inbound leg has ended. Control
// thread.
namespace sotto::campaign {

// Who has called before. Answers at once, from memory.
class CallerHistory {
 public:
  virtual ~CallerHistory() = default;
  virtual bool has_called(const std::string& campaign, const std::string& caller) const = 0;
  virtual void remember(const std::string& campaign, const std::string& caller) = 0;
};

class RecordSink {
 public:
  virtual ~RecordSink() = default;
  virtual void on_record(const CallRecord& record) = 0;
};

class Tracker final : public call::EventSink, public flow::Observer {
 public:
  // All outlive it. It is to be a sink of the switchboard and an observer of the engine.
  Tracker(const base::Clock& clock, CallerHistory& history, RecordSink& records);

  // To be called before the leg's program runs.
  void begin(const Campaign& campaign, const call::Leg& caller, Open open);
  size_t calls() const { return calls_.size(); }

  void on_event(const call::Event& event) override;
  void on_dial_started(call::LegId parent, call::LegId child, const std::string& dial_tag,
                       const std::string& destination_tag) override;
  void on_accepted(call::LegId parent, call::LegId child) override;
  void on_declined(call::LegId parent, call::LegId child) override;
  void on_step_ended(call::LegId leg, const flow::Step& step, const flow::Outcome& outcome) override;
  void on_program_ended(call::LegId leg) override;

 private:
  struct Attempt {
    call::LegId parent;
    std::string agent;
    bool answered = false;
  };
  struct Tracked {
    CallRecord record;
    base::TimePoint since;
    base::TimePoint accepted_at;
    Open open = Open::Yes;
    size_t in_whisper = 0;  // agents who are up and have not accepted
    bool refused = false;   // by an agent, in so many words
    bool dial_failed = false;
    call::LegId accepted;     // the agent's leg
    bool agent_left = false;  // before the caller
  };

  void on_agent_ended(call::LegId child, const call::EndReason& reason);
  void finish(call::LegId caller, const call::EndReason& reason);
  std::chrono::milliseconds since(base::TimePoint from) const;

  const base::Clock& clock_;
  CallerHistory& history_;
  RecordSink& records_;
  std::unordered_map<call::LegId, Tracked> calls_;
  std::unordered_map<call::LegId, Attempt> attempts_;
};

}  // namespace sotto::campaign
