#include "text/timeline.h"

#include <algorithm>
#include <cstdio>

namespace sotto::text {
namespace {

// Bytes that begin a character: what a terminal counts.
size_t columns(const std::string& text) {
  return static_cast<size_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

}  // namespace

std::string draw_timeline(const std::vector<NamedSpan>& spans, size_t width) {
  if (spans.empty() || width == 0) return {};
  auto first = spans.front().from;
  auto last = spans.front().to;
  size_t widest = 0;
  for (const NamedSpan& span : spans) {
    first = std::min(first, span.from);
    last = std::max(last, span.to);
    widest = std::max(widest, columns(span.name));
  }
  const double scale =
      static_cast<double>(width) / std::max<double>(1, static_cast<double>((last - first).count()));
  std::vector<std::pair<std::string, std::string>> rows;
  for (const NamedSpan& span : spans) {
    auto row =
        std::find_if(rows.begin(), rows.end(), [&](const auto& each) { return each.first == span.name; });
    if (row == rows.end()) row = rows.insert(rows.end(), {span.name, std::string(width, '.')});
    const auto from = static_cast<size_t>(static_cast<double>((span.from - first).count()) * scale);
    const auto to = static_cast<size_t>(static_cast<double>((span.to - first).count()) * scale);
    for (size_t i = std::min(from, width - 1); i < std::min(std::max(to, from + 1), width); ++i)
      row->second[i] = '#';
  }
  std::string out;
  for (const auto& [name, row] : rows) {
    out += "  " + name + std::string(widest - columns(name), ' ') + " |" + row + "|\n";
  }
  char length[32];
  std::snprintf(length, sizeof(length), "%.1f s", static_cast<double>((last - first).count()) / 1e6);
  const std::string end(length);
  const std::string gap(width > end.size() + 3 ? width - end.size() - 3 : 1, ' ');
  out += "  " + std::string(widest, ' ') + "  0 s" + gap + end + "\n";
  return out;
}

}  // namespace sotto::text
