#include "base/random.h"

#include <algorithm>
#include <cstring>

#include <sys/random.h>

#include "base/check.h"

namespace sotto::base {

uint64_t Random::next() {
  uint64_t value = 0;
  fill(std::as_writable_bytes(std::span(&value, 1)));
  return value;
}

uint64_t Random::below(uint64_t bound) {
  CHECK(bound > 0);
  // Values above the largest multiple of `bound` would favour the low results.
  const uint64_t limit = UINT64_MAX - UINT64_MAX % bound;
  uint64_t value = next();
  while (value >= limit) value = next();
  return value % bound;
}

void SystemRandom::fill(std::span<std::byte> out) {
  while (!out.empty()) {
    if (used_ == sizeof(buffer_)) {
      CHECK(::getrandom(buffer_, sizeof(buffer_), 0) == static_cast<ssize_t>(sizeof(buffer_)));
      used_ = 0;
    }
    const size_t step = std::min(out.size(), sizeof(buffer_) - used_);
    std::memcpy(out.data(), buffer_ + used_, step);
    std::memset(buffer_ + used_, 0, step);
    used_ += step;
    out = out.subspan(step);
  }
}

void SeededRandom::fill(std::span<std::byte> out) {
  while (!out.empty()) {
    state_ += 0x9e3779b97f4a7c15ULL;
    uint64_t value = state_;
    value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9ULL;
    value = (value ^ (value >> 27)) * 0x94d049bb133111ebULL;
    value ^= value >> 31;
    const size_t step = std::min(out.size(), sizeof(value));
    std::memcpy(out.data(), &value, step);
    out = out.subspan(step);
  }
}

}  // namespace sotto::base
