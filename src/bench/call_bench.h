#pragma once

#include <chrono>
#include <functional>
#include <string>

namespace sotto::bench {

// What a call costs the whole server: INVITE, route, leg, RTP ports, answer, ledger, events, BYE, and the
// record in its database; of all its threads. The calls under way are enough to keep it busy; more would only
// wait, and have their message played meanwhile.
struct CallBenchOptions {
  size_t calls = 20'000;  // a round, after a tenth as many to warm up
  size_t rounds = 5;
  size_t at_once = 50;                     // calls under way
  std::chrono::milliseconds flood{3'000};  // first at its limit, then at twice
  int floods = 3;
};

// The server answers with a message that it is closed, on one CPU; the generator has another. After each
// round as many calls go to the floor, on the server's CPU. Gives `print` one line of JSON: calls_per_s,
// cpu_ms_per_call, floor_ms_per_call and times_the_floor, all of the middle round, cpu_ms_per_call_best,
// limit_per_s (of callers that cost less), kept_at_twice_the_limit (a part of it), failed. 1 where a call
// failed or nothing could be measured.
int bench_calls(const CallBenchOptions& options, const std::function<void(const std::string&)>& print);

}  // namespace sotto::bench
