#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

// Where randomness comes from. Pure code is handed one; tests own the seed.
namespace sotto::base {

class Random {
 public:
  virtual ~Random() = default;
  virtual void fill(std::span<std::byte> out) = 0;

  uint64_t next();
  // Uniform in [0, bound), bound > 0.
  uint64_t below(uint64_t bound);
};

// The kernel's generator, buffered. One thread at a time.
class SystemRandom final : public Random {
 public:
  void fill(std::span<std::byte> out) override;

 private:
  std::byte buffer_[512];
  size_t used_ = sizeof(buffer_);
};

// splitmix64: for tests and simulations, never for secrets.
class SeededRandom final : public Random {
 public:
  explicit SeededRandom(uint64_t seed) : state_(seed) {}
  void fill(std::span<std::byte> out) override;

 private:
  uint64_t state_;
};

}  // namespace sotto::base
