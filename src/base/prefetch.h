#pragma once

#include <cstddef>

namespace sotto::base {

// Asks the processor for the cache lines of something that will be written soon. A turn of the media touches
// some hundred lines a leg, once in 20 ms: fetched one after the other, waiting for them is most of its cost.
template <int kToWrite = 1>
void prefetch(const void* from, size_t bytes) noexcept {
  constexpr size_t kLine = 64;
  const auto* const first = static_cast<const char*>(from);
  for (size_t at = 0; at < bytes; at += kLine) __builtin_prefetch(first + at, kToWrite);
}
// The same for what several threads share and none writes.
inline void prefetch_to_read(const void* from, size_t bytes) noexcept {
  prefetch<0>(from, bytes);
}
template <typename T>
void prefetch(const T* object) noexcept {
  prefetch(static_cast<const void*>(object), sizeof(T));
}

}  // namespace sotto::base
