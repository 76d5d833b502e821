#pragma once

#include <cstddef>
#include <cstdint>

#include "base/result.h"
#include "bench/machine.h"

namespace sotto::bench {

// The least that the messages of plain calls can cost on this kernel: a process receives INVITE, ACK and BYE
// and answers as many bytes as the server does, from one socket. It parses and keeps nothing. It hardly
// needs the processor's cache: an hour in which others use that up makes the server dearer, and not the
// floor.
class CallFloor {
 public:
  static Result<CallFloor> start(int cpu);

  // CPU seconds a call, `at_once` of them under way; the calling process plays the callers.
  Result<double> measure(size_t calls, size_t at_once);

 private:
  CallFloor(Child child, uint16_t port) : child_(std::move(child)), port_(port) {}

  Child child_;
  uint16_t port_;
};

}  // namespace sotto::bench
