#include "rtp/telephone_event.h"

#include <algorithm>
#include <string_view>

namespace sotto::rtp {
namespace {

constexpr std::string_view kDigits = "0123456789*#ABCD";
constexpr uint32_t kSegmentMax = 0xFFFF;  // RFC 4733 §2.5.1.3: a longer event goes on in another segment
constexpr auto kEndLostAfter = std::chrono::milliseconds(200);
// Senders that give every packet a timestamp of its own stay within this of the last packet's end.
constexpr uint32_t kContinuationGapMs = 60;

uint32_t ticks_of(base::Duration length, uint32_t clock_rate_hz) {
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(length).count();
  return static_cast<uint32_t>(std::clamp<int64_t>(ms, 0, 60'000) * clock_rate_hz / 1000);
}

bool is_before(uint32_t left, uint32_t right) {
  return static_cast<int32_t>(left - right) < 0;
}

void append(EventReceiver::Changes& changes, EventReceiver::Change change) {
  changes.items[changes.count++] = change;
}

}  // namespace

std::optional<EventPayload> parse_event(base::ByteView payload) noexcept {
  base::ByteReader reader(payload);
  EventPayload event;
  event.event = reader.u8();
  const uint8_t flags = reader.u8();
  event.end = (flags & 0x80) != 0;
  event.volume = flags & 0x3F;
  event.duration = reader.u16();
  if (reader.failed()) return std::nullopt;
  return event;
}

void write_event(const EventPayload& event, std::span<std::byte, kEventPayloadBytes> out) noexcept {
  base::ByteWriter writer(out);
  writer.u8(event.event);
  writer.u8(static_cast<uint8_t>((event.end ? 0x80 : 0) | (event.volume & 0x3F)));
  writer.u16(event.duration);
}

char digit_of_event(uint8_t event) noexcept {
  return event < kDigits.size() ? kDigits[event] : '\0';
}

std::optional<uint8_t> event_of_digit(char digit) noexcept {
  if (digit >= 'a' && digit <= 'd') digit = static_cast<char>(digit - 'a' + 'A');
  const size_t index = kDigits.find(digit);
  if (index == std::string_view::npos) return std::nullopt;
  return static_cast<uint8_t>(index);
}

void EventReceiver::finish(Changes& changes) noexcept {
  if (!sounding_) return;
  sounding_ = false;
  append(changes, {Change::Kind::Ended, event_, earlier_ + duration_});
}

// Whether a packet with another timestamp goes on with the event that sounds.
bool EventReceiver::continues(uint32_t timestamp, bool marker, const EventPayload& payload) const noexcept {
  if (!sounding_ || marker || payload.event != event_) return false;
  const uint32_t step = timestamp - timestamp_;
  return step <= duration_ + clock_rate_hz_ * kContinuationGapMs / 1000;
}

EventReceiver::Changes EventReceiver::on_packet(uint32_t timestamp, bool marker, const EventPayload& payload,
                                                base::TimePoint now) noexcept {
  Changes changes;
  if (started_ && is_before(timestamp, timestamp_)) return changes;  // late: of an event that is over
  const bool same = started_ && timestamp == timestamp_ && payload.event == event_;
  if (same && !sounding_) return changes;  // its end was sent three times
  if (!same && continues(timestamp, marker, payload)) {
    earlier_ += timestamp - timestamp_;
    timestamp_ = timestamp;
    duration_ = payload.duration;
  } else if (!same) {
    finish(changes);
    started_ = true;
    sounding_ = true;
    event_ = payload.event;
    timestamp_ = timestamp;
    earlier_ = 0;
    duration_ = payload.duration;
    append(changes, {Change::Kind::Began, event_, duration_});
  }
  duration_ = std::max<uint32_t>(duration_, payload.duration);
  last_packet_ = now;
  if (payload.end) finish(changes);
  return changes;
}

EventReceiver::Changes EventReceiver::on_time(base::TimePoint now) noexcept {
  Changes changes;
  if (sounding_ && now - last_packet_ > kEndLostAfter) finish(changes);
  return changes;
}

bool EventSender::queue(uint8_t event, base::Duration length, base::Duration gap) noexcept {
  if (queued_ - taken_ == kQueueMax) return false;
  queue_[queued_++ % kQueueMax] = {event, ticks_of(length, clock_rate_hz_), ticks_of(gap, clock_rate_hz_)};
  return true;
}

void EventSender::stop() noexcept {
  taken_ = queued_;
  if (sending_) item_.length = elapsed_;
}

void EventSender::begin(uint32_t timestamp) noexcept {
  item_ = queue_[taken_++ % kQueueMax];
  sending_ = true;
  fresh_ = true;
  segment_timestamp_ = timestamp;
  elapsed_ = 0;
  segment_elapsed_ = 0;
  ends_left_ = 0;
}

std::optional<EventSender::Packet> EventSender::step(uint32_t timestamp, uint32_t frame_ticks) noexcept {
  if (gap_left_ > 0) {
    gap_left_ -= std::min(gap_left_, frame_ticks);
    return std::nullopt;
  }
  if (!sending_) {
    if (queued_ == taken_) return std::nullopt;
    begin(timestamp);
  }
  if (ends_left_ == 0) {
    if (segment_elapsed_ + frame_ticks > kSegmentMax) {
      segment_timestamp_ += segment_elapsed_;
      segment_elapsed_ = 0;
    }
    elapsed_ += frame_ticks;
    segment_elapsed_ += frame_ticks;
    if (elapsed_ >= item_.length) ends_left_ = kEndPackets;
  }
  Packet packet{.payload = {}, .timestamp = segment_timestamp_, .marker = fresh_};
  fresh_ = false;
  write_event(
      {.event = item_.event, .end = ends_left_ > 0, .duration = static_cast<uint16_t>(segment_elapsed_)},
      packet.payload);
  if (ends_left_ > 0 && --ends_left_ == 0) {
    sending_ = false;
    gap_left_ = item_.gap;
  }
  return packet;
}

}  // namespace sotto::rtp
