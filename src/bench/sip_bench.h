#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>

namespace sotto::bench {

// What a call costs the SIP stack alone: INVITE, 180, 200, ACK, BYE, 200 over UDP on loopback, without media,
// routing or records.
struct SipBenchOptions {
  size_t calls = 20'000;                  // measured, after a tenth as many to warm up
  size_t at_once = 100;                   // calls under way
  size_t dialogs = 5'000;                 // held, to see what one takes
  std::chrono::milliseconds flood{3000};  // at its limit, and again at twice that
  int floods = 5;                         // of which the median counts: one is as good as its moment
};

// The stack that is measured and the generator of calls run in a process of their own each, on two CPUs.
// Gives `print` one line of JSON: calls_per_s, cpu_ms_per_call, kb_per_dialog (allocated for a call that is
// up, when what its beginning has left is gone), limit_per_s, kept_at_twice_the_limit (a part of the limit),
// failed. The process's exit status: 1 where a call failed or nothing could be measured. Call it from a
// process with one thread.
int bench_sip(const SipBenchOptions& options, const std::function<void(const std::string&)>& print);

}  // namespace sotto::bench
