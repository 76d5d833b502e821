#pragma once

#include <deque>
#include <memory>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "media/stream_ring.h"

namespace sotto::stream {

// What came for a leg and waits to be played: sound, and marks between it. Control thread. Feeds a ring that
// the media thread empties in real time.
class Playout {
 public:
  Playout(std::shared_ptr<media::StreamRing> ring, std::chrono::milliseconds waiting_max);

  // Returns how many samples were over the bound and are lost.
  size_t add(std::vector<int16_t> samples);
  bool mark(std::string name);       // false: limits::kStreamMarksMax are waiting
  std::vector<std::string> clear();  // drops everything; the marks that were waiting
  // Moves on what fits the ring; the marks that playing has reached. Called every few milliseconds.
  std::vector<std::string> step();

 private:
  struct Passing {
    uint64_t at = 0;  // of the ring's samples
    std::string mark;
  };
  const std::shared_ptr<media::StreamRing> ring_;
  const size_t samples_max_;
  std::deque<std::variant<std::vector<int16_t>, std::string>> waiting_;
  size_t begun_ = 0;  // samples of the first that are in the ring already
  size_t samples_ = 0;
  size_t marks_ = 0;
  std::deque<Passing> passing_;  // marks behind sound that is in the ring
};

}  // namespace sotto::stream
