#pragma once

#include <deque>
#include <memory>
#include <set>

#include "audio/resampler.h"
#include "net/loop.h"
#include "net/web_socket_dial.h"
#include "stream/framing.h"
#include "stream/playout.h"
#include "telephony/sockets.h"

namespace sotto::stream {

// What all sessions have done since the start.
struct Counters {
  uint64_t opened = 0;
  uint64_t failed = 0;             // before or after they were open
  uint64_t frames_lost = 0;        // sound that a slow server did not get, in frames of 20 ms
  uint64_t samples_discarded = 0;  // sound over the buffer's bound
  uint64_t frames_broken = 0;
};

// One connection, from dialling to its end. Control thread. Its coroutines hold it: it lives until the last
// has ended, which close() or the far end sees to.
class Session final : public std::enable_shared_from_this<Session> {
 public:
  struct Parts {
    net::WebSocketDial dial;
    std::unique_ptr<Framing> framing;
    uint32_t rate_hz = 8000;  // of the framing
    milliseconds buffer_max{60'000};
    base::Duration stall_max{};
    telephony::Sockets::Sound sound;
    telephony::Sockets::OnNews on_news;
  };
  // Loop and tasks outlive the session.
  Session(net::Loop& loop, net::TaskGroup& tasks, std::shared_ptr<Counters> counters, Parts parts);

  void start();
  void send_digit(char digit, milliseconds length);
  void close();    // politely; nobody is told any more
  void abandon();  // at once

 private:
  using News = telephony::Sockets::News;

  static asio::awaitable<void> run(std::shared_ptr<Session> self);
  static asio::awaitable<void> write_all(std::shared_ptr<Session> self);
  static asio::awaitable<void> play_all(std::shared_ptr<Session> self);
  static asio::awaitable<void> say_goodbye(std::shared_ptr<Session> self);
  asio::awaitable<bool> send(Frame frame);
  asio::awaitable<bool> send_sound();
  void take(const Frame& frame);
  void take(Received received);
  void queue(Frame frame);
  void tell(News::Kind kind, std::string code, std::string detail);
  void warn(const std::string& code, std::string detail);
  void end(const Error& error);

  // Constant after construction.
  net::Loop& loop_;
  net::TaskGroup& tasks_;
  const std::shared_ptr<Counters> counters_;
  const uint32_t rate_hz_;
  const base::Duration stall_max_;

  net::WebSocketDial dial_;
  std::unique_ptr<Framing> framing_;
  std::unique_ptr<media::TapReader> heard_;
  std::optional<Playout> playout_;  // absent: one way
  telephony::Sockets::OnNews on_news_;
  std::unique_ptr<net::WebSocket> socket_;                     // once connected
  std::vector<std::unique_ptr<audio::Resampler>> resamplers_;  // by track; empty: the rates are the same
  std::deque<Frame> outgoing_;                                 // all but sound
  milliseconds at_{0};                                         // since the stream's start
  std::set<std::string> warned_;
  bool over_ = false;  // nothing more is sent or played
  bool stalled_ = false;
};

}  // namespace sotto::stream
