#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "base/result.h"
#include "base/time.h"
#include "hearing/plan.h"
#include "media/event.h"
#include "media/leg_rings.h"
#include "media/leg_settings.h"
#include "media/playlist.h"
#include "media/tap_ring.h"

// The media engine from the control thread's side. Every call prepares what a media thread needs, sends it
// over a ring and returns at once; what came of it arrives as an Event from poll().
namespace sotto::media {

struct EngineSettings {
  static constexpr size_t kThreadsMax = 16;

  std::string bind_ip = "0.0.0.0";
  std::string advertised_ip;  // what SDP should say; empty: bind_ip
  uint16_t port_min = 20'000;
  uint16_t port_max = 29'999;
  uint32_t room_rate_hz = 8000;     // of rooms opened without a rate of their own: 8,000, 16,000 or 48,000
  size_t threads = 1;               // media threads; a room lives on one of them. 1 to kThreadsMax
  int media_cpu = -1;               // pin the first media thread to this one, the others to those that
                                    // follow; -1: anywhere
  bool real_time_priority = false;  // where this process has the right to it
};

// Of the machine's, those that this process may use.
size_t usable_processors();
// How many media threads where nobody says: one for each processor, but four are plenty.
size_t default_threads(size_t processors);

// Where a leg's far end sends to. RTCP is on the next port.
struct LocalPorts {
  std::string ip;  // the advertised one
  uint16_t rtp = 0;
  uint16_t rtcp = 0;
};

// Log-scale counts: bucket i holds turns of under 2^i microseconds.
struct TurnHistogram {
  static constexpr size_t kBuckets = 18;
  uint64_t counts[kBuckets] = {};
};

struct EngineCounters {
  uint64_t turns = 0;
  uint64_t turns_late = 0;  // begun over 5 ms behind their time
  uint64_t audience_violations = 0;
  uint64_t plan_faults = 0;  // a plan named what is not there
  uint64_t events_dropped = 0;
  uint64_t packets_received = 0;
  uint64_t packets_sent = 0;
  uint64_t sends_failed = 0;
  uint64_t packets_forwarded = 0;  // untouched, on arrival
  uint64_t rooms_forwarding = 0;   // at present
  uint64_t turn_time_us = 0;       // all turns together
  TurnHistogram turn_time;

  EngineCounters& operator+=(const EngineCounters& other);
};

// Control thread only, but for event_fd()'s readiness.
class Engine {
 public:
  // Starts the media threads. `sink` outlives the engine and is called from poll() only. Fails on addresses
  // that cannot be bound, on a port range without an even port, and on processors that are not there.
  static Result<std::unique_ptr<Engine>> start(const EngineSettings& settings, EventSink& sink);
  virtual ~Engine() = default;  // closes everything; events not polled by then are lost

  virtual int event_fd() const = 0;  // readable when poll() has something to do
  virtual void poll() = 0;

  // ---- rooms. The first delta of a room opens it at the engine's rate.
  virtual void open_room(RoomId room, uint32_t rate_hz) = 0;
  // Taken up at the start of one of the room's next turns. A delta that takes audibility away waits for
  // nothing; one that adds may wait for the media thread to catch up. Each is answered by PlanApplied.
  virtual void apply(const hearing::PlanDelta& delta) = 0;
  // Tells of LevelMeasured and SpeakerChanged from now on, or no more.
  virtual void watch_levels(RoomId room, bool on) = 0;
  // Its prompts end, its taps close. Legs still in it fall silent until they are moved.
  virtual void close_room(RoomId room) = 0;

  // ---- legs. Every leg is in one room, from the start; what it hears there is the plan's business.
  // Binds a port pair. Exhausted: no pair is free.
  virtual Result<LocalPorts> open_leg(LegId leg, RoomId room) = 0;
  // The outcome of an offer and answer; again for each re-INVITE. The timeline sent goes on.
  virtual Result<void> configure_leg(LegId leg, const LegSettings& settings) = 0;
  // Instead of RTP: the leg's sound goes through rings from now on, as mono samples at `rate_hz`: 8,000,
  // 16,000, 24,000 or 48,000. Its ports are given back.
  virtual Result<RingEnds> attach_rings(LegId leg, uint32_t rate_hz) = 0;
  // Of our certificate, for a description that offers or answers DTLS: "sha-256 AA:BB...". Empty: there is
  // none.
  virtual std::string dtls_fingerprint() = 0;
  virtual void move_leg(LegId leg, RoomId to) = 0;
  // 0-9 A-D * #, and pauses: w and p half a second, W a second. Queued behind digits not yet sent.
  virtual Result<void> send_digits(LegId leg, const std::string& digits) = 0;
  // Listens to who has answered from now on: MachineHeard.
  virtual Result<void> detect_machine(LegId leg, const audio::MachineRules& rules) = 0;
  virtual void ask_statistics(LegId leg) = 0;  // StatisticsTaken
  virtual void close_leg(LegId leg) = 0;       // LegClosed; its ports rest before they are given out again

  // ---- prompts. One begins to play once the room's plan has it, and ends with PromptEnded.
  virtual void start_prompt(PromptId prompt, RoomId room, Playlist playlist) = 0;
  virtual void stop_prompt(PromptId prompt) = 0;

  // ---- taps. `channels` as in the plan; samples come at the room's rate, from the first turn on.
  virtual std::unique_ptr<TapReader> open_tap(TapId tap, RoomId room, uint16_t channels) = 0;
  // Goes on in another room, between the two rooms' deltas. A room of another rate ends it.
  virtual void move_tap(TapId tap, RoomId to) = 0;
  virtual void pause_tap(TapId tap, bool paused) = 0;
  virtual void close_tap(TapId tap) = 0;

  virtual EngineCounters counters() const = 0;  // of all threads together
};

}  // namespace sotto::media
