#include "store/multi_row.h"

#include <span>

#include "base/check.h"
#include "store/columns.h"

namespace sotto::store {
namespace {

// Few lengths, since each is a prepared statement that is kept.
constexpr size_t kLengths[] = {64, 16, 4, 1};

std::string text_of(const MultiRow& statement, size_t rows) {
  std::string row = "(";
  for (size_t i = 0; i < statement.columns; ++i) row += i == 0 ? "?" : ", ?";
  row += ")";
  std::string text = statement.insert + " VALUES ";
  for (size_t i = 0; i < rows; ++i) text += (i == 0 ? "" : ", ") + row;
  return text + " " + statement.conflict;
}

}  // namespace

Result<void> put_rows(Connection& connection, const MultiRow& statement, const Values& rows) {
  CHECK(rows.size() % statement.columns == 0);
  if (const auto storable = check_storable(rows); !storable) return storable;
  std::span<const Value> left(rows);
  for (const size_t length : kLengths) {
    const size_t size = length * statement.columns;
    if (left.size() < size) continue;
    const std::string text = text_of(statement, length);
    for (; left.size() >= size; left = left.subspan(size)) {
      if (const auto put = changed(connection.execute_storable(text, left.first(size))); !put) return put;
    }
  }
  return {};
}

}  // namespace sotto::store
