#pragma once

#include <array>
#include <chrono>
#include <memory>

#include <sys/types.h>

#include "base/result.h"
#include "bench/media_board.h"

namespace sotto::bench {

// The three processes of one workload around their board. Owned by the coordinator, which has one thread.
class MediaProcesses {
 public:
  static Result<std::unique_ptr<MediaProcesses>> start(MediaWorkload workload, uint32_t legs);
  MediaProcesses(const MediaProcesses&) = delete;
  ~MediaProcesses();  // ends them

  MediaBoard& board() { return *board_; }
  // Lets only the server or only the floor run under load, and measures the CPU time it takes, in µs a leg
  // and second, after a time to settle.
  Result<double> measure(MediaBoard::Driven driven, std::chrono::milliseconds window);

 private:
  MediaProcesses() = default;
  Result<void> spawn(size_t which, int cpu, int (*run)(MediaBoard&));

  MediaBoard* board_ = nullptr;
  std::array<pid_t, 3> children_{};  // load, server, floor
};

}  // namespace sotto::bench
