#pragma once

#include <cstdint>
#include <vector>

#include "media/media_object.h"

namespace sotto::media {

// Gives out the handles of one kind of object, unique over all media threads. Control thread.
class Handles {
 public:
  Handle take();
  // The object is gone, or told to go by what was sent before anything that is sent from now on.
  void give_back(Handle handle) { free_.push_back(handle.index); }

 private:
  std::vector<uint32_t> generations_;
  std::vector<uint32_t> free_;
};

}  // namespace sotto::media
