#pragma once

#include <string>

#include "bench/machine.h"

namespace sotto::bench {

// `sotto serve` of this very program, on free ports of 127.0.0.1; it ends in order, or is killed after some
// seconds. Made by a process with one thread.
class ServerProcess {
 public:
  // With its data and its log in `folder`, which must be there.
  static Result<ServerProcess> start(const std::string& folder, const std::string& config, int cpu = kAnyCpu);

  ServerProcess(ServerProcess&&) = default;
  ServerProcess& operator=(ServerProcess&&) = delete;
  ~ServerProcess();

  uint16_t sip_port() const { return sip_; }
  uint16_t http_port() const { return http_; }
  pid_t process() const { return child_.process(); }
  double cpu() const { return cpu_seconds(child_.process()); }

 private:
  explicit ServerProcess(Child child) : child_(std::move(child)) {}

  Child child_;
  uint16_t sip_ = 0;
  uint16_t http_ = 0;
};

}  // namespace sotto::bench
