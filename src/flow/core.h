#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/ids.h"
#include "base/timers.h"
#include "flow/engine.h"
#include "flow/runner_owner.h"

// What runners and steps stand on: timers, requests for documents, events by what they are about, the legs'
// places. Private to this folder. Control thread.
namespace sotto::flow {

class Attachments;
class Conferences;
class Queues;

// Any id, for looking up who cares about an event: they are all random and never collide.
using Key = base::Id<struct AnyTag>;
template <typename Tag>
Key key_of(const base::Id<Tag>& id) {
  return Key{id.high, id.low};
}

// Of a digit: it is not relayed to the peer. Of a wish to transfer: it is not refused.
enum class Consumed { No, Yes };

class Watcher {
 public:
  virtual ~Watcher() = default;
  virtual Consumed on_watched(const call::Event& event) = 0;
};

// What the present holder of a carried leg is told when another command takes the leg.
class Carrier {
 public:
  virtual ~Carrier() = default;
  virtual void on_taken(LegId leg) = 0;
};

class Core final : public base::TimerSink, public RunnerOwner {
 public:
  Core(call::Switchboard& switchboard, Documents& documents, base::Timers& timers, const base::Clock& clock,
       Options options);
  ~Core() override;

  // One stimulus from outside. What it causes is done when the outermost one ends: steps that finished are
  // followed by the next, observers are told, what was let go of is destroyed.
  class Entry {
   public:
    explicit Entry(Core& core);
    ~Entry();
    Entry(const Entry&) = delete;
    Entry& operator=(const Entry&) = delete;

   private:
    Core& core_;
    call::Switchboard::Batch batch_;
  };

  struct Slot {
    std::unique_ptr<Runner> main;
    Carrier* carrier = nullptr;
    uint64_t replacement = 0;  // the request of a program to come
    std::vector<std::pair<std::string, call::RecordingId>> recordings;
    std::vector<std::pair<std::string, call::TapId>> streams;
    // What is to begin beside the call and waits for its answer.
    struct Waiting {
      std::string name;
      bool stream = false;  // else a recording
      std::function<void()> start;
    };
    std::vector<Waiting> when_answered;
  };

  // Legs.
  const call::Leg* live(LegId leg) const;  // null once it has ended
  Slot& slot(LegId leg) { return slots_[leg]; }
  Slot* find_slot(LegId leg);
  std::optional<LegId> peer_of(LegId leg) const;  // the other of a talk of two, supervisors not counted
  Runner* main_of(LegId leg);
  // Ends whatever the leg does and whoever carries it, without a continuation, and gives it a room of its
  // own.
  void take(LegId leg);
  void run_main(LegId leg, std::shared_ptr<const Program> program);
  void run_main(LegId leg, const DocumentRef& first);
  void detach(LegId leg);         // from whoever carries it
  void bridge(LegId a, LegId b);  // a drives the talk from now on; b answered
  void carry(LegId leg, LegId parent, Carrier& carrier);
  void uncarry(LegId leg);
  void expect_replacement(LegId leg, const DocumentRef& document, Outcome outcome,
                          std::function<void(std::shared_ptr<const Program>)> use);
  void drop_replacement(LegId leg);

  // Events.
  void on_event(const call::Event& event);
  void watch(Key key, Watcher& watcher);
  void unwatch(Key key, Watcher& watcher);

  // Timers and documents; each call back is made at most once, from its own entry.
  uint64_t start_timer(base::Duration delay, std::function<void()> ring);
  void stop_timer(uint64_t& timer);
  uint64_t ask(const Subject& subject, const DocumentRef& document, const Outcome& outcome,
               std::function<void(Result<Answer>)> use);
  void drop_request(uint64_t& request);
  void on_document(RequestId request, Result<Answer> answer);
  // Tells `document` of the recording once its file is there, whatever became of the leg.
  void tell_when_recorded(call::RecordingId recording, const Subject& subject, const DocumentRef& document,
                          char end_key);

  // Runners.
  void wake(Runner& runner);  // to be advanced before the entry is over
  void bury(std::unique_ptr<Runner> runner);
  void note(std::function<void(Observer&)> what);
  void add_observer(Observer& observer) { observers_.push_back(&observer); }
  void count_runner(int change) { runners_ += static_cast<size_t>(change); }
  size_t runners() const { return runners_; }

  // Notices: something that a person can act on.
  void warn(LegId leg, std::string code, std::string detail);

