#include "media/handles.h"

#include "base/check.h"
#include "media/graph.h"

namespace sotto::media {

Handle Handles::take() {
  if (free_.empty()) {
    CHECK(generations_.size() < Graph::kObjectsMax);
    free_.push_back(static_cast<uint32_t>(generations_.size()));
    generations_.push_back(0);
  }
  const uint32_t index = free_.back();
  free_.pop_back();
  uint32_t& generation = generations_[index];
  generation = generation == Handle::kGenerationMax ? 1 : generation + 1;
  return {.index = index, .generation = generation};
}

}  // namespace sotto::media
