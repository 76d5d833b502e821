#pragma once

#include <array>
#include <memory>
#include <optional>
#include <utility>

#include "base/random.h"
#include "media/digit_sender.h"
#include "media/leg_path.h"
#include "media/leg_rings.h"
#include "media/leg_rtcp.h"
#include "media/leg_security.h"
#include "media/media_turn.h"
#include "rtp/telephone_event.h"

namespace sotto::media {

class Room;

// Listens to who answered. Made by the control thread, for one codec's rate.
struct MachineEar final : MediaObject {
  MachineEar(const audio::MachineRules& rules, uint32_t rate_hz) : detector(rules, rate_hz) {}
  audio::MachineDetector detector;
  bool done = false;
};

// The two sockets of a leg as the media thread knows them; whoever opened them closes them after the leg is
// freed.
struct LegSockets {
  int rtp = -1;
  int rtcp = -1;
};

// One leg's RTP, both ways. Plugged into one room, which asks for a frame and gives one each turn. What it
// sends is one timeline for the leg's whole life: one SSRC, no gap or jump, whatever room or configuration.
class MediaLeg final : public MediaObject {
 public:
  // Where the timeline starts, drawn by the control thread.
  struct Origin {
    uint32_t ssrc = 0;
    uint16_t sequence_number = 0;
    uint32_t timestamp = 0;
  };
  MediaLeg(LegId id, LegSockets sockets, const Origin& origin);

  const LegId& id() const noexcept { return id_; }
  const LegSockets& sockets() const noexcept { return sockets_; }

  // ---- between turns
  void on_datagram(MediaTurn& turn, std::span<const std::byte> datagram, const SocketAddress& from) noexcept;
  // Returns the old path to be freed, or the parts of the new one that were not needed.
  std::unique_ptr<LegPath> configure(MediaTurn& turn, std::unique_ptr<LegPath> path) noexcept;
  std::unique_ptr<RateAdapter> adapt(std::unique_ptr<RateAdapter> adapter) noexcept;
  // From now on the leg's sound is in these, and not in RTP. Returns those before.
  std::unique_ptr<LegRings> attach(std::unique_ptr<LegRings> rings) noexcept;
  // From now on what the leg says is listened to. Returns the ear before.
  std::unique_ptr<MachineEar> detect_machine(std::unique_ptr<MachineEar> ear) noexcept;
  // Keys in use from now on. Returns those before.
  std::unique_ptr<LegSecurity> secure(std::unique_ptr<LegSecurity> security) noexcept;
  // Returns what it takes the place of.
  std::unique_ptr<SrtpSource> add_source(std::unique_ptr<SrtpSource> source) noexcept;
  // Where to send to until something authentic comes from elsewhere.
  void redirect(const SocketAddress& remote) noexcept;
  // Behind what is being sent. Returns what was not needed.
  std::unique_ptr<DigitSender> send_digits(std::unique_ptr<DigitSender> digits) noexcept;
  LegStatistics statistics() const noexcept;
  // The most that it has said since this was asked last, as audio::mean_magnitude() of one frame.
  int32_t take_magnitude() noexcept { return std::exchange(magnitude_, 0); }
  bool is_talking() const noexcept { return talking_; }

  // ---- before a packet or a turn: fetches what it will touch, one step further for each `depth` below
  // kPrefetchDepth
  static constexpr int kPrefetchDepth = 4;
  void prefetch_for_packet(int depth) const noexcept;
  enum class Heard : bool { No, Yes };
  void prefetch(int depth, Heard heard) const noexcept;

  // ---- a plain pair, whose packets go on as they come
  // Whether what this leg says may go to `other` as it is: one codec, and the stream flows.
  bool may_forward_to(const MediaLeg& other, base::TimePoint now) const noexcept;
  int plain_turns_min() const noexcept;  // undisturbed, before a pair of the codec is forwarded
  // In the turn of the room that both are plugged into: from now on until stop_forwarding(), which comes
  // before either is unplugged. What the jitter buffer holds goes first.
  // Whether its next packet is due in a turn at `now`.
  bool in_step(base::TimePoint now) const noexcept;
  // Of the last turn on the way round by samples: that way is longer, and what `other` is sent runs over from
  // it to where the packets will go on. First all is made ready, for both ways; false where that cannot be,
  // and this turn is one like any other.
  bool ready_to_run_over(MediaLeg& other) noexcept;
  void run_over(MediaTurn& turn, MediaLeg& other, std::span<const int16_t> said) noexcept;
  void start_forwarding(MediaTurn& turn, MediaLeg& other) noexcept;
  void stop_forwarding(MediaTurn& turn) noexcept;
  // In place of begin(), pull() and push(). False: something has changed, and it must be mixed again.
  bool tend_forwarding(MediaTurn& turn) noexcept;

