#include "http/byte_range.h"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "text/integer.h"

namespace sotto::http {
namespace {

constexpr std::string_view kUnit = "bytes=";

// "0-99", "100-" or "-50" (the last 50). Nothing: not of that form, or more than one part.
std::optional<ByteRange> parse(std::string_view text, uint64_t size) {
  if (!text.starts_with(kUnit)) return std::nullopt;
  text.remove_prefix(kUnit.size());
  const size_t hyphen = text.find('-');
  if (hyphen == std::string_view::npos) return std::nullopt;
  const std::string_view before = text.substr(0, hyphen), after = text.substr(hyphen + 1);
  const auto first = text::whole_number(before);
  const auto last = text::whole_number(after);
  if ((!before.empty() && !first) || (!after.empty() && !last) || (!first && !last)) return std::nullopt;
  if (!first) {
    const uint64_t length = std::min(size, static_cast<uint64_t>(*last));
    return ByteRange{size - length, length};
  }
  if (last && *last < *first) return std::nullopt;
  const auto start = static_cast<uint64_t>(*first);
  if (start >= size) return ByteRange{};
  return ByteRange{start,
                   last ? std::min(size - start, static_cast<uint64_t>(*last) - start + 1) : size - start};
}

}  // namespace

ByteRange choose_range(const Request& request, uint64_t size, Response& response) {
  const ByteRange whole{0, size};
  response.headers.set("Accept-Ranges", "bytes");
  if (response.status != 200 || request.headers.contains("If-Range")) return whole;
  const auto part = parse(request.headers.get("Range"), size);
  if (!part) return whole;
  if (part->length == 0) {
    response.status = 416;
    response.headers.set("Content-Range", fmt::format("bytes */{}", size));
    return {};
  }
  response.status = 206;
  response.headers.set("Content-Range",
                       fmt::format("bytes {}-{}/{}", part->first, part->first + part->length - 1, size));
  return *part;
}

}  // namespace sotto::http
