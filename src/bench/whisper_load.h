#pragma once

#include <map>
#include <vector>

#include "base/timers.h"
#include "bench/sip_party.h"
#include "bench/whisper_bench.h"
#include "net/udp_socket.h"

namespace sotto::bench {

// One end of a call's sound: says one pattern for ever, and tells by the bytes what it hears.
class Talker {
 public:
  enum class Pattern : uint8_t { Caller, Agent };
  enum class Sound { Silence, Other, Caller, Agent };
  using OnSound = std::function<void(Sound)>;

  static Result<std::unique_ptr<Talker>> open(net::Loop& loop, Pattern says, OnSound on_sound);
  uint16_t port() const { return socket_->local().port; }
  void send_to(const net::Endpoint& far) { far_ = far; }
  void say();              // 20 ms; nothing before send_to()
  void press(char digit);  // as RTP events, begin and end at once

 private:
  Talker(Pattern says, OnSound on_sound) : says_(says), on_sound_(std::move(on_sound)) {}
  void send(uint8_t payload_type, base::ByteView payload, uint32_t timestamp);
  void receive(base::ByteView datagram) const;

  const Pattern says_;
  const OnSound on_sound_;
  std::unique_ptr<net::UdpSocket> socket_;
  std::optional<net::Endpoint> far_;
  uint16_t sequence_number_ = 0;
  uint32_t timestamp_ = 0;
};

// Callers and agents in one process. Every call is known by its caller's number, which the agent's phone is
// shown.
class WhisperLoad final : public SipParty, private base::TimerSink {
 public:
  explicit WhisperLoad(const WhisperBenchOptions& options) : options_(options) {}
  ~WhisperLoad() override { loop.timers().stop(tick_); }

  struct Outcome {
    std::vector<double> whisper_ms;
    std::vector<double> join_ms;
    size_t begun = 0;
    size_t completed = 0;  // with a whisper, an acceptance and a talk
    size_t leaks = 0;      // the agent heard the caller before he accepted
  };
  // Begins calls for options.length, then waits for the last; `each_second` may look at the server.
  const Outcome& run(uint16_t server, const std::function<void()>& each_second);

 private:
  struct Call {
    std::unique_ptr<Talker> caller;
    std::unique_ptr<Talker> agent;
    sip::SessionId caller_session = sip::SessionId::None;
    sip::SessionId agent_session = sip::SessionId::None;
    std::optional<base::TimePoint> answered, whispered, accepted, caller_hears, agent_hears, joined;
    bool timed = false;
    bool leaked = false;
  };
  void on_invite(sip::SessionId session, const sip::Invite& invite) override;
  void on_progress(sip::SessionId session, const sip::ProgressEvent& progress) override;
  void on_answered(sip::SessionId session, const sip::AnsweredEvent& answered) override;
  void on_ended(sip::SessionId session, const sip::EndedEvent& ended) override;
  void on_timer(uint64_t) override;
  void begin();
  void advance(Call& call);
  void agent_heard(Call& call, Talker::Sound sound);
  void caller_heard(Call& call, Talker::Sound sound);
  void joined(Call& call);

  const WhisperBenchOptions options_;
  uint16_t server_ = 0;
  base::TimePoint began_;
  base::TimerId tick_ = base::TimerId::None;
  uint64_t ticks_ = 0;
  std::map<uint64_t, Call> calls_;  // by the caller's number
  std::map<sip::SessionId, uint64_t> sessions_;
  uint64_t next_ = 0;
  std::function<void()> each_second_;
  Outcome outcome_;
};

}  // namespace sotto::bench