  call::Switchboard& board() const { return switchboard_; }
  Documents& documents() { return documents_; }
  const base::Clock& clock() const { return clock_; }
  const Options& options() const { return options_; }
  Attachments& attachments() { return *attachments_; }
  Conferences& conferences() { return *conferences_; }
  Queues& queues() { return *queues_; }

 private:
  struct Told {
    Subject subject;
    DocumentRef document;
    char end_key = 0;
  };

  void on_timer(uint64_t token) override;
  void on_runner_ended(Runner& runner, const Ending& ending) override;
  Runner& make_main(LegId leg);
  Consumed dispatch(const call::Event& event);
  Consumed dispatch(Key key, const call::Event& event, std::vector<Watcher*>& told);
  void relay_digit(const call::Event& event);
  void recorded(const call::RecordingInfo& recording);
  void start_what_waited(LegId leg);
  void forget(LegId leg);
  void settle();

  // All outlive this.
  call::Switchboard& switchboard_;
  Documents& documents_;
  base::Timers& timers_;
  const base::Clock& clock_;
  const Options options_;

  std::unique_ptr<Attachments> attachments_;
  std::unique_ptr<Conferences> conferences_;
  std::unique_ptr<Queues> queues_;
  std::vector<Observer*> observers_;

  bool closing_ = false;
  int depth_ = 0;
  size_t runners_ = 0;
  uint64_t next_token_ = 1;
  std::unordered_map<LegId, Slot> slots_;
  std::unordered_map<Key, std::vector<Watcher*>> watchers_;
  std::unordered_map<uint64_t, std::pair<base::TimerId, std::function<void()>>> alarms_;
  std::unordered_map<uint64_t, std::function<void(Result<Answer>)>> requests_;
  std::unordered_map<call::RecordingId, Told> told_when_recorded_;

  // Of the present entry.
  std::deque<Runner*> ready_;
  std::deque<std::function<void(Observer&)>> notes_;
  std::vector<std::unique_ptr<Runner>> graveyard_;
};

// The following end with their owner, so that nothing is called back that is no more.

// A one-shot timer.
class Alarm {
 public:
  explicit Alarm(Core& core) : core_(core) {}
  ~Alarm() { stop(); }
  Alarm(const Alarm&) = delete;
  Alarm& operator=(const Alarm&) = delete;

  void start(base::Duration delay, std::function<void()> ring);  // again: the first one is stopped
  void stop() { core_.stop_timer(timer_); }
  bool running() const { return timer_ != 0; }

 private:
  Core& core_;
  uint64_t timer_ = 0;
};

// At most one request for a document.
class Request {
 public:
  explicit Request(Core& core) : core_(core) {}
  ~Request() { drop(); }
  Request(const Request&) = delete;
  Request& operator=(const Request&) = delete;

  void ask(const Subject& subject, const DocumentRef& document, const Outcome& outcome,
           std::function<void(Result<Answer>)> use);
  void drop() { core_.drop_request(request_); }
  bool pending() const { return request_ != 0; }

 private:
  Core& core_;
  uint64_t request_ = 0;
};

// The events of some ids.
class Watch {
 public:
  Watch(Core& core, Watcher& watcher) : core_(core), watcher_(watcher) {}
  ~Watch() { clear(); }
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

  void add(Key key);
  void remove(Key key);
  void clear();

 private:
  Core& core_;
  Watcher& watcher_;
  std::vector<Key> keys_;
};

// At most one prompt.
class Sound final : public Watcher {
 public:
  explicit Sound(Core& core) : core_(core), watch_(core, *this) {}
  ~Sound() override { stop(); }
  Sound(const Sound&) = delete;
  Sound& operator=(const Sound&) = delete;

  // `over` runs when it ends by itself or is ended by the switchboard, not by stop(). Never from inside.
  Result<void> play(const call::Audience& audience, call::PromptSpec spec,
                    std::function<void(call::PromptEnd)> over);
  void stop();
  void leave();  // plays on without an owner, until it ends or its room does
  bool playing() const { return prompt_.has_value(); }
  Consumed on_watched(const call::Event& event) override;

 private:
  Core& core_;
  Watch watch_;
  std::optional<call::PromptId> prompt_;
  std::function<void(call::PromptEnd)> over_;
};

// How long sending these takes: a digit and its gap 200 ms, w and p 500 ms, W a second.
milliseconds sending_time(const std::string& digits);

}  // namespace sotto::flow
