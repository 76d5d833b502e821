#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/check.h"

namespace sotto::media {

// From ids to slot numbers, in memory that is there from the start. Open addressing; removal closes the gap,
// so that searches stay short.
template <typename IdType>
class SlotMap {
 public:
  static constexpr uint32_t kNone = UINT32_MAX;

  explicit SlotMap(size_t capacity) {
    size_t size = 4;
    while (size < capacity * 2) size *= 2;
    entries_.resize(size);
  }

  uint32_t find(const IdType& id) const noexcept {
    for (size_t at = home(id);; at = next(at)) {
      if (entries_[at].slot == kNone) return kNone;
      if (entries_[at].id == id) return entries_[at].slot;
    }
  }
  // `id` is not there yet.
  void insert(const IdType& id, uint32_t slot) noexcept {
    CHECK(++used_ < entries_.size());
    size_t at = home(id);
    while (entries_[at].slot != kNone) at = next(at);
    entries_[at] = {id, slot};
  }
  void erase(const IdType& id) noexcept {
    size_t hole = home(id);
    while (!(entries_[hole].id == id) || entries_[hole].slot == kNone) {
      if (entries_[hole].slot == kNone) return;
      hole = next(hole);
    }
    --used_;
    for (size_t at = next(hole); entries_[at].slot != kNone; at = next(at)) {
      const size_t from_home = (at - home(entries_[at].id)) & (entries_.size() - 1);
      const size_t from_hole = (at - hole) & (entries_.size() - 1);
      if (from_home < from_hole) continue;
      entries_[hole] = entries_[at];
      hole = at;
    }
    entries_[hole] = {};
  }

 private:
  struct Entry {
    IdType id{};
    uint32_t slot = kNone;
  };
  size_t home(const IdType& id) const noexcept {
    const uint64_t mixed = (id.high * 31 + id.low) * 0x9E37'79B9'7F4A'7C15ULL;
    return static_cast<size_t>(mixed >> 32) & (entries_.size() - 1);
  }
  size_t next(size_t at) const noexcept { return (at + 1) & (entries_.size() - 1); }

  std::vector<Entry> entries_;
  size_t used_ = 0;
};

}  // namespace sotto::media
