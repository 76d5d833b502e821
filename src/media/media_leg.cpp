#include "media/media_leg.h"

#include <algorithm>
#include <cstring>

#include "audio/g711.h"
#include "audio/mix.h"
#include "base/limits.h"
#include "base/prefetch.h"

namespace sotto::media {
namespace {

using namespace std::chrono_literals;

constexpr uint8_t kComfortNoise = 13;
constexpr auto kSourceRest = 200ms;
constexpr auto kFarewell = 1s;  // of a source that another place was named for: its last packets
constexpr int kPopsAFrameMax = 8;
constexpr int32_t kTalkLevel = 200;  // mean magnitude, about -45 dB
constexpr int kTalkFrames = 3;       // 60 ms of it are talk
constexpr int kSilenceFrames = 25;   // half a second without is none
constexpr auto kEarlyMax = 10ms;     // ahead of its time by more: skip a turn
constexpr auto kBehindMax = 60ms;    // behind by more: frames are left out

}  // namespace

MediaLeg::MediaLeg(LegId id, LegSockets sockets, const Origin& origin)
    : id_(id),
      sockets_(sockets),
      ssrc_(origin.ssrc),
      sequence_number_(origin.sequence_number),
      timestamp_(origin.timestamp) {}

// ---- between turns

std::unique_ptr<LegPath> MediaLeg::configure(MediaTurn& turn, std::unique_ptr<LegPath> path) noexcept {
  if (path_ != nullptr && path_->same_codec(*path)) {
    // What is buffered and the codec's memory go on: a re-INVITE is not to be heard.
    std::swap(path_->encoder, path->encoder);
    std::swap(path_->decoder, path->decoder);
    std::swap(path_->jitter, path->jitter);
    std::swap(path_->detector, path->detector);
    std::swap(path_->decoded, path->decoded);
    std::swap(path_->decoded_count, path->decoded_count);
    std::swap(path_->last_payloads, path->last_payloads);
    if (path_->adapter->room_rate_hz == path->adapter->room_rate_hz) std::swap(path_->adapter, path->adapter);
  }
  std::swap(path_, path);
  // What was authentic stays so: a browser's description names no address that counts.
  const bool known = latched_ && path_->secure && path != nullptr && path->secure;
  if (path != nullptr && path_->settings.remote != path->settings.remote) left_ = {remote_, turn.now()};
  if (!known) remote_ = path_->settings.remote;
  latched_ = known;
  if (connected_) turn.wire().connect(sockets_.rtp, SocketAddress());
  connected_ = false;
  lost_ = false;
  last_packet_ = turn.now();
  if (!rtcp_) rtcp_.emplace(ssrc_, path_->codec->clock_rate_hz);
  if (path_->settings.event_payload_type) {
    if (!events_) events_.emplace(path_->settings.event_clock_hz);
  } else {
    events_.reset();
  }
  return path;
}

std::unique_ptr<RateAdapter> MediaLeg::adapt(std::unique_ptr<RateAdapter> adapter) noexcept {
  if (rings_ != nullptr) return rings_->adapt(std::move(adapter));
  if (path_ != nullptr && adapter != nullptr && adapter->codec_rate_hz == path_->sample_rate_hz) {
    std::swap(path_->adapter, adapter);
  }
  return adapter;
}

std::unique_ptr<LegRings> MediaLeg::attach(std::unique_ptr<LegRings> rings) noexcept {
  std::swap(rings_, rings);
  return rings;
}

std::unique_ptr<MachineEar> MediaLeg::detect_machine(std::unique_ptr<MachineEar> ear) noexcept {
  std::swap(ear_, ear);
  return ear;
}

std::unique_ptr<LegSecurity> MediaLeg::secure(std::unique_ptr<LegSecurity> security) noexcept {
  std::swap(security_, security);
  return security;
}

std::unique_ptr<SrtpSource> MediaLeg::add_source(std::unique_ptr<SrtpSource> source) noexcept {
  source_asked_ = {};
  return security_ == nullptr ? std::move(source) : security_->add(std::move(source));
}

void MediaLeg::redirect(const SocketAddress& remote) noexcept {
  if (!connected_) remote_ = remote;
}

std::unique_ptr<DigitSender> MediaLeg::send_digits(std::unique_ptr<DigitSender> digits) noexcept {
  if (digits_ == nullptr) {
    std::swap(digits_, digits);
  } else {
    digits_->queue(digits->waiting());
  }
  return digits;
}

LegStatistics MediaLeg::statistics() const noexcept {
  LegStatistics statistics = statistics_;
  if (rings_ != nullptr) statistics.underruns = rings_->underruns();
  if (path_ != nullptr) statistics.packets_late = path_->jitter->counters().late;
  if (path_ == nullptr || !rtcp_) return statistics;
  rtcp_->fill(statistics,
              {.buffered = path_->jitter->target_delay(), .wideband = path_->sample_rate_hz >= 16'000});
  return statistics;
}

bool MediaLeg::may_send() const noexcept {
  return path_ != nullptr && remote_.valid() &&
         (path_->settings.direction == Direction::SendReceive ||
          path_->settings.direction == Direction::SendOnly);
}

const SocketAddress& MediaLeg::destination() const noexcept {
  static constexpr SocketAddress kWhereItIsConnected;
  return connected_ ? kWhereItIsConnected : remote_;
}

bool MediaLeg::may_receive() const noexcept {
  return path_ != nullptr && (path_->settings.direction == Direction::SendReceive ||
                              path_->settings.direction == Direction::ReceiveOnly);
}

// ---- receiving

void MediaLeg::on_datagram(MediaTurn& turn, std::span<const std::byte> datagram,
                           const SocketAddress& from) noexcept {
  if (path_ == nullptr) return;
  const rtp::PacketKind kind = rtp::classify(datagram);
  if (path_->secure && (kind == rtp::PacketKind::Rtp || kind == rtp::PacketKind::Rtcp)) {
    datagram =
        open(turn, kind == rtp::PacketKind::Rtp ? LegSecurity::Kind::Rtp : LegSecurity::Kind::Rtcp, datagram);
    if (datagram.empty()) {
      ++statistics_.packets_refused;
      return;
    }
  }
  if (kind == rtp::PacketKind::Rtp) {
    on_rtp(turn, datagram, from);
  } else if (kind == rtp::PacketKind::Rtcp && from.with_port(0) == remote_.with_port(0)) {
    rtcp_->on_datagram(datagram, turn.now());
  } else {
    ++statistics_.packets_refused;
  }
}

std::span<const std::byte> MediaLeg::open(MediaTurn& turn, LegSecurity::Kind kind,
                                          std::span<const std::byte> datagram) noexcept {
  const std::span<std::byte> copy = turn.scratch().opened;
  if (security_ == nullptr || datagram.size() > copy.size()) return {};
  std::memcpy(copy.data(), datagram.data(), datagram.size());
  size_t bytes = datagram.size();
  switch (security_->open(kind, copy, bytes)) {
    case LegSecurity::Opened::Yes: return copy.first(bytes);
    case LegSecurity::Opened::No: return {};
    case LegSecurity::Opened::UnknownSource: break;
  }
  const auto packet = rtp::parse_packet(datagram);
  if (kind != LegSecurity::Kind::Rtp || !packet || turn.now() - source_asked_ < kSourceRest) return {};
  source_asked_ = turn.now();
  turn.notice(SourceUnknown{.leg = id_, .ssrc = packet->header.ssrc});
  return {};
}

bool MediaLeg::accept_source(MediaTurn& turn, const SocketAddress& from) noexcept {
  if (latched_ && from == remote_) return true;
  // What is authentic may come from a new place: a browser has changed its network.
  if (latched_ && !path_->secure) return false;
  if (!path_->secure && from == left_.source && turn.now() - left_.at < kFarewell) return false;
  if (!path_->secure && !path_->settings.latch && !(from.with_port(0) == remote_.with_port(0))) return false;
  const bool first = !latched_;
  latched_ = true;
  if (path_->settings.latch || path_->secure) remote_ = from;
  if (!first) return true;
  connected_ = !path_->secure && from == remote_ && turn.wire().connect(sockets_.rtp, remote_);
  turn.notice(FirstMedia{.leg = id_, .at = turn.now()});
  return true;
}

void MediaLeg::on_rtp(MediaTurn& turn, std::span<const std::byte> datagram,
                      const SocketAddress& from) noexcept {
  const auto packet = rtp::parse_packet(datagram);
  const LegSettings& settings = path_->settings;
  const uint8_t type = packet ? packet->header.payload_type : 0xFF;
  const bool sound = type == settings.payload_type_in.value_or(settings.payload_type);
  const bool event = settings.event_payload_type && type == *settings.event_payload_type;
  const bool noise = type == kComfortNoise && path_->codec->clock_rate_hz == 8000;
  if (!packet || !may_receive() || !(sound || event || noise) || !accept_source(turn, from)) {
    ++statistics_.packets_refused;
    return;
  }
  ++statistics_.packets_received;
  statistics_.bytes_received += datagram.size();
  last_packet_ = turn.now();
  rtcp_->on_rtp(packet->header, packet->payload.size(), turn.now());
  if (lost_) {
    lost_ = false;
    turn.notice(MediaResumed{.leg = id_, .at = turn.now()});
  }
  if (noise) return;  // RFC 3389: it is silent, and says so
  if (event) {
    last_event_ = turn.now();
    --forward_sequence_offset_;  // it takes a number that the other side will not see
    on_event_packet(turn, *packet);
  } else if (forward_to_ == nullptr || !forward(turn, *packet)) {
    path_->jitter->insert(*packet, path_->codec->ticks_of(packet->payload), turn.now());
  }
}

void MediaLeg::on_event_packet(MediaTurn& turn, const rtp::Packet& packet) noexcept {
  const auto payload = rtp::parse_event(packet.payload);
  if (!payload) return;
  report_events(turn,
                events_->on_packet(packet.header.timestamp, packet.header.marker, *payload, turn.now()));
}

void MediaLeg::report_events(MediaTurn& turn, const rtp::EventReceiver::Changes& changes) noexcept {
  for (const auto& change : changes) {
    if (change.kind != rtp::EventReceiver::Change::Kind::Began) continue;
    const char digit = rtp::digit_of_event(change.event);
    if (digit == 0) continue;
    turn.notice(DigitHeard{.leg = id_, .digit = digit, .source = DigitSource::Event, .at = turn.now()});
  }
}

void MediaLeg::prefetch_for_packet(int depth) const noexcept {
  if (depth == 0) return base::prefetch(this);
  if (path_ == nullptr) return;
  switch (depth) {
    case 1:
      if (forward_to_ != nullptr) base::prefetch(forward_to_);
      return base::prefetch(path_.get());
    case 2:
      path_->jitter->prefetch();
      if (forward_to_ != nullptr) base::prefetch(forward_to_->path_.get());
      return;
    default:
      return forward_to_ == nullptr ? path_->jitter->prefetch_free() : path_->last_payloads->prefetch();
  }
}

void MediaLeg::prefetch(int depth, Heard heard) const noexcept {
  if (depth == 0) return base::prefetch(this);
  if (path_ == nullptr) return;
  switch (depth) {
    case 1: return base::prefetch(path_.get());
    case 2:
      path_->jitter->prefetch();
      base::prefetch(path_->adapter.get());
      base::prefetch(path_->encoder.get(), 1);
      if (heard == Heard::Yes) base::prefetch(path_->decoder.get(), 128);
      return;
    default:
      path_->jitter->prefetch_first();
      if (heard == Heard::No) return path_->last_payloads->prefetch();
      return base::prefetch(path_->adapter->codec_frame.data(), path_->frame_samples * sizeof(int16_t));
  }
}

// ---- the turn

bool MediaLeg::begin(MediaTurn& turn) noexcept {
  const base::TimePoint now = turn.now();
  if (frames_ < 0) {
    timeline_start_ = now;
    frames_ = 0;
  }
  const base::Duration ahead = timeline_start_ + frames_ * kFrameLength - now;
  if (ahead > kEarlyMax) return false;
  if (ahead < -kBehindMax) skip(-ahead / kFrameLength);
  // A move to a room of a later phase: one frame more keeps the far end's buffer as full as it was.
  if (ahead <= -kFrameLength && ahead >= -kBehindMax) push_silence(turn);
  watch(turn);
  if (path_ != nullptr) send_report(turn);
  if (events_) report_events(turn, events_->on_time(now));
  return true;
}

// Frames that will never be sent. The far end sees the time that they would have taken: were the rest of the
// stream played so much later, each such pause would make the talk's delay longer.
void MediaLeg::skip(int64_t frames) noexcept {
  frames_ += frames;
  if (path_ == nullptr) return;
  timestamp_ += static_cast<uint32_t>(frames) * path_->frame_ticks;
  marker_ = true;
}

bool MediaLeg::begin_speaking(MediaTurn& turn) noexcept {
  if (turn.now() - last_spoken_ < kFrameLength - kEarlyMax) return false;
  last_spoken_ = turn.now();
  return true;
}

void MediaLeg::watch(MediaTurn& turn) noexcept {
  if (lost_ || !may_receive() || path_->settings.silence_max.count() == 0) return;
  if (turn.now() - last_packet_ < path_->settings.silence_max) return;
  lost_ = true;
  turn.notice(MediaLost{.leg = id_, .at = turn.now()});
}

void MediaLeg::send_report(MediaTurn& turn) noexcept {
  if (!remote_.valid()) return;
  const LegRtcp::Sent sent{
      .timestamp = timestamp_, .packets = statistics_.packets_sent, .bytes = statistics_.bytes_sent};
  const std::span<std::byte> packet = turn.scratch().packet;
  const LegSettings& settings = path_->settings;
  size_t size = rtcp_->step(sent, settings.cname, turn.now(), packet);
  if (size == 0) return;
  if (path_->secure && (security_ == nullptr || !security_->protect(LegSecurity::Kind::Rtcp, packet, size))) {
    return;
  }
  if (settings.rtcp_mux) return turn.wire().send(sockets_.rtp, destination(), packet.first(size));
  const auto next_port = static_cast<uint16_t>(remote_.port() + 1);
  turn.wire().send(sockets_.rtcp,
                   settings.remote_rtcp.valid() ? settings.remote_rtcp : remote_.with_port(next_port),
                   packet.first(size));
}

const int16_t* MediaLeg::pull(MediaTurn& turn) noexcept {
  if (rings_ != nullptr) {
    const int16_t* const said = rings_->pull(turn);
    if (said != nullptr) look_for_talk(turn, std::span(said, rings_->room_samples()));
    return said;
  }
  if (path_ == nullptr) return nullptr;
  if (!decode_frame(turn)) {
    look_for_machine(turn, {});
    return nullptr;
  }
  const std::span<const int16_t> frame = path_->adapter->codec_frame;
  look_for_digits(turn, frame);
  look_for_machine(turn, frame);
  look_for_talk(turn, frame);
  return to_room_rate();
}

bool MediaLeg::has_samples_for_bytes() const noexcept {
  return path_->codec->id == audio::CodecId::Pcmu || path_->codec->id == audio::CodecId::Pcma;
}

void MediaLeg::pass_over(MediaTurn& turn) noexcept {
  const bool needed = rings_ != nullptr || path_ == nullptr || path_->detector != nullptr ||
                      (ear_ != nullptr && !ear_->done) || !has_samples_for_bytes();
  base::ByteView payload;
  if (needed || path_->decoded_count > 0 ||
      !path_->jitter->pop_frame(turn.now(), path_->frame_ticks, payload)) {
    pull(turn);
    return;
  }
  if (payload.empty()) return;
  note_talk_of(turn, payload);
  path_->last_payloads->keep(payload);
}

bool MediaLeg::decode_frame(MediaTurn& turn) noexcept {
  LegPath& path = *path_;
  catch_up(turn, nullptr);
  for (int pops = 0; pops < kPopsAFrameMax && path.decoded_count < path.frame_samples; ++pops) {
    const auto popped = path.jitter->pop(turn.now(), path.frame_ticks, turn.scratch().packet);
    if (path.decoded_count == 0 && popped.action == rtp::JitterBuffer::Action::Decode &&
        popped.ticks == path.frame_ticks) {
      // The usual packet is one frame: no way round by the buffer of what is left over.
      bridging_frames_ = 0;
      if (path.decoder->decode(popped.payload, path.adapter->codec_frame) == path.frame_samples) return true;
      continue;
    }
    const std::span<int16_t> space = std::span(path.decoded).subspan(path.decoded_count);
    if (popped.action == rtp::JitterBuffer::Action::Decode) {
      path.decoded_count += path.decoder->decode(popped.payload, space);
    } else if (popped.action == rtp::JitterBuffer::Action::Conceal) {
      const size_t samples = size_t{popped.ticks} * path.sample_rate_hz / path.codec->clock_rate_hz;
      const auto gap = space.first(std::min(samples, space.size()));
      path.decoder->conceal(gap, popped.payload);
      path.decoded_count += gap.size();
    } else {
      if (path.decoded_count == 0 && bridging_frames_ > 0) {
        --bridging_frames_;
        path.decoder->bridge(path.adapter->codec_frame);
        return true;
      }
      if (path.decoded_count == 0) return false;
      const size_t missing = path.frame_samples - path.decoded_count;
      std::fill_n(space.begin(), missing, int16_t{0});
      path.decoded_count += missing;
    }
  }
  if (path.decoded_count < path.frame_samples) return false;
  std::copy_n(path.decoded.begin(), path.frame_samples, path.adapter->codec_frame.begin());
  path.decoded_count -= path.frame_samples;
  std::memmove(path.decoded.data(), path.decoded.data() + path.frame_samples,
               path.decoded_count * sizeof(int16_t));
  return true;
}

const int16_t* MediaLeg::to_room_rate() noexcept {
  RateAdapter& adapter = *path_->adapter;
  if (!adapter.to_room) return adapter.codec_frame.data();
  const auto step = adapter.to_room->run(adapter.codec_frame, adapter.room_frame);
  std::fill(adapter.room_frame.begin() + static_cast<ptrdiff_t>(step.written), adapter.room_frame.end(),
            int16_t{0});
  return adapter.room_frame.data();
}

void MediaLeg::look_for_digits(MediaTurn& turn, std::span<const int16_t> frame) noexcept {
  if (path_->detector == nullptr) return;
  path_->detector->feed(frame);
  while (const auto digit = path_->detector->next_digit()) {
    turn.notice(DigitHeard{.leg = id_, .digit = *digit, .source = DigitSource::InBand, .at = turn.now()});
  }
}

// An empty frame: silence.
void MediaLeg::look_for_machine(MediaTurn& turn, std::span<const int16_t> frame) noexcept {
  if (ear_ == nullptr || ear_->done) return;
  audio::MachineDetector& detector = ear_->detector;
  const bool heard = !frame.empty() && path_->sample_rate_hz == detector.rate_hz();
  const auto verdict = heard ? detector.feed(frame) : detector.feed_silence(kFrameLength);
  if (verdict == audio::MachineDetector::Verdict::None) return;
  ear_->done = true;
  turn.notice(MachineHeard{.leg = id_, .verdict = verdict, .after = detector.elapsed()});
}

void MediaLeg::look_for_talk(MediaTurn& turn, std::span<const int16_t> frame) noexcept {
  note_talk(turn, audio::mean_magnitude(frame));
}

void MediaLeg::note_talk(MediaTurn& turn, int32_t magnitude) noexcept {
  magnitude_ = std::max(magnitude_, magnitude);
  const bool loud = magnitude > kTalkLevel;
  talk_frames_ = loud == talking_ ? 0 : talk_frames_ + 1;
  if (talk_frames_ < (talking_ ? kSilenceFrames : kTalkFrames)) return;
  talk_frames_ = 0;
  talking_ = loud;
  turn.notice(TalkChanged{.leg = id_, .talking = talking_, .at = turn.now()});
}

// ---- sending

void MediaLeg::push(MediaTurn& turn, std::span<const int16_t> samples) noexcept {
  if (rings_ != nullptr) {
    rings_->push(turn, samples);
    ++frames_;
    return;
  }
  if (path_ == nullptr || !may_send()) return push_silence(turn);
  if (send_digit(turn)) return;
  encode_and_send(turn, to_codec_rate(samples));
}

std::span<const int16_t> MediaLeg::to_codec_rate(std::span<const int16_t> samples) noexcept {
  RateAdapter& adapter = *path_->adapter;
  if (!adapter.to_codec) return samples;
  const auto step = adapter.to_codec->run(samples, adapter.codec_frame);
  std::fill(adapter.codec_frame.begin() + static_cast<ptrdiff_t>(step.written), adapter.codec_frame.end(),
            int16_t{0});
  return adapter.codec_frame;
}

void MediaLeg::push_shared(MediaTurn& turn, SharedMix& mix) noexcept {
  const size_t own = path_ == nullptr ? 0 : path_->adapter->room_frame.size();
  const size_t samples = rings_ == nullptr ? own : rings_->room_samples();
  if (!mix.saturated) {
    audio::saturate(std::span(mix.sum).first(samples), std::span(mix.samples).first(samples));
    mix.saturated = samples > 0;
  }
  const bool memoryless = path_ != nullptr && has_samples_for_bytes();
  if (!memoryless || path_->adapter->to_codec || sends_digits() || !may_send()) {
    return push(turn, std::span(mix.samples).first(samples));
  }
  auto& encoding = mix.encodings[path_->codec->id == audio::CodecId::Pcmu ? 0 : 1];
  if (!encoding.done) {
    encoding.size = path_->encoder->encode(std::span(mix.samples).first(samples), encoding.payload);
    encoding.done = true;
  }
  send_packet(turn, path_->settings.payload_type, timestamp_, marker_,
              std::span(encoding.payload).first(encoding.size));
  timestamp_ += path_->frame_ticks;
  ++frames_;
}

void MediaLeg::push_silence(MediaTurn& turn) noexcept {
  if (rings_ != nullptr) {
    rings_->push_silence(turn);
    ++frames_;
    return;
  }
  if (path_ == nullptr) {
    ++frames_;
    return;
  }
  if (!may_send()) {
    // The clock goes on; the far end must not take the pause for loss.
    timestamp_ += path_->frame_ticks;
    ++frames_;
    marker_ = true;
    return;
  }
  if (send_digit(turn)) return;
  std::span<int16_t> frame = std::span(turn.scratch().other).first(path_->frame_samples);
  std::fill(frame.begin(), frame.end(), int16_t{0});
  encode_and_send(turn, frame);
}

bool MediaLeg::send_digit(MediaTurn& turn) noexcept {
  if (!sends_digits()) return false;
  const LegSettings& settings = path_->settings;
  bool sent = false;
  bool finished = false;
  if (settings.event_payload_type) {
    const auto step = digits_->step_events(settings.event_clock_hz, timestamp_, path_->frame_ticks);
    if (step.packet) {
      send_packet(turn, *settings.event_payload_type, step.packet->timestamp, step.packet->marker,
                  step.packet->payload);
      timestamp_ += path_->frame_ticks;
      ++frames_;
      sent = true;
    }
    finished = step.finished;
  } else {
    const std::span<int16_t> frame = std::span(turn.scratch().other).first(path_->frame_samples);
    const auto step = digits_->step_tones(path_->sample_rate_hz, frame);
    if (step.tone) {
      encode_and_send(turn, frame);
      sent = true;
    }
    finished = step.finished;
  }
  if (finished) turn.notice(DigitsSent{.leg = id_});
  return sent;
}

void MediaLeg::encode_and_send(MediaTurn& turn, std::span<const int16_t> codec_frame) noexcept {
  std::span<std::byte> payload = std::span(turn.scratch().packet).subspan(rtp::kHeaderBytes);
  const size_t size = path_->encoder->encode(codec_frame, payload);
  if (size > 0) {
    send_packet(turn, path_->settings.payload_type, timestamp_, marker_, payload.first(size));
  } else {
    marker_ = true;  // discontinuous: the codec had nothing to say
  }
  timestamp_ += path_->frame_ticks;
  ++frames_;
}

void MediaLeg::send_packet(MediaTurn& turn, uint8_t payload_type, uint32_t timestamp, bool marker,
                           std::span<const std::byte> payload) noexcept {
  const std::span<std::byte> packet = turn.scratch().packet;
  rtp::write_header({.marker = marker,
                     .payload_type = payload_type,
                     .sequence_number = sequence_number_,
                     .timestamp = timestamp,
                     .ssrc = ssrc_},
                    packet);
  if (payload.data() != packet.data() + rtp::kHeaderBytes) {
    std::memcpy(packet.data() + rtp::kHeaderBytes, payload.data(), payload.size());
  }
  size_t size = rtp::kHeaderBytes + payload.size();
  if (path_->secure && (security_ == nullptr || !security_->protect(LegSecurity::Kind::Rtp, packet, size))) {
    return;
  }
  turn.wire().send(sockets_.rtp, destination(), packet.first(size));
  ++sequence_number_;
  marker_ = false;
  ++statistics_.packets_sent;
  statistics_.bytes_sent += size;
}

}  // namespace sotto::media
