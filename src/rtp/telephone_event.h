#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "base/bytes.h"
#include "base/time.h"

// Digits as RTP events, RFC 4733. Fit for a media turn.
namespace sotto::rtp {

inline constexpr size_t kEventPayloadBytes = 4;

struct EventPayload {
  uint8_t event = 0;
  bool end = false;
  uint8_t volume = 10;    // dB below full scale, 0 to 63
  uint16_t duration = 0;  // in ticks of the stream's clock
};

std::optional<EventPayload> parse_event(base::ByteView payload) noexcept;
void write_event(const EventPayload& event, std::span<std::byte, kEventPayloadBytes> out) noexcept;

// Events 0 to 15 are 0-9 * # A-D. 0 for any other, and nothing for any other character.
char digit_of_event(uint8_t event) noexcept;
std::optional<uint8_t> event_of_digit(char digit) noexcept;

// Makes one beginning and one end of each event out of what arrives: packets lost, repeated, late or without
// a marker.
class EventReceiver {
 public:
  struct Change {
    enum class Kind : uint8_t { Began, Ended } kind;
    uint8_t event;
    uint32_t duration;  // in ticks, as far as it is known
  };
  // What one packet or one look at the clock brings: at most the end of one event, then begin and end of
  // another.
  struct Changes {
    std::array<Change, 3> items;
    size_t count = 0;
    const Change* begin() const noexcept { return items.data(); }
    const Change* end() const noexcept { return items.data() + count; }
  };

  explicit EventReceiver(uint32_t clock_rate_hz) noexcept : clock_rate_hz_(clock_rate_hz) {}

  Changes on_packet(uint32_t timestamp, bool marker, const EventPayload& payload,
                    base::TimePoint now) noexcept;
  // Once a turn: ends an event whose end was lost.
  Changes on_time(base::TimePoint now) noexcept;
  bool sounding() const noexcept { return sounding_; }

 private:
  bool continues(uint32_t timestamp, bool marker, const EventPayload& payload) const noexcept;
  void finish(Changes& changes) noexcept;

  const uint32_t clock_rate_hz_;
  bool started_ = false;   // any event was seen: the fields below name the newest
  bool sounding_ = false;  // and it has not ended
  uint8_t event_ = 0;
  uint32_t timestamp_ = 0;  // of the newest segment
  uint32_t earlier_ = 0;    // duration of the segments before it
  uint32_t duration_ = 0;   // of the newest segment
  base::TimePoint last_packet_{};
};

// Sends digits in place of sound, one after the other. A turn that gets a packet from step() sends it and no
// sound.
class EventSender {
 public:
  static constexpr size_t kQueueMax = 64;

  struct Packet {
    std::array<std::byte, kEventPayloadBytes> payload;
    uint32_t timestamp = 0;  // that of the event's beginning
    bool marker = false;
  };

  explicit EventSender(uint32_t clock_rate_hz) noexcept : clock_rate_hz_(clock_rate_hz) {}

  // False when the queue is full. A gap is kept free of events after it.
  bool queue(uint8_t event, base::Duration length, base::Duration gap) noexcept;
  // Forgets what waits and ends what sounds at the next step.
  void stop() noexcept;
  // Once a frame, with the timestamp at its beginning; nothing where the frame carries sound.
  std::optional<Packet> step(uint32_t timestamp, uint32_t frame_ticks) noexcept;
  bool idle() const noexcept { return !sending_ && gap_left_ == 0 && queued_ == taken_; }

 private:
  struct Item {
    uint8_t event = 0;
    uint32_t length = 0;
    uint32_t gap = 0;
  };
  static constexpr int kEndPackets = 3;  // RFC 4733 §2.5.1.4

  void begin(uint32_t timestamp) noexcept;

  const uint32_t clock_rate_hz_;
  std::array<Item, kQueueMax> queue_{};
  size_t queued_ = 0;
  size_t taken_ = 0;
  bool sending_ = false;
  bool fresh_ = false;  // the next packet is the event's first
  Item item_;
  uint32_t segment_timestamp_ = 0;
  uint32_t elapsed_ = 0;          // ticks of the whole event
  uint32_t segment_elapsed_ = 0;  // ticks of the present segment
  int ends_left_ = 0;
  uint32_t gap_left_ = 0;
};

}  // namespace sotto::rtp