  // ---- in its room's turn, in this order
  // False where what it is sent is ahead of its time, for it came from another room or was forwarded to: it
  // is sent nothing this turn.
  bool begin(MediaTurn& turn) noexcept;
  // False where it has just spoken, in another room: it is not asked this turn.
  bool begin_speaking(MediaTurn& turn) noexcept;
  const int16_t* pull(MediaTurn& turn) noexcept;  // at the room's rate; null: silent
  // In place of pull() where nobody hears the leg: decodes only what must be listened to.
  void pass_over(MediaTurn& turn) noexcept;
  void push(MediaTurn& turn, std::span<const int16_t> samples) noexcept;
  void push_shared(MediaTurn& turn, SharedMix& mix) noexcept;
  void push_silence(MediaTurn& turn) noexcept;

  // Media thread: where it is plugged in.
  Room* room = nullptr;

 private:
  bool may_send() const noexcept;
  bool may_receive() const noexcept;
  const SocketAddress& destination() const noexcept;
  // Decrypts into the scratch. Empty: not to be looked at.
  std::span<const std::byte> open(MediaTurn& turn, LegSecurity::Kind kind,
                                  std::span<const std::byte> datagram) noexcept;
  bool accept_source(MediaTurn& turn, const SocketAddress& from) noexcept;
  void on_rtp(MediaTurn& turn, std::span<const std::byte> datagram, const SocketAddress& from) noexcept;
  bool forward(MediaTurn& turn, const rtp::Packet& packet) noexcept;
  void forward_payload(MediaTurn& turn, uint16_t sequence_number, uint32_t timestamp, uint32_t ticks,
                       base::ByteView payload) noexcept;
  void note_talk(MediaTurn& turn, int32_t magnitude) noexcept;
  void note_talk_of(MediaTurn& turn, base::ByteView payload) noexcept;
  void on_event_packet(MediaTurn& turn, const rtp::Packet& packet) noexcept;
  void report_events(MediaTurn& turn, const rtp::EventReceiver::Changes& changes) noexcept;
  bool has_samples_for_bytes() const noexcept;
  bool decode_frame(MediaTurn& turn) noexcept;
  // Shows what was not decoded to the decoder, so that it knows what it goes on from, and to the encoder of
  // who has heard it, if somebody has. False: there was nothing.
  bool catch_up(MediaTurn& turn, MediaLeg* listener) noexcept;
  size_t way_round(const MediaLeg& listener) const noexcept;
  void rehearse(MediaTurn& turn, std::span<const int16_t> samples) noexcept;
  const int16_t* to_room_rate() noexcept;
  std::span<const int16_t> to_codec_rate(std::span<const int16_t> samples) noexcept;
  void look_for_digits(MediaTurn& turn, std::span<const int16_t> frame) noexcept;
  void look_for_machine(MediaTurn& turn, std::span<const int16_t> frame) noexcept;
  void look_for_talk(MediaTurn& turn, std::span<const int16_t> frame) noexcept;
  void skip(int64_t frames) noexcept;
  void watch(MediaTurn& turn) noexcept;
  void send_report(MediaTurn& turn) noexcept;
  bool sends_digits() const noexcept { return digits_ != nullptr && !digits_->idle(); }
  bool send_digit(MediaTurn& turn) noexcept;
  void encode_and_send(MediaTurn& turn, std::span<const int16_t> codec_frame) noexcept;
  void send_packet(MediaTurn& turn, uint8_t payload_type, uint32_t timestamp, bool marker,
                   std::span<const std::byte> payload) noexcept;

  // Constant after construction.
  const LegId id_;
  const LegSockets sockets_;
  const uint32_t ssrc_;

  std::unique_ptr<LegPath> path_;          // null until configured
  std::unique_ptr<MachineEar> ear_;        // null: nobody asks
  std::unique_ptr<LegSecurity> security_;  // null: no keys
  base::TimePoint source_asked_{};         // SourceUnknown was told last
  std::unique_ptr<LegRings> rings_;        // null: RTP

  // Sending.
  uint16_t sequence_number_;
  uint32_t timestamp_;
  base::TimePoint timeline_start_{};
  int64_t frames_ = -1;  // since timeline_start_; -1: not started
  bool marker_ = true;   // the next packet follows a pause
  SocketAddress remote_;
  bool connected_ = false;               // the RTP socket, to remote_
  std::unique_ptr<DigitSender> digits_;  // null until there are some

  // Receiving.
  bool latched_ = false;
  struct Left {
    SocketAddress source;
    base::TimePoint at{};
  } left_;  // whence it came, or was to come, before the far end named another place
  std::optional<rtp::EventReceiver> events_;
  base::TimePoint last_packet_{};
  base::TimePoint last_spoken_{};  // the turn that asked it
  bool lost_ = false;
  bool talking_ = false;
  int32_t magnitude_ = 0;
  int talk_frames_ = 0;  // in a row that say otherwise than talking_

  // Forwarding, as a source.
  MediaLeg* forward_to_ = nullptr;
  bool forward_started_ = false;          // a packet has gone
  uint16_t forward_sequence_offset_ = 0;  // from what comes to what goes
  uint32_t forward_timestamp_offset_ = 0;
  base::TimePoint last_event_{};      // packet of one
  base::TimePoint last_forwarded_{};  // to this leg
  int bridging_frames_ = 0;           // to be made up until the jitter buffer plays again

  std::optional<LegRtcp> rtcp_;  // with the path
  LegStatistics statistics_;
};

}  // namespace sotto::media
