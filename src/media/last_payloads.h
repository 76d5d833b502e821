#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

#include "base/bytes.h"
#include "base/prefetch.h"

namespace sotto::media {

// The newest packets of a stream that went on without being decoded, for a decoder that is to come in behind
// them. Allocates when made only.
class LastPayloads {
 public:
  LastPayloads(size_t packets, size_t bytes_max)
      : bytes_max_(bytes_max), bytes_(packets * bytes_max), sizes_(packets) {}

  size_t bytes_max() const noexcept { return bytes_max_; }
  bool empty() const noexcept { return count_ == 0; }
  // One of more than bytes_max() is not kept.
  void keep(base::ByteView payload) noexcept {
    if (payload.size() > bytes_max_) return;
    std::memcpy(bytes_.data() + next_ * bytes_max_, payload.data(), payload.size());
    sizes_[next_] = static_cast<uint16_t>(payload.size());
    next_ = next_ + 1 == sizes_.size() ? 0 : next_ + 1;
    count_ = std::min(count_ + 1, sizes_.size());
  }
  // Oldest first: on_payload(payload, how many come after it). Then there are none.
  template <typename OnPayload>
  void take(OnPayload on_payload) noexcept {
    for (; count_ > 0; --count_) {
      const size_t at = (next_ + sizes_.size() - count_) % sizes_.size();
      on_payload(base::ByteView(bytes_).subspan(at * bytes_max_, sizes_[at]), count_ - 1);
    }
  }
  // Fetches where the next one goes into the processor's cache.
  void prefetch() const noexcept {
    base::prefetch(bytes_.data() + next_ * bytes_max_, std::min(bytes_max_, kPrefetchMax));
  }

 private:
  static constexpr size_t kPrefetchMax = 192;

  size_t bytes_max_;
  std::vector<std::byte> bytes_;
  std::vector<uint16_t> sizes_;
  size_t next_ = 0;
  size_t count_ = 0;
};

}  // namespace sotto::media
