#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/random.h"

namespace sotto::base {

// 128 random bits that name one thing. Each kind of thing has its own type: struct LegTag; using LegId =
// Id<LegTag>. A dialect formats an id its own way (32 hex, dashed, prefixed); no table maps one to the other.
template <typename Tag>
struct Id {
  uint64_t high = 0;
  uint64_t low = 0;

  static Id make(Random& random) { return Id{random.next(), random.next()}; }
  bool valid() const { return (high | low) != 0; }
  auto operator<=>(const Id&) const = default;
};

std::string id_to_hex(uint64_t high, uint64_t low);   // 32 lower-case hex digits
std::string id_to_uuid(uint64_t high, uint64_t low);  // 8-4-4-4-12, bits unchanged
std::optional<std::pair<uint64_t, uint64_t>> id_from_text(std::string_view hex);  // either form, any case

template <typename Tag>
std::string to_hex(const Id<Tag>& id) {
  return id_to_hex(id.high, id.low);
}

template <typename Tag>
std::string to_uuid(const Id<Tag>& id) {
  return id_to_uuid(id.high, id.low);
}

template <typename IdType>
std::optional<IdType> parse_id(std::string_view text) {
  const auto halves = id_from_text(text);
  if (!halves) return std::nullopt;
  return IdType{halves->first, halves->second};
}

}  // namespace sotto::base

template <typename Tag>
struct std::hash<sotto::base::Id<Tag>> {
  size_t operator()(const sotto::base::Id<Tag>& id) const noexcept { return id.high ^ id.low; }
};
