#include "bench/whisper_load.h"

#include <algorithm>
#include <charconv>

#include "audio/g711.h"
#include "bench/campaign_server.h"
#include "rtp/packet.h"
#include "rtp/telephone_event.h"

namespace sotto::bench {
namespace {

using namespace std::chrono_literals;

constexpr size_t kFrameBytes = 160;
constexpr uint8_t kPcma = 8;
constexpr uint8_t kEvents = 101;
constexpr int kLoud = 600;         // of 32767: what counts as sound
constexpr size_t kSameShare = 80;  // in a hundred bytes of a frame
constexpr auto kTick = 5ms;        // every call speaks each fourth
constexpr uint64_t kPhases = 4;
constexpr uint64_t kFirstNumber = 12'020'000'000;
constexpr auto kLastCallMax = 15s;  // beyond its own length
constexpr int kFirstShare = 5;      // of the time, in which the words are made: such calls tell no times

// A square wave; each has a level of its own.
std::array<std::byte, kFrameBytes> make_pattern(int16_t level) {
  std::array<int16_t, kFrameBytes> samples{};
  for (size_t i = 0; i < samples.size(); ++i)
    samples[i] = i / 4 % 2 == 0 ? level : static_cast<int16_t>(-level);
  std::array<std::byte, kFrameBytes> out{};
  audio::alaw_encode(samples, out);
  return out;
}

const std::array<std::byte, kFrameBytes>& pattern(Talker::Pattern which) {
  static const auto caller = make_pattern(8'000);
  static const auto agent = make_pattern(5'000);
  return which == Talker::Pattern::Caller ? caller : agent;
}

// A frame of one level, up or down; it may begin anywhere in the pattern.
bool same(base::ByteView frame, Talker::Pattern which) {
  const std::byte up = pattern(which).front();
  const std::byte down = pattern(which)[4];
  size_t alike = 0;
  for (const std::byte each : frame) alike += each == up || each == down ? 1 : 0;
  return alike * 100 >= frame.size() * kSameShare;
}

Talker::Sound sound_of(base::ByteView frame) {
  if (same(frame, Talker::Pattern::Caller)) return Talker::Sound::Caller;
  if (same(frame, Talker::Pattern::Agent)) return Talker::Sound::Agent;
  std::array<int16_t, kFrameBytes> samples{};
  audio::alaw_decode(frame, std::span(samples).first(frame.size()));
  const bool loud =
      std::any_of(samples.begin(), samples.end(), [](int16_t each) { return std::abs(each) > kLoud; });
  return loud ? Talker::Sound::Other : Talker::Sound::Silence;
}

std::optional<net::Endpoint> media_of(std::string_view sdp) {
  const size_t at = sdp.find("m=audio ");
  if (at == std::string_view::npos) return std::nullopt;
  uint16_t port = 0;
  const std::string_view rest = sdp.substr(at + 8);
  std::from_chars(rest.data(), rest.data() + rest.size(), port);
  if (port == 0) return std::nullopt;
  return net::Endpoint{net::Address(asio::ip::address_v4::loopback()), port};
}

double milliseconds_between(base::TimePoint from, base::TimePoint to) {
  return std::chrono::duration<double, std::milli>(to - from).count();
}

}  // namespace

Result<std::unique_ptr<Talker>> Talker::open(net::Loop& loop, Pattern says, OnSound on_sound) {
  std::unique_ptr<Talker> talker(new Talker(says, std::move(on_sound)));
  auto socket = net::UdpSocket::open(
      loop, *net::parse_endpoint("127.0.0.1:0"),
      [raw = talker.get()](const net::Endpoint&, base::ByteView bytes) { raw->receive(bytes); }, 1);
  if (!socket) return fail(socket.error());
  talker->socket_ = std::move(*socket);
  return talker;
}

void Talker::say() {
  send(kPcma, pattern(says_), timestamp_);
  timestamp_ += kFrameBytes;
}

void Talker::press(char digit) {
  rtp::EventPayload event{.event = *rtp::event_of_digit(digit), .duration = 80};
  std::array<std::byte, rtp::kEventPayloadBytes> payload{};
  rtp::write_event(event, payload);
  send(kEvents, payload, timestamp_);
  event.end = true;
  event.duration = 800;
  rtp::write_event(event, payload);
  for (int i = 0; i < 3; ++i) send(kEvents, payload, timestamp_);
}

void Talker::send(uint8_t payload_type, base::ByteView payload, uint32_t timestamp) {
  if (!far_) return;
  std::array<std::byte, rtp::kHeaderBytes + kFrameBytes> packet{};
  rtp::Header header;
  header.payload_type = payload_type;
  header.sequence_number = sequence_number_++;
  header.timestamp = timestamp;
  header.ssrc = port();
  if (!rtp::write_header(header, packet)) return;
  std::copy(payload.begin(), payload.end(), packet.begin() + rtp::kHeaderBytes);
  socket_->send(*far_, std::span(packet).first(rtp::kHeaderBytes + payload.size()));
}

void Talker::receive(base::ByteView datagram) const {
  if (rtp::classify(datagram) != rtp::PacketKind::Rtp) return;
  const auto packet = rtp::parse_packet(datagram);
  if (packet && packet->header.payload_type == kPcma && packet->payload.size() <= kFrameBytes)
    on_sound_(sound_of(packet->payload));
}

const WhisperLoad::Outcome& WhisperLoad::run(uint16_t server, const std::function<void()>& each_second) {
  server_ = server;
  each_second_ = each_second;
  began_ = loop.clock().now();
  on_timer(0);
  const auto end = began_ + options_.length + options_.accept_after + options_.talk + kLastCallMax;
  loop.run_until([&] {
    const auto now = loop.clock().now();
    return now > end || (now > began_ + options_.length && calls_.empty());
  });
  return outcome_;
}

void WhisperLoad::on_timer(uint64_t) {
  tick_ = loop.timers().start(kTick, *this, 0);
  const auto now = loop.clock().now();
  const double elapsed =
      std::chrono::duration<double>(std::min<base::Duration>(now - began_, options_.length)).count();
  while (static_cast<double>(next_) < elapsed * options_.calls_per_s) begin();
  ++ticks_;
  for (auto each = calls_.begin(); each != calls_.end();) {
    auto& [number, call] = *each++;  // which may end here, and be gone
    if (number % kPhases == ticks_ % kPhases) advance(call);
  }
  if (ticks_ % (1s / kTick) == 0) each_second_();
}

void WhisperLoad::begin() {
  const uint64_t number = kFirstNumber + next_++;
  ++outcome_.begun;
  Call& call = calls_[number];
  call.timed = loop.clock().now() - began_ >= base::Duration(options_.length) / kFirstShare;
  auto caller = Talker::open(loop, Talker::Pattern::Caller,
                             [this, &call](Talker::Sound sound) { caller_heard(call, sound); });
  if (!caller) return static_cast<void>(calls_.erase(number));
  call.caller = std::move(*caller);
  auto session = invite(server_, kCampaignNumber, std::to_string(number), sdp_at(call.caller->port()));
  if (!session) return static_cast<void>(calls_.erase(number));
  call.caller_session = *session;
  sessions_[*session] = number;
}

void WhisperLoad::on_invite(sip::SessionId session, const sip::Invite& invite) {
  uint64_t number = 0;
  const std::string_view user = invite.message.from.uri.user;
  std::from_chars(user.data(), user.data() + user.size(), number);
  const auto found = calls_.find(number);
  const auto media = media_of(invite.sdp);
  if (found == calls_.end() || found->second.agent != nullptr || !media)
    return static_cast<void>(agent->reject(session, {}));
  Call& call = found->second;
  auto talker = Talker::open(loop, Talker::Pattern::Agent,
                             [this, &call](Talker::Sound sound) { agent_heard(call, sound); });
  if (!talker) return static_cast<void>(agent->reject(session, {}));
  call.agent = std::move(*talker);
  call.agent->send_to(*media);
  call.agent_session = session;
  sessions_[session] = number;
  sip::Answer answer;
  answer.sdp = sdp_at(call.agent->port());
  if (agent->answer(session, std::move(answer))) call.answered = loop.clock().now();
}

void WhisperLoad::on_progress(sip::SessionId session, const sip::ProgressEvent& progress) {
  const auto found = sessions_.find(session);
  const auto media = media_of(progress.sdp);
  if (found != sessions_.end() && media) calls_[found->second].caller->send_to(*media);
}

void WhisperLoad::on_answered(sip::SessionId session, const sip::AnsweredEvent& answered) {
  const auto found = sessions_.find(session);
  const auto media = media_of(answered.sdp);
  if (found != sessions_.end() && media) calls_[found->second].caller->send_to(*media);
}

void WhisperLoad::on_ended(sip::SessionId session, const sip::EndedEvent&) {
  const auto node = sessions_.extract(session);
  if (node.empty()) return;
  const auto found = calls_.find(node.mapped());
  if (found == calls_.end()) return;
  Call& call = found->second;
  (session == call.caller_session ? call.caller_session : call.agent_session) = sip::SessionId::None;
  if (call.caller_session != sip::SessionId::None || call.agent_session != sip::SessionId::None) return;
  if (call.joined) ++outcome_.completed;
  if (call.leaked) ++outcome_.leaks;
  // Not from inside one of its sockets: this is the SIP socket's turn.
  calls_.erase(found);
}

// Every 20 ms of a call.
void WhisperLoad::advance(Call& call) {
  const auto now = loop.clock().now();
  if (call.caller) call.caller->say();
  if (call.agent) call.agent->say();
  if (call.whispered && !call.accepted && now >= *call.whispered + options_.accept_after) {
    call.agent->press('1');
    call.accepted = now;
  }
  if (call.joined && now >= *call.joined + options_.talk && call.caller_session != sip::SessionId::None)
    static_cast<void>(agent->hang_up(call.caller_session));  // ended meanwhile: as wanted
}

void WhisperLoad::agent_heard(Call& call, Talker::Sound sound) {
  if (sound == Talker::Sound::Caller && !call.accepted) call.leaked = true;
  if (sound == Talker::Sound::Other && call.answered && !call.whispered) {
    call.whispered = loop.clock().now();
    if (call.timed) outcome_.whisper_ms.push_back(milliseconds_between(*call.answered, *call.whispered));
  }
  if (sound == Talker::Sound::Caller && call.accepted && !call.agent_hears) {
    call.agent_hears = loop.clock().now();
    joined(call);
  }
}

void WhisperLoad::caller_heard(Call& call, Talker::Sound sound) {
  if (sound != Talker::Sound::Agent || call.caller_hears) return;
  if (!call.accepted) call.leaked = true;
  call.caller_hears = loop.clock().now();
  joined(call);
}

void WhisperLoad::joined(Call& call) {
  if (!call.agent_hears || !call.caller_hears || !call.accepted || call.joined) return;
  call.joined = loop.clock().now();
  if (call.timed) outcome_.join_ms.push_back(milliseconds_between(*call.accepted, *call.joined));
}

}  // namespace sotto::bench
