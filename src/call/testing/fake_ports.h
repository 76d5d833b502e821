#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/check.h"
#include "call/switchboard.h"
#include "hearing/derive.h"

// Fakes for the ports of the core, and a world that owns them: virtual time, a seeded random, everything
// recorded.
namespace sotto::call::testing {

struct FakeSignalling final : Signalling {
  void dial(const DialRequest& request) override { dialled.push_back(request); }
  void progress(LegId leg, Progress progress) override { progressed.emplace_back(leg, progress); }
  void answer(LegId leg) override { answered.push_back(leg); }
  void hang_up(LegId leg, const EndReason& reason) override { hung_up.emplace_back(leg, reason); }
  void refer(LegId leg, const Address& target, const base::HeaderFields&) override {
    referred.emplace_back(leg, target);
  }
  void accept_refer(LegId leg) override { refer_answers.emplace_back(leg, 202); }
  void refuse_refer(LegId leg, int sip_code) override { refer_answers.emplace_back(leg, sip_code); }
  void report_refer(LegId leg, int sip_code) override { refer_reports.emplace_back(leg, sip_code); }

  std::vector<DialRequest> dialled;
  std::vector<std::pair<LegId, Progress>> progressed;
  std::vector<LegId> answered;
  std::vector<std::pair<LegId, EndReason>> hung_up;
  std::vector<std::pair<LegId, Address>> referred;
  std::vector<std::pair<LegId, int>> refer_answers;
  std::vector<std::pair<LegId, int>> refer_reports;
};

// Keeps each room's plan as the media thread would have it, and what plays.
struct FakeMedia final : Media {
  void open_leg(LegId leg, RoomId room) override { place[leg] = room; }
  void close_leg(LegId leg) override { place.erase(leg); }
  void apply(const hearing::PlanDelta& delta) override {
    hearing::Plan& plan = plans[delta.room];
    plan.room = delta.room;
    hearing::apply(plan, delta);
    unconfirmed.emplace_back(delta.room, delta.to);
  }
  void move_leg(LegId leg, RoomId, RoomId to) override { place[leg] = to; }
  void close_room(RoomId room) override { plans.erase(room); }
  void watch_speakers(RoomId room) override { watched.push_back(room); }
  void start_prompt(const PromptStart& start) override { playing[start.prompt] = start; }
  void stop_prompt(PromptId prompt) override { playing.erase(prompt); }
  void start_recording(const RecordingStart& start) override { recording[start.recording] = start; }
  void pause_recording(RecordingId, bool) override {}
  void stop_recording(RecordingId id) override { stopped_recordings.push_back(id); }
  void send_digits(LegId leg, const std::string& digits) override { digits_sent[leg] += digits; }
  void detect_machine(LegId leg, const MachineDetection&) override { detecting.push_back(leg); }
  void start_recognition(LegId, TapId tap, const RecognitionSpec&) override { recognising.push_back(tap); }
  void stop_recognition(TapId tap) override { std::erase(recognising, tap); }
  void start_stream(LegId, TapId tap, const StreamSpec& spec) override { streams[tap] = spec; }
  void stop_stream(TapId tap) override { streams.erase(tap); }

  std::map<RoomId, hearing::Plan> plans;
  std::vector<std::pair<RoomId, uint64_t>> unconfirmed;
  std::map<LegId, RoomId> place;
  std::vector<RoomId> watched;
  std::map<PromptId, PromptStart> playing;
  std::map<RecordingId, RecordingStart> recording;
  std::vector<RecordingId> stopped_recordings;
  std::map<LegId, std::string> digits_sent;
  std::vector<LegId> detecting;
  std::vector<TapId> recognising;
  std::map<TapId, StreamSpec> streams;
};

struct EventLog final : EventSink {
  void on_event(const Event& event) override { events.push_back(event); }

  template <typename Kind>
  std::vector<Event> of() const {
    std::vector<Event> found;
    for (const Event& event : events) {
      if (std::holds_alternative<Kind>(event.what)) found.push_back(event);
    }
    return found;
  }
  template <typename Kind>
  size_t count(LegId leg) const {
    size_t total = 0;
    for (const Event& event : events)
      total += event.leg == leg && std::holds_alternative<Kind>(event.what) ? 1 : 0;
    return total;
  }
  std::vector<Event> events;
};

class World {
 public:
  explicit World(uint64_t seed = 1) : random{seed} { switchboard.add_sink(log); }

  // Moves time on in steps no longer than the next timer, confirming plans and finishing stopped recordings.
  void advance(base::Duration step) {
    const base::TimePoint target = clock.now() + step;
    pump();
    while (true) {
      const auto due = timers.next_due();
      if (!due || *due > target) break;
      clock.set(std::max(*due, clock.now()));
      timers.advance(clock.now());
      pump();
    }
    clock.set(target);
    timers.advance(target);
    pump();
  }

  // What the media thread would report by now; nothing while it is too busy for that.
  void pump() {
    if (media_stalls) return;
    while (!media.unconfirmed.empty() || !media.stopped_recordings.empty()) {
      for (const auto& [room, revision] : std::exchange(media.unconfirmed, {})) {
        switchboard.on_plan_applied(room, revision, clock.now());
      }
      for (const RecordingId id : std::exchange(media.stopped_recordings, {})) {
        RecordingInfo info;
        info.id = id;
        info.path = base::to_hex(id) + ".wav";
        switchboard.on_recording_ended(info);
      }
    }
  }

  LegId inbound(const std::string& from, const std::string& to) {
    OfferedLeg offered;
    offered.leg = LegId::make(random);
    offered.from = {Address::Kind::Number, from, {}};
    offered.to = {Address::Kind::Number, to, {}};
    switchboard.on_offered(offered);
    return offered.leg;
  }
  LegId outbound(const std::string& to) {
    NewLeg leg;
    leg.to = {Address::Kind::Number, to, {}};
    return *switchboard.dial(leg);
  }
  // An inbound leg, answered and driven.
  LegId talking(const std::string& from) {
    const LegId leg = inbound(from, "100");
    must(switchboard.answer(leg).has_value());
    must(switchboard.set_driven(leg, true).has_value());
    return leg;
  }
  // As the media thread would mix it now.
  bool hears(LegId listener, LegId source) const { return gain(listener, hearing::Source(source)) > 0; }
  bool hears(LegId listener, PromptId source) const { return gain(listener, hearing::Source(source)) > 0; }
  float gain(LegId listener, const hearing::Source& source) const {
    for (const auto& [room, plan] : media.plans) {
      for (const hearing::PlanMember& member : plan.members) {
        if (member.leg == listener) return hearing::gain(plan, listener, source);
      }
    }
    return 0;
  }

  bool media_stalls = false;
  base::FakeClock clock;
  base::SeededRandom random;
  base::Timers timers{clock.now()};
  FakeSignalling signalling;
  FakeMedia media;
  EventLog log;
  Switchboard switchboard{signalling, media, timers, clock, random};

 private:
  static void must(bool ok) { CHECK(ok); }
};

}  // namespace sotto::call::testing
