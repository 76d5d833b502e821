#pragma once

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "base/check.h"

// What the media thread is given ready-made and hands back to be freed.
namespace sotto::media {

class MediaObject {
 public:
  MediaObject() = default;
  MediaObject(const MediaObject&) = delete;
  virtual ~MediaObject() = default;
};

// Names an object of the media thread from the control thread. A stale handle names nothing.
struct Handle {
  static constexpr uint32_t kGenerationMax = 0xFFFFFF;  // so that a handle and a socket fit an epoll token
  uint32_t index = 0;
  uint32_t generation = 0;  // 0: none
  bool operator==(const Handle&) const = default;
};

// The media thread's objects of one kind. Never grows: the control thread gives out the indices.
template <typename T>
class ObjectTable {
 public:
  explicit ObjectTable(size_t capacity) : entries_(capacity) {}

  T* find(Handle handle) noexcept {
    if (handle.index >= entries_.size() || handle.generation == 0) return nullptr;
    Entry& entry = entries_[handle.index];
    return entry.generation == handle.generation ? entry.object.get() : nullptr;
  }
  void put(Handle handle, std::unique_ptr<T> object) noexcept {
    CHECK(handle.index < entries_.size() && entries_[handle.index].object == nullptr);
    entries_[handle.index] = {std::move(object), handle.generation};
  }
  std::unique_ptr<T> take(Handle handle) noexcept {
    return find(handle) == nullptr ? nullptr : std::move(entries_[handle.index].object);
  }

 private:
  struct Entry {
    std::unique_ptr<T> object;
    uint32_t generation = 0;
  };
  std::vector<Entry> entries_;
};

}  // namespace sotto::media
