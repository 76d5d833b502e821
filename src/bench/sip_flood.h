#pragma once

#include <chrono>
#include <deque>
#include <string>
#include <vector>

#include "base/result.h"
#include "bench/sip_party.h"

namespace sotto::bench {

// Calls of an answering SIP stack on a port of 127.0.0.1 that cost next to nothing to make: INVITE, ACK and
// BYE from templates, sent again as RFC 3261 wants it, over one socket. So one CPU can ask more of a stack
// than another CPU can give. It does not sleep: on the loopback device whoever sends to a sleeper pays for
// waking it.
class SipFlood {
 public:
  struct Course {
    uint16_t server = 0;
    std::string user = "bench";  // who is called
    std::string sdp = kSomeSdp;
    size_t at_once = 0;      // calls under way: the next begins when one is over; or
    double calls_per_s = 0;  // whatever comes of them
    std::chrono::milliseconds length{2000};
  };
  struct Outcome {
    size_t begun = 0;
    size_t completed = 0;  // from INVITE to the answer to BYE
    size_t refused = 0;
    double seconds = 0;
    double completed_per_s() const { return static_cast<double>(completed) / seconds; }
  };
  static Result<Outcome> run(const Course& course);

  // What is completed when `at_once` are always under way, and what part of it when twice as many begin.
  struct Limit {
    double calls_per_s = 0;
    double kept = 0;
  };
  // The middle of so many floods; `course` as for the first half of each.
  static Result<Limit> find_limit(const Course& course, int floods);

  SipFlood(const SipFlood&) = delete;
  ~SipFlood();

 private:
  using Time = std::chrono::steady_clock::time_point;
  enum class State : uint8_t { Inviting, Proceeding, Leaving, Over };
  struct Call {
    State state = State::Inviting;
    std::string to_tag;
  };
  struct Again {
    Time due;
    size_t call;
    std::chrono::milliseconds interval;
  };

  static Result<Limit> flood_twice(const Course& course);
  explicit SipFlood(const Course& course) : course_(course) {}
  Result<void> open();
  Result<Outcome> drive();
  void begin(Time now);
  void take(std::string_view message);
  void repeat(Time now);
  void send(size_t call, std::string_view method);
  void expect(Time now, size_t call, std::chrono::milliseconds interval);

  const Course course_;
  int socket_ = -1;
  std::string port_;
  std::string me_;      // host and port
  std::string callee_;  // user, host and port
  std::vector<Call> calls_;
  std::deque<Again> again_[4];  // by interval, each in order of time
  Outcome outcome_;
};

}  // namespace sotto::bench
