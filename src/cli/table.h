#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "text/json.h"

// What people read in a terminal.
namespace sotto::cli {

// Columns under their headings, as wide as they must be; numbers to the right.
class TextTable {
 public:
  explicit TextTable(std::vector<std::string> headings) : rows_{std::move(headings)} {}
  void add(std::vector<std::string> row);  // as many as there are headings
  bool empty() const { return rows_.size() == 1; }
  std::string text() const;

 private:
  std::vector<std::vector<std::string>> rows_;
};

// A member as a word: texts as they are, absent ones empty, lists with commas.
std::string word(const text::Json& json);

// The items of a list of objects, one row each: columns are (heading, member).
std::string table(const text::Json& items, const std::vector<std::pair<std::string, std::string>>& columns);

void print(std::string_view text);  // to stdout
void print_json(const text::Json& json);

}  // namespace sotto::cli
