#include "store/multi_row.h"

#include <algorithm>
#include <iterator>
#include <span>

#include "store/columns.h"

namespace sotto::store {
namespace {

// Few lengths, since each is a prepared statement that is kept.
constexpr size_t kLengths[] = {16, 4, 1};

std::string text_of(const MultiRow& statement, size_t rows) {
  std::string row = "(";
  for (size_t i = 0; i < statement.columns; ++i) row += i == 0 ? "?" : ", ?";
  row += ")";
  std::string text = statement.insert + " VALUES ";
  for (size_t i = 0; i < rows; ++i) text += (i == 0 ? "" : ", ") + row;
  return text + " " + statement.conflict;
}

Result<void> put_some(Connection& connection, const std::string& text, std::span<Values> rows) {
  if (rows.size() == 1) return changed(connection.execute(text, rows.front()));
  Values all;
  all.reserve(rows.size() * rows.front().size());
  for (Values& row : rows) std::move(row.begin(), row.end(), std::back_inserter(all));
  return changed(connection.execute(text, all));
}

}  // namespace

Result<void> put_rows(Connection& connection, const MultiRow& statement, std::vector<Values> rows) {
  for (const Values& row : rows) {
    if (const auto storable = check_storable(row); !storable) return storable;
  }
  std::span<Values> left(rows);
  for (const size_t length : kLengths) {
    if (left.size() < length) continue;
    const std::string text = text_of(statement, length);
    for (; left.size() >= length; left = left.subspan(length)) {
      if (const auto put = put_some(connection, text, left.first(length)); !put) return put;
    }
  }
  return {};
}

}  // namespace sotto::store
