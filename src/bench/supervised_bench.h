#pragma once

#include <chrono>
#include <functional>
#include <string>

namespace sotto::bench {

// Supervised calls at once on a whole server: a customer and an agent who talk, and a supervisor whose phone
// is rung by PUT Whisper, then is switched between Monitor and Whisper once a second. Every frame that any
// phone is sent is measured.
struct SupervisedBenchOptions {
  uint32_t calls = 500;
  std::chrono::seconds talk{60};
};

// The server is a process of its own; the phones share this one. Gives `print` one line of JSON. The
// process's exit status: 1 where a call failed, a frame was lost or wrong, or a customer could hear a
// supervisor. Call it from a process with one thread.
int bench_supervised(const SupervisedBenchOptions& options,
                     const std::function<void(const std::string&)>& print);

}  // namespace sotto::bench
