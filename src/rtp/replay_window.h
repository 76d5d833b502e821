#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace sotto::rtp {

// Which packets have been here, RFC 3711 §3.3.2: the newest index and those up to kSize before it. Fit for a
// media turn.
class ReplayWindow {
 public:
  static constexpr int64_t kSize = 1'024;

  // False for one that was here, and for one too old to tell.
  bool admits(int64_t index) const noexcept {
    if (index < 0) return false;
    if (index > newest_) return true;
    return newest_ - index < kSize && (word_of(index) & bit_of(index)) == 0;
  }
  // One that was admitted and has proved authentic.
  void add(int64_t index) noexcept {
    if (index - newest_ >= kSize) {
      seen_.fill(0);
      newest_ = index;
    }
    while (newest_ < index) {
      ++newest_;
      seen_[place_of(newest_)] &= ~bit_of(newest_);
    }
    seen_[place_of(index)] |= bit_of(index);
  }

 private:
  static constexpr int64_t kWordBits = 64;
  static size_t place_of(int64_t index) noexcept { return static_cast<size_t>(index % kSize / kWordBits); }
  static uint64_t bit_of(int64_t index) noexcept { return uint64_t{1} << (index % kWordBits); }
  uint64_t word_of(int64_t index) const noexcept { return seen_[place_of(index)]; }

  std::array<uint64_t, kSize / kWordBits> seen_{};
  int64_t newest_ = -1;
};

}  // namespace sotto::rtp
