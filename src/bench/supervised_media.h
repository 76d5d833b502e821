#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/result.h"

namespace sotto::bench {

// Who is who in a supervised call.
enum class Seat : uint8_t { Agent, Customer, Supervisor };
inline constexpr size_t kSeats = 3;

// What was heard in all calls. Counted by the media thread; read it when that has ended.
struct SupervisedSound {
  int64_t behind_ns = 0;         // the most by which the phones themselves were late to speak
  uint64_t frames = 0;           // that came in
  uint64_t lost = 0;             // missing in the numbers of a stream
  uint64_t jumps = 0;            // of a stream's own time
  uint64_t late = 0;             // by over 20 ms to where its stream has it
  uint64_t talk_frames = 0;      // that agents and customers were sent while they talked
  uint64_t talk_broken = 0;      // of those, without the other's tone at its level
  uint64_t customer_frames = 0;  // that customers were sent, from the first to the last
  uint64_t leaks = 0;            // of those, with any supervisor's tone over a hundredth of its level
  double loudest_leak = 0;       // as a part of that level, or what is nearest to one
  uint64_t smeared = 0;          // with as much there only because the agent's own tone broke off or began
  uint64_t whisper_frames = 0;   // that agents were sent while they were whispered to
  uint64_t whisper_broken = 0;   // of those, without the supervisor's tone
  uint64_t monitor_frames = 0;   // that agents were sent while they were only listened to
  uint64_t monitor_leaks = 0;    // of those, with the supervisor's tone
  uint64_t listen_frames = 0;    // that supervisors were sent
  uint64_t listen_broken = 0;    // of those, without one of the two tones
};

// Sound of the phones of many calls, from a few sockets on a thread of its own: each says one tone, and every
// frame that it is sent is measured. All tones have whole periods in a frame.
class SupervisedMedia {
 public:
  static Result<std::unique_ptr<SupervisedMedia>> open_sockets(size_t calls);
  SupervisedMedia(const SupervisedMedia&) = delete;
  ~SupervisedMedia();

  void start();  // the thread

  // Any thread.
  std::string sdp(size_t call, Seat seat) const;        // the phone's answer
  void talk_to(size_t call, Seat seat, uint16_t port);  // on 127.0.0.1; 0: the leg is over
  void talking(bool on) { talking_.store(on); }         // both tones are due in every call from now on
  // What the agent is to hear of the supervisor, once the change has had time to settle.
  enum class Expect : uint8_t { Anything, Whisper, Monitor };
  void expect(size_t call, Expect what);
  // When the agent was first sent the supervisor's tone, in ns of the steady clock; 0: never.
  int64_t first_whisper(size_t call) const;

  size_t received() const { return received_.load(); }  // frames so far

  // Ends the thread.
  const SupervisedSound& stop();

 private:
  struct Leg;
  struct Call;
  SupervisedMedia() = default;
  Result<void> open(size_t calls);
  void run();
  void say(int64_t tick);
  void hear();
  void hear_one(const std::byte* bytes, size_t size, uint16_t from);
  void judge_stream(Leg& leg, const std::byte* header, int64_t now);
  void judge_leak(size_t agent, size_t other);
  void judge_sound(Leg& leg, int64_t now);

  static constexpr size_t kPhases = 20;
  std::vector<int> sockets_;  // one for each phase
  std::vector<uint16_t> ports_;
  int epoll_ = -1;
  std::vector<Call> calls_;
  std::vector<Leg> legs_;                               // three for each call
  std::array<std::atomic<uint32_t>, 65536> by_port_{};  // leg + 1, by the port of the server that it talks to
  std::array<float, 160> samples_{};
  std::atomic<bool> talking_{false};
  std::atomic<bool> ended_{false};
  std::atomic<size_t> received_{0};
  SupervisedSound sound_;
  std::thread thread_;
};

}  // namespace sotto::bench
