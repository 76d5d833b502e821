// What a leg does in a plain pair, whose packets go on as they come.
#include <algorithm>
#include <cstring>

#include "audio/g711.h"
#include "audio/mix.h"
#include "base/limits.h"
#include "media/media_leg.h"

namespace sotto::media {
namespace {

using namespace std::chrono_literals;

constexpr int kPlainTurns = 10;         // 200 ms
constexpr int kPlainTurnsSettled = 50;  // where the codec has a memory of its own, which is to be full
constexpr size_t kMemorylessFrames = 2;
constexpr auto kFlowGapMax = 100ms;  // without a packet: a pair is mixed again
constexpr auto kEventRest = 1s;      // after a digit, before a pair is forwarded again
constexpr int kBridgingFrames = 5;   // made up at most, from forwarding to mixing
constexpr int kReorderMax = 64;
constexpr int32_t kTicksBackMax = 48'000;
constexpr size_t kTalkSamples = 40;
constexpr auto kEarlyMax = 10ms;  // as for a mixed leg
constexpr size_t kForwardedBytesMax = base::limits::kRtpPacketBytesMax - rtp::kHeaderBytes;
constexpr size_t kEncoderFrames =
    3;  // an encoder knows what it has written: it settles sooner than a decoder

}  // namespace

bool MediaLeg::may_forward_to(const MediaLeg& other, base::TimePoint now) const noexcept {
  if (path_ == nullptr || other.path_ == nullptr || rings_ != nullptr || other.rings_ != nullptr)
    return false;
  if (ear_ != nullptr && !ear_->done) return false;
  const LegPath& path = *path_;
  if (path.codec != other.path_->codec || path.detector != nullptr || path.decoded_count > 0) return false;
  return may_receive() && latched_ && !lost_ && path.jitter->flows() && now - last_packet_ < kFlowGapMax &&
         now - last_event_ > kEventRest && other.may_send() &&
         (!other.path_->secure || other.security_ != nullptr) && !other.sends_digits() && other.frames_ >= 0;
}

int MediaLeg::plain_turns_min() const noexcept {
  return path_->codec->frames_to_settle > kMemorylessFrames ? kPlainTurnsSettled : kPlainTurns;
}

bool MediaLeg::in_step(base::TimePoint now) const noexcept {
  const base::Duration ahead = timeline_start_ + frames_ * kFrameLength - now;
  return ahead <= kEarlyMax && ahead > -kFrameLength;
}

void MediaLeg::start_forwarding(MediaTurn& turn, MediaLeg& other) noexcept {
  forward_to_ = &other;
  forward_started_ = false;
  forward_timestamp_offset_ = other.timestamp_ - path_->jitter->next_timestamp();
  other.last_forwarded_ = turn.now();
  rtp::JitterBuffer::Taken taken;
  std::array<std::byte, base::limits::kRtpPacketBytesMax> scratch;
  for (size_t i = 0; i < rtp::JitterBuffer::kPacketsMax && path_->jitter->take_first(taken, scratch); ++i) {
    forward_payload(turn, taken.sequence_number, taken.timestamp, taken.ticks, taken.payload);
  }
}

void MediaLeg::stop_forwarding(MediaTurn& turn) noexcept {
  if (forward_to_ == nullptr) return;
  MediaLeg& other = *forward_to_;
  forward_to_ = nullptr;
  // What `other` is sent goes on a frame after what it was sent last.
  other.timeline_start_ = other.last_forwarded_ + kFrameLength;
  other.frames_ = 0;
  path_->jitter->restart_playing();
  if (catch_up(turn, &other)) bridging_frames_ = kBridgingFrames;
}

// Where the far end's decoder is, the encoder must be, too: it is as much ahead of that as its own way is
// long.
bool MediaLeg::catch_up(MediaTurn& turn, MediaLeg* listener) noexcept {
  LegPath& path = *path_;
  if (path.last_payloads->empty()) return false;
  const std::span<int16_t> heard = path.decoded;
  size_t count = 0;
  path.last_payloads->take([&](base::ByteView payload, size_t left) noexcept {
    const size_t samples =
        size_t{path.codec->ticks_of(payload)} * path.sample_rate_hz / path.codec->clock_rate_hz;
    if (left >= kEncoderFrames || count + samples > heard.size()) count = 0;
    count += path.decoder->decode(payload, heard.subspan(count));
  });
  if (listener == nullptr) return true;
  const size_t ahead = std::min(way_round(*listener), heard.size() - count);
  if (ahead > 0) path.decoder->bridge(heard.subspan(count, ahead));
  count += ahead;
  for (size_t at = count % path.frame_samples; at < count; at += path.frame_samples) {
    std::copy_n(heard.begin() + static_cast<ptrdiff_t>(at), path.frame_samples,
                path.adapter->codec_frame.begin());
    listener->rehearse(turn, std::span(to_room_rate(), path.adapter->room_frame.size()));
  }
  return true;
}

// By samples, in samples of the codec.
size_t MediaLeg::way_round(const MediaLeg& listener) const noexcept {
  size_t delay = listener.path_->encoder->delay_samples();
  if (path_->adapter->to_room) delay += path_->adapter->to_room->delay_in();
  if (listener.path_->adapter->to_codec) delay += listener.path_->adapter->to_codec->delay_out();
  return delay;
}

bool MediaLeg::ready_to_run_over(MediaLeg& other) noexcept {
  LegPath& path = *path_;
  const size_t ahead = other.path_->encoder->delay_samples();
  if (path.decoded_count > 0 || path.frame_samples + ahead > path.decoded.size()) return false;
  std::copy_n(path.adapter->codec_frame.begin(), path.frame_samples, path.decoded.begin());
  if (ahead > 0) path.decoder->bridge(std::span(path.decoded).subspan(path.frame_samples, ahead));
  return true;
}

void MediaLeg::run_over(MediaTurn& turn, MediaLeg& other, std::span<const int16_t> said) noexcept {
  const size_t count = path_->frame_samples;
  const int16_t* const ahead = path_->decoded.data() + other.path_->encoder->delay_samples();
  const std::span<const int16_t> round = other.to_codec_rate(said);
  const std::span<int16_t> out = std::span(turn.scratch().other).first(count);
  for (size_t i = 0; i < count; ++i) {
    const auto weight = static_cast<int32_t>(std::min(i * 2, count) * 1024 / count);
    out[i] = static_cast<int16_t>((round[i] * (1024 - weight) + ahead[i] * weight) / 1024);
  }
  other.encode_and_send(turn, out);
}

// As push(), but what comes of it is not sent: the far end has heard it already.
void MediaLeg::rehearse(MediaTurn& turn, std::span<const int16_t> samples) noexcept {
  path_->encoder->encode(to_codec_rate(samples), turn.scratch().packet);
}

bool MediaLeg::tend_forwarding(MediaTurn& turn) noexcept {
  const base::TimePoint now = turn.now();
  watch(turn);
  send_report(turn);
  if (events_) report_events(turn, events_->on_time(now));
  return forward_to_ != nullptr && !sends_digits() && !lost_ && may_send() && may_receive() &&
         now - last_forwarded_ < kFlowGapMax && now - last_event_ > kEventRest;
}

// False: not as it was agreed on; the jitter buffer is to see it.
bool MediaLeg::forward(MediaTurn& turn, const rtp::Packet& packet) noexcept {
  const rtp::Header& header = packet.header;
  const uint32_t ticks = path_->codec->ticks_of(packet.payload);
  if (ticks == 0) return false;
  if (!path_->jitter->pass(header, turn.now())) return false;
  forward_payload(turn, header.sequence_number, header.timestamp, ticks, packet.payload);
  note_talk_of(turn, packet.payload);
  return true;
}

void MediaLeg::forward_payload(MediaTurn& turn, uint16_t sequence_number, uint32_t timestamp, uint32_t ticks,
                               base::ByteView payload) noexcept {
  MediaLeg& to = *forward_to_;
  if (!forward_started_)
    forward_sequence_offset_ = static_cast<uint16_t>(to.sequence_number_ - sequence_number);
  forward_started_ = true;
  const auto number = static_cast<uint16_t>(sequence_number + forward_sequence_offset_);
  const uint32_t time = timestamp + forward_timestamp_offset_;
  const auto ahead = static_cast<int16_t>(number - to.sequence_number_);
  if (ahead < -kReorderMax || ahead > kReorderMax || payload.size() > kForwardedBytesMax ||
      static_cast<int32_t>(time - to.timestamp_) < -kTicksBackMax)
    return;
  const uint16_t next = to.sequence_number_;
  to.sequence_number_ = number;
  to.send_packet(turn, to.path_->settings.payload_type, time, to.marker_, payload);
  if (ahead < 0) {
    to.sequence_number_ = next;
  } else {
    to.timestamp_ = time + ticks;
    to.last_forwarded_ = turn.now();
    path_->last_payloads->keep(payload);
  }
  ++turn.counters().packets_forwarded;
}

// A quarter of the samples tells as much. Other codecs would have to be decoded for it.
void MediaLeg::note_talk_of(MediaTurn& turn, base::ByteView payload) noexcept {
  if (!has_samples_for_bytes()) return;
  const bool ulaw = path_->codec->id == audio::CodecId::Pcmu;
  std::array<std::byte, kTalkSamples> some;
  std::array<int16_t, kTalkSamples> samples;
  const size_t count = std::min(payload.size() / 4, some.size());
  for (size_t i = 0; i < count; ++i) some[i] = payload[i * 4];
  (ulaw ? audio::ulaw_decode : audio::alaw_decode)(std::span(some).first(count), samples);
  note_talk(turn, audio::mean_magnitude(std::span(samples).first(count)));
}

}  // namespace sotto::media
