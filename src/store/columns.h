#pragma once

#include <array>
#include <string_view>

#include "base/ids.h"
#include "base/result.h"
#include "base/time.h"
#include "store/value.h"

// How our types stand in columns: ids as 32 hex digits, moments as microseconds, enumerators by name.
namespace sotto::store {

inline int64_t to_column(base::WallTime time) {
  return time.time_since_epoch().count();
}
inline std::optional<int64_t> to_column(const std::optional<base::WallTime>& time) {
  return time ? std::optional(to_column(*time)) : std::nullopt;
}
inline base::WallTime time_of(const Value& value) {
  return base::WallTime(base::WallTime::duration(value.integer()));
}
inline std::optional<base::WallTime> time_or_none(const Value& value) {
  return value.is_null() ? std::nullopt : std::optional(time_of(value));
}

template <typename Tag>
std::string to_column(const base::Id<Tag>& id) {
  return base::to_hex(id);
}
template <typename Tag>
std::optional<std::string> to_column(const std::optional<base::Id<Tag>>& id) {
  return id ? std::optional(base::to_hex(*id)) : std::nullopt;
}
// One more row for put_rows(), without the copies that an initializer list makes.
template <typename... Columns>
void add_row(Values& rows, Columns&&... columns) {
  (rows.emplace_back(std::forward<Columns>(columns)), ...);
}
// An invalid id when the text is none.
template <typename IdType>
IdType id_of(std::string_view text) {
  return base::parse_id<IdType>(text).value_or(IdType{});
}
template <typename IdType>
std::optional<IdType> id_or_none(const Value& value) {
  return value.is_null() ? std::nullopt : base::parse_id<IdType>(value.text());
}

// The compiler writes a value that no enumerator has as a cast.
template <auto Value>
constexpr bool is_enumerator() {
  constexpr std::string_view kSpelling = __PRETTY_FUNCTION__;
  constexpr std::string_view kBefore = "Value = ";
  return kSpelling[kSpelling.find(kBefore) + kBefore.size()] != '(';
}

// The names of an enum whose enumerators count from 0.
template <typename Enum, size_t Size>
struct EnumNames {
  static_assert(is_enumerator<Enum(Size - 1)>() && !is_enumerator<Enum(Size)>(), "a name for each");
  std::array<std::string_view, Size> names;

  std::string_view name(Enum value) const { return names.at(static_cast<size_t>(value)); }
  // The first enumerator for a name that a later version wrote.
  Enum value(std::string_view name) const {
    for (size_t i = 0; i < Size; ++i) {
      if (names[i] == name) return static_cast<Enum>(i);
    }
    return Enum{};
  }
};

inline Result<void> changed(const Result<Rows>& rows) {
  if (!rows) return fail(rows.error());
  return {};
}

// NotFound when no row was changed.
inline Result<void> changed_one(const Result<Rows>& rows, std::string_view what) {
  if (!rows) return fail(rows.error());
  if (rows->changed == 0) return fail(ErrorCode::NotFound, std::string(what) + ": not found");
  return {};
}

}  // namespace sotto::store
