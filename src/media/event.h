#pragma once

#include <chrono>
#include <cstdint>
#include <variant>

#include "audio/machine_detector.h"
#include "base/time.h"
#include "base/variant.h"
#include "hearing/plan.h"

// What the media threads report. Plain values; handed to EventSink on the control thread by Engine::poll().
namespace sotto::media {

using hearing::LegId;
using hearing::PromptId;
using hearing::RoomId;
using hearing::TapId;

// The room's plan is at `revision` from this turn on. One for each delta, in order.
struct PlanApplied {
  RoomId room;
  uint64_t revision = 0;
  uint64_t turn = 0;  // of the room
  base::TimePoint at;
};

enum class PromptEndCause : uint8_t { Finished, Stopped, RoomClosed };
struct PromptEnded {
  PromptId prompt;
  PromptEndCause cause = PromptEndCause::Finished;
  std::chrono::milliseconds played{0};
  uint32_t underruns = 0;  // frames of silence because a stream had nothing
  base::TimePoint at;
};

enum class DigitSource : uint8_t { Event, InBand };
struct DigitHeard {
  LegId leg;
  char digit = 0;
  DigitSource source = DigitSource::Event;
  base::TimePoint at;
};
// The last of what Engine::send_digits() was given is out.
struct DigitsSent {
  LegId leg;
};

// What Engine::detect_machine() found; once for each.
struct MachineHeard {
  LegId leg;
  audio::MachineDetector::Verdict verdict = audio::MachineDetector::Verdict::Unknown;
  std::chrono::milliseconds after{0};
};

struct TalkChanged {
  LegId leg;
  bool talking = false;
  base::TimePoint at;
};

struct FirstMedia {  // the first packet of a configuration, from where replies now go
  LegId leg;
  base::TimePoint at;
};
struct MediaLost {
  LegId leg;
  base::TimePoint at;
};
struct MediaResumed {
  LegId leg;
  base::TimePoint at;
};

// A handshake is over: the leg's sound has keys, or will have none.
struct SecurityChanged {
  enum class State : uint8_t { Secured, Failed };
  LegId leg;
  State state = State::Secured;
};
// Packets of a source for which there is no decrypter yet; the engine's own affair.
struct SourceUnknown {
  LegId leg;
  uint32_t ssrc = 0;
};

struct LegStatistics {
  uint64_t packets_received = 0;
  uint64_t packets_lost = 0;
  uint64_t packets_late = 0;
  uint64_t underruns = 0;        // times that a leg without RTP had its sound break off
  uint64_t packets_refused = 0;  // from elsewhere, not RTP, of an unknown payload type
  uint64_t packets_sent = 0;
  uint64_t bytes_received = 0;
  uint64_t bytes_sent = 0;
  std::chrono::microseconds jitter{0};
  std::chrono::microseconds round_trip{0};  // 0: not known
  float far_loss = 0;                       // share of our packets that the far end reports lost
  // Mean opinion scores by the E-model, 1.0 to 4.5; 0: nothing to judge by.
  float opinion = 0;      // of what comes from the leg
  float far_opinion = 0;  // of what the leg hears, by its own reports
};
struct LegClosed {
  LegId leg;
  LegStatistics statistics;
};
struct LegMoved {
  LegId leg;
  RoomId room;
  base::TimePoint at;
};
struct StatisticsTaken {
  LegId leg;
  LegStatistics statistics;
};

// The plan asked for a cell outside a source's audience; it was dropped.
struct AudienceViolation {
  RoomId room;
  hearing::Listener listener;
  hearing::Source source;
};

// Of a room that is watched, five times a second: of legs that are heard, and once of one that has fallen
// silent. A pair whose packets go on untouched shows none in codecs other than G.711.
struct LevelMeasured {
  RoomId room;
  LegId leg;
  float level_db = 0;  // of full scale
};
// Of a room that is watched: who talks, and loudest where several do. An invalid leg: nobody.
struct SpeakerChanged {
  RoomId room;
  LegId leg;
  base::TimePoint at;
};

struct TapLost {  // a reader was too slow: this much is read as silence
  TapId tap;
  std::chrono::milliseconds lost{0};
};

// The tap has left a room for another one or for good; the engine's own affair.
struct TapLeft {
  TapId tap;
};

// The object has left its media thread for another one and comes with the report; the engine's own affair.
struct LegReleased {
  LegId leg;
};
struct TapReleased {
  TapId tap;
};

using Event = std::variant<std::monostate, PlanApplied, PromptEnded, DigitHeard, DigitsSent, TalkChanged,
                           FirstMedia, MediaLost, MediaResumed, LegClosed, LegMoved, StatisticsTaken,
                           AudienceViolation, TapLost, SecurityChanged, SourceUnknown, MachineHeard,
                           LevelMeasured, SpeakerChanged, TapLeft, LegReleased, TapReleased>;

// Whether somebody waits for it. Others may come a turn later, in company: each wakes the control thread.
inline bool is_urgent(const Event& event) {
  return base::is_one_of<PromptEnded, DigitHeard, MediaLost, AudienceViolation, SecurityChanged,
                         SourceUnknown, MachineHeard, TapLeft, LegReleased, TapReleased>(event);
}

class EventSink {
 public:
  virtual ~EventSink() = default;
  virtual void on_media_event(const Event& event) = 0;
};

}  // namespace sotto::media
