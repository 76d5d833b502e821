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
  struct Options {
    size_t number = 0;  // among the engine's, from 0
    Channel& channel;   // its own; like the two below it outlives the thread
    HandOver& hand_over;
    int report_event = -1;   // an eventfd, written when reports wait
    int cpu = -1;            // -1: any
    bool real_time = false;  // where this process has the right to it
  };
  // Fails where the processor is not there.
  static Result<std::unique_ptr<MediaThread>> start(const Options& options);
  ~MediaThread() override;

  // Control thread.
  void wake() noexcept;
  Result<void> watch(int socket, Handle leg);
  void unwatch(int socket) noexcept;
  EngineCounters counters() const;

 private:
  explicit MediaThread(const Options& options) : options_(options) {}

  void send(int socket, const SocketAddress& to, std::span<const std::byte> datagram) noexcept override;
  bool connect(int socket, const SocketAddress& far) noexcept override;
  Result<void> pin();
  void run() noexcept;
  void loop_once() noexcept;
  void drain_commands() noexcept;
  void receive(int socket, Handle leg, base::TimePoint now) noexcept;
  void sleep_to_next_tick() const noexcept;
  void tell_control(base::TimePoint now) noexcept;
  void note_turn(base::TimePoint due, base::TimePoint began) noexcept;
  void publish() noexcept;

  const Options options_;
  const base::SystemClock clock_;
  Descriptor epoll_;
  Descriptor wake_event_;
  std::atomic<bool> stopping_{false};
  std::atomic<bool> woken_{false};  // and has not looked at its commands since: once is enough

  // Media thread's own.
  Graph graph_{*this, options_.channel};
  EngineCounters totals_;
  base::TimePoint told_{};  // when the control thread was last woken

  // Written by the media thread, read by any.
  static constexpr size_t kScalars = 11;
  static constexpr size_t kPublished = kScalars + TurnHistogram::kBuckets;
  std::array<std::atomic<uint64_t>, kPublished> published_{};
  std::thread thread_;
};

}  // namespace sotto::media
