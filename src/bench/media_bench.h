#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace sotto::bench {

inline constexpr uint32_t kMediaBenchLegsMax = 6000;

// What a leg costs the media engine, in CPU and memory, against the floor: the same packets, sockets and
// phases by a program that parses nothing.
struct MediaBenchOptions {
  std::vector<std::string> workloads;  // of W1 to W5 and W7; empty: all
  uint32_t legs = 300;
  std::chrono::milliseconds window{2000};  // of one measurement
  int rounds = 2;                          // server and floor alternate this often
  bool find_max = false;                   // search the most legs at 99.5 % on time: minutes a workload
};

// Server, floor and load each run in a process of their own: the first two share one CPU and take turns, the
// load has another. Gives `print` one line of JSON for each workload. The process's exit status: 1 where a
// tone was wrong or nothing could be measured. Call it from a process with one thread.
int bench_media(const MediaBenchOptions& options, const std::function<void(const std::string&)>& print);

}  // namespace sotto::bench
