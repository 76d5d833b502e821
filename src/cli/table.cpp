#include "cli/table.h"

#include <algorithm>
#include <cstdio>

#include "text/ascii.h"
#include "text/utf8.h"

namespace sotto::cli {
namespace {

size_t width(std::string_view text) {
  return static_cast<size_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return (static_cast<uint8_t>(c) & 0xC0U) != 0x80U; }));
}

bool is_number(std::string_view text) {
  return !text.empty() && text.size() < 12 && std::all_of(text.begin(), text.end(), [](char c) {
    return text::is_digit(c) || c == '.' || c == ',';
  });
}

}  // namespace

void TextTable::add(std::vector<std::string> row) {
  row.resize(rows_.front().size());
  rows_.push_back(std::move(row));
}

std::string TextTable::text() const {
  const size_t columns = rows_.front().size();
  std::vector<size_t> widths(columns, 0);
  std::vector<bool> right(columns, rows_.size() > 1);
  for (size_t row = 0; row < rows_.size(); ++row) {
    for (size_t column = 0; column < columns; ++column) {
      const std::string& cell = rows_[row][column];
      widths[column] = std::max(widths[column], width(cell));
      if (row > 0 && !cell.empty() && !is_number(cell)) right[column] = false;
    }
  }
  std::string out;
  for (const auto& row : rows_) {
    std::string line;
    for (size_t column = 0; column < columns; ++column) {
      const std::string gap(widths[column] - width(row[column]), ' ');
      line += (column == 0 ? "" : "  ") + (right[column] ? gap + row[column] : row[column] + gap);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out += line + "\n";
  }
  return out;
}

std::string word(const text::Json& json) {
  if (json.is_null()) return {};
  if (json.text() != nullptr) return *json.text();
  if (json.boolean() != nullptr) return *json.boolean() ? "yes" : "no";
  if (json.array() == nullptr) return text::to_text(json);
  std::string out;
  for (const text::Json& each : *json.array()) out += (out.empty() ? "" : ", ") + word(each);
  return out;
}

std::string table(const text::Json& items, const std::vector<std::pair<std::string, std::string>>& columns) {
  std::vector<std::string> headings;
  for (const auto& [heading, member] : columns) headings.push_back(heading);
  TextTable out(std::move(headings));
  if (items.array() != nullptr) {
    for (const text::Json& item : *items.array()) {
      std::vector<std::string> row;
      for (const auto& [heading, member] : columns) row.push_back(word(item[member]));
      out.add(std::move(row));
    }
  }
  return out.empty() ? "none\n" : out.text();
}

void print(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
}

void print_json(const text::Json& json) {
  print(text::to_text(json) + "\n");
}

}  // namespace sotto::cli
