#pragma once

#include <atomic>
#include <memory>
#include <thread>

#include "base/time.h"
#include "media/channel.h"
#include "media/engine.h"
#include "media/graph.h"
#include "media/handshakes.h"
#include "media/port_pool.h"

namespace sotto::media {

// Runs one graph in real time over epoll: waits for packets, commands and the next phase.
class MediaThread final : private Wire {
 public:
  // `channel`, `hand_over` and `report_event` (an eventfd, written when reports wait) outlive the thread.
  static Result<std::unique_ptr<MediaThread>> start(Channel& channel, HandOver& hand_over, int report_event,
                                                    const EngineSettings& settings);
  ~MediaThread() override;

  // Control thread.
  void wake() noexcept;
  Result<void> watch(int socket, Handle leg);
  EngineCounters counters() const;

 private:
  MediaThread(Channel& channel, HandOver& hand_over, int report_event)
      : channel_(channel), hand_over_(hand_over), report_event_(report_event) {}

  void send(int socket, const SocketAddress& to, std::span<const std::byte> datagram) noexcept override;
  bool connect(int socket, const SocketAddress& far) noexcept override;
  void run(int cpu, bool real_time) noexcept;
  void loop_once() noexcept;
  void drain_commands() noexcept;
  void receive(int socket, Handle leg, base::TimePoint now) noexcept;
  void sleep_to_next_tick() const noexcept;
  void note_turn(base::TimePoint due, base::TimePoint began) noexcept;
  void publish() noexcept;

  Channel& channel_;
  HandOver& hand_over_;
  const int report_event_;
  const base::SystemClock clock_;
  Descriptor epoll_;
  Descriptor wake_event_;
  std::atomic<bool> stopping_{false};
  std::atomic<bool> woken_{false};  // and has not looked at its commands since: once is enough

  // Media thread's own.
  Graph graph_{*this, channel_};
  EngineCounters totals_;

  // Written by the media thread, read by any.
  static constexpr size_t kScalars = 11;
  static constexpr size_t kPublished = kScalars + TurnHistogram::kBuckets;
  std::array<std::atomic<uint64_t>, kPublished> published_{};
  std::thread thread_;
};

}  // namespace sotto::media
