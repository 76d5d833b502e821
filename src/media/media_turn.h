#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "base/time.h"
#include "media/address.h"
#include "media/event.h"
#include "media/media_object.h"

// What code inside a media turn may touch. Such code is noexcept and takes the turn: only the graph makes
// one.
namespace sotto::media {

inline constexpr auto kFrameLength = std::chrono::milliseconds(20);
inline constexpr uint32_t kFramesPerSecond = 50;
inline constexpr size_t kFrameSamplesMax = 960;  // 48 kHz

// Where packets leave. A datagram is copied or sent before send() returns.
class Wire {
 public:
  virtual ~Wire() = default;
  // `socket` is what the leg was opened with. Without a `to`: where it is connected.
  virtual void send(int socket, const SocketAddress& to, std::span<const std::byte> datagram) noexcept = 0;
  // From now on the socket talks with `far` alone, which is cheaper; with an invalid address: with anybody.
  // False where the system refuses.
  virtual bool connect(int socket, const SocketAddress& far) noexcept = 0;
};

// What goes back to the control thread. A report that answers a command has a slot reserved; a notice has
// none and is dropped, and counted, when there is no room.
struct Report {
  Event event;
  bool answers = false;  // gives its command's slot back
  std::array<std::unique_ptr<MediaObject>, 2> freed;
};
class ReportQueue {
 public:
  virtual ~ReportQueue() = default;
  virtual void answer(Report&& report) noexcept = 0;
  virtual void notice(const Event& event) noexcept = 0;
};

struct GraphCounters {
  uint64_t turns = 0;
  uint64_t audience_violations = 0;
  uint64_t plan_faults = 0;
  uint64_t packets_forwarded = 0;
  uint64_t rooms_forwarding = 0;  // at present
};

// One room's sum while it is mixed, with its encodings: listeners of the same sound and codec share them.
struct SharedMix {
  static constexpr size_t kPayloadMax = kFrameSamplesMax * 2;
  std::array<int32_t, kFrameSamplesMax> sum{};
  std::array<int16_t, kFrameSamplesMax> samples{};
  bool saturated = false;
  struct Encoding {
    bool done = false;
    size_t size = 0;
    std::array<std::byte, kFrameSamplesMax> payload{};
  };
  std::array<Encoding, 2> encodings;  // PCMU, PCMA: codecs without memory
};

// Working memory of the turn, used by one room after the other.
struct Scratch {
  SharedMix shared;
  std::array<int32_t, kFrameSamplesMax> sum{};
  std::array<int16_t, kFrameSamplesMax> samples{};
  std::array<int16_t, kFrameSamplesMax> other{};
  std::array<std::byte, 1500> packet{};
  std::array<std::byte, 2048> opened{};  // what came, decrypted
};

class MediaTurn {
 public:
  MediaTurn(const MediaTurn&) = delete;

  base::TimePoint now() const noexcept { return now_; }
  Wire& wire() noexcept { return wire_; }
  Scratch& scratch() noexcept { return scratch_; }
  GraphCounters& counters() noexcept { return counters_; }
  void answer(Report&& report) noexcept { reports_.answer(std::move(report)); }
  void notice(const Event& event) noexcept { reports_.notice(event); }

 private:
  friend class Graph;
  MediaTurn(base::TimePoint now, Wire& wire, ReportQueue& reports, Scratch& scratch,
            GraphCounters& counters) noexcept
      : now_(now), wire_(wire), reports_(reports), scratch_(scratch), counters_(counters) {}

  const base::TimePoint now_;
  Wire& wire_;
  ReportQueue& reports_;
  Scratch& scratch_;
  GraphCounters& counters_;
};

}  // namespace sotto::media
