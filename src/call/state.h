#pragma once

#include <map>
#include <memory>
#include <unordered_map>
#include <vector>

#include "call/switchboard.h"
#include "hearing/derive.h"

// The switchboard's tables and the turn that every public call runs in. Private to this folder.
namespace sotto::call {

class Switchboard::State {
 public:
  State(Signalling& signalling_port, Media& media_port, base::Timers& timer_wheel, const base::Clock& time,
        base::Random& randomness)
      : signalling(signalling_port),
        media(media_port),
        timers(timer_wheel),
        clock(time),
        random{randomness} {}
  ~State();

  struct LegEntry final : base::TimerSink {
    enum Timer : uint64_t { Ring, Limit };

    LegEntry(State& owner, Leg value) : state(owner), leg(std::move(value)) {}
    void on_timer(uint64_t token) override { state.on_leg_timer(*this, static_cast<Timer>(token)); }

    State& state;
    Leg leg;
    base::TimerId ring_timer = base::TimerId::None;
    base::TimerId limit_timer = base::TimerId::None;
  };
  struct RoomEntry {
    Room room;
    bool kept = false;
    uint64_t revision = 0;
    bool dirty = false;
    std::string cause;  // of the next plan
  };
  struct PromptEntry {
    RoomId room;
    std::optional<LegId> only;
  };
  struct RecordingEntry {
    RecordingInfo info;
    TapId tap;
    bool ending = false;
  };
  struct TapEntry {  // a recogniser or a stream
    LegId leg;
    bool stream = false;
    bool both_ways = false;
    std::vector<hearing::TapView> views;
    std::optional<PromptId> inflow;
  };
  struct SentPlan {
    std::shared_ptr<const hearing::PlanDelta> delta;
    std::string cause;
  };

  // One public call, or one delivered event. The outermost one sends plans and delivers events before it
  // returns.
  class Turn {
   public:
    explicit Turn(State& state) : state_(state) { state_.begin_turn(); }
    ~Turn() { state_.end_turn(); }
    Turn(const Turn&) = delete;

   private:
    State& state_;
  };

  void begin_turn() { ++depth; }
  void end_turn() {
    if (depth == 1) settle();
    --depth;
  }
  void settle();
  void send_plans();
  void forget_ended();

  void emit(What what, const Leg* leg, std::optional<RoomId> room = std::nullopt);
  LegEntry* find(LegId id);
  RoomEntry* find(RoomId id);
  Result<LegEntry*> live(LegId id);  // NotFound, or Conflict if it has ended
  Result<LegEntry*> answered(LegId id);

  // legs.cpp
  LegEntry& insert_leg(Leg leg, std::optional<RoomId> room);
  bool set_state(LegEntry& entry, LegState next);
  void finish(LegEntry& entry, EndReason reason);
  void on_leg_timer(LegEntry& entry, LegEntry::Timer timer);

  // rooms.cpp
  RoomEntry& make_room(RoomOptions options);
  void touch(RoomEntry& entry, std::string_view cause);
  void enter(LegEntry& entry, RoomEntry& room);
  void leave(LegEntry& entry, bool moving);
  void transfer(LegEntry& entry, RoomEntry& to);
  void close_if_empty(RoomId room);
  hearing::Facts facts_of(const Room& room) const;
  bool set_fact(LegEntry& entry, hearing::Member changed, std::string_view cause);

  // supervision.cpp
  void target_left(LegId target, RoomId from, std::optional<RoomId> to);
  void drop_supervision(LegId supervisor);

  // sounds.cpp
  PromptId start_prompt(RoomEntry& room, std::optional<LegId> only, PromptSpec spec);
  void restart_inflows(const LegEntry& entry);
  void end_prompt(PromptId prompt, PromptEnd how, std::string detail);
  void end_prompts_of(LegId leg, RoomId room);
  void end_prompts_in(RoomId room);
  void retap(RoomEntry& room);
  void end_taps_of(LegId leg);
  void end_recordings_in(RoomId room);
  std::vector<hearing::TapView> views_of(const RecordingEntry& entry, const Room& room) const;

  Signalling& signalling;
  Media& media;
  base::Timers& timers;
  const base::Clock& clock;
  base::Random& random;
  const SupervisionPolicy* policy = nullptr;
  std::vector<EventSink*> sinks;

  int depth = 0;
  bool draining = false;
  uint64_t next_sequence = 1;
  std::vector<Event> queue;  // of the present turn
  size_t delivered = 0;      // of the queue; those stand there empty

  // References into node-based maps stay valid while the entry lives.
  std::unordered_map<LegId, LegEntry> legs;
  std::unordered_map<CallId, std::vector<LegId>> legs_by_call;  // in order of creation
  std::vector<LegId> ended;                                     // kept readable until the turn is over
  std::unordered_map<CallId, size_t> live_by_call;
  std::unordered_map<RoomId, RoomEntry> rooms;
  std::unordered_map<std::string, RoomId> room_names;
  std::vector<RoomId> dirty_rooms;
  std::unordered_map<PromptId, PromptEntry> prompts;
  std::unordered_map<RecordingId, RecordingEntry> recordings;
  std::unordered_map<TapId, TapEntry> taps;
  std::map<std::pair<RoomId, uint64_t>, SentPlan> sent;
};

}  // namespace sotto::call
