#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/timers.h"
#include "call/switchboard.h"
#include "flow/document.h"
#include "flow/program.h"

// Runs programs on legs and rooms. Control thread; pure. It is a sink of the switchboard and commands it.
//
// A leg has at most one runner stack: its main program and, nested in a step of it, screening, wait or hold
// programs. A leg that a dial step made is carried by that step; giving it a program of its own takes it
// away: the dial then ends with ChildTaken. Taking a driving leg to another program releases what its dial
// carried and asks no continuation.
namespace sotto::flow {

class Core;

// Told of what steps do, beside the call events: after the engine has done what it does, before the events
// that this caused. May command the engine. Control thread.
class Observer {
 public:
  virtual ~Observer() = default;
  virtual void on_dial_started(LegId parent, LegId child, const std::string& dial_tag,
                               const std::string& destination_tag) = 0;
  virtual void on_accepted(LegId parent, LegId child) = 0;  // the screening is over, the two are joined
  virtual void on_declined(LegId parent, LegId child) = 0;
  virtual void on_step_ended(LegId leg, const Step& step, const Outcome& outcome) = 0;
  virtual void on_program_ended(LegId leg) = 0;
};

struct QueueEntry {
  LegId leg;
  std::string tag;
  call::WallTime since;
  size_t position = 1;  // 1 is next
};

struct Options {
  call::PromptSpec hold_music;  // for the peer of a phone that holds; empty: silence
  call::PromptSpec ringback;    // while a callee is screened, where the dial names none; empty: a tone
};

class Engine final : public call::EventSink {
 public:
  // All outlive it. The engine adds itself to the switchboard's sinks.
  Engine(call::Switchboard& switchboard, Documents& documents, base::Timers& timers, const base::Clock& clock,
         Options options);
  ~Engine() override;

  void add_observer(Observer& observer);

  // Main programs. `run` is for a leg without one; `replace` also takes legs away from dials, rooms and
  // queues. Refused with Conflict for an ended leg. On a leg that we dialled and that is not answered yet,
  // the program waits for the answer, and only then is the first document asked for.
  Result<void> run(LegId leg, std::shared_ptr<const Program> program);
  Result<void> run(LegId leg, const DocumentRef& first);
  Result<void> replace(LegId leg, std::shared_ptr<const Program> program);
  // What runs goes on until the document is there; a document that cannot be had changes nothing.
  Result<void> replace(LegId leg, const DocumentRef& document);

  // Runs beside what the legs do. `only` makes it heard by that one member alone.
  Result<void> announce(RoomId room, std::optional<LegId> only, std::shared_ptr<const Program> program);

  // Overlay talk and audio from an API: at most one for each leg, a second replaces the first.
  Result<void> overlay(LegId leg, call::PromptSpec prompt);
  Result<void> stop_overlay(LegId leg);

  // Hold with music or a document, over whatever the leg is doing.
  Result<void> hold(LegId leg, Heard heard);
  Result<void> unhold(LegId leg);

  // An answered leg becomes the accepted callee of a pending dial of `parent`.
  Result<void> pick_up(LegId parent, LegId leg);

  // Two legs talk, by whatever carried or drove them before: a transfer's last act. `a` drives the talk, and
  // is answered if it is an unanswered inbound leg. Refused with Conflict while one that we dialled still
  // rings.
  Result<void> bridge(LegId a, LegId b);

  // Conferences: what their members run is ended, so that they go on as their programs say.
  Result<void> end_room(RoomId room, EndReason reason);
  Result<void> remove_from_room(LegId leg);
  // How a member goes on in his room; what is absent stays as his step said.
  struct Stay {
    std::optional<Heard> wait;
    std::optional<bool> beep_on_exit;
  };
  Result<void> change_stay(LegId leg, Stay stay);

  // Queues. One exists from its first entry on, or from add_queue().
  void add_queue(const std::string& name);
  void remove_queue(const std::string& name);  // unless somebody is in it, or wants to take from it
  std::vector<std::string> queues() const;
  std::vector<QueueEntry> queue(const std::string& name) const;
  // Takes a queued leg out to another program.
  Result<void> dequeue(LegId leg, std::shared_ptr<const Program> program);
  Result<void> dequeue(LegId leg, const DocumentRef& document);

  // What a leg is doing now, for records and consoles: the step's name, or empty.
  std::string_view doing(LegId leg) const;
  size_t runners() const;

  // The answer to Documents::next(). Late, cancelled and unknown ones are dropped.
  void on_document(RequestId request, Result<Answer> answer);

  void on_event(const call::Event& event) override;

 private:
  std::unique_ptr<Core> core_;
};

}  // namespace sotto::flow
