#pragma once

namespace sotto::media {

// Marks the code of a media turn, for tests that abort on an allocation in it. Costs a thread-local counter.
class RealTimeScope {
 public:
  RealTimeScope() noexcept { ++depth_; }
  ~RealTimeScope() { --depth_; }
  RealTimeScope(const RealTimeScope&) = delete;
  static bool active() noexcept { return depth_ > 0; }

 private:
  static inline thread_local int depth_ = 0;
};

}  // namespace sotto::media
