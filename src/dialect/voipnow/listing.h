#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dialect/voipnow/error.h"
#include "http/request.h"
#include "text/json.h"

namespace sotto::voipnow {

// The standard parameters of collections (contract section 1.7).
struct ListQuery {
  enum class Op { Equals, Contains, StartsWith, Present, GreaterThan, LessThan, InArray };

  uint32_t count = 20;
  uint32_t start = 0;
  std::string filter_by;  // empty: no filter
  Op filter_op = Op::Equals;
  std::string filter_value;
  bool descending = false;
  std::vector<std::string> fields;  // empty: all
  text::Parameters others;          // as sent, but for the page: they go into the links to other pages
};

// `filterable` are the fields that filterBy may name, `known` those of an entry.
struct ListRules {
  std::vector<std::string_view> filterable;
  std::vector<std::string_view> known;
};

Checked<ListQuery> parse_list_query(const http::Request& request, const ListRules& rules);

// Filters, cuts out the page, and puts it in the envelope. `entries` are in ascending order of the
// collection's key; `address` is the absolute address of the collection, without a query.
text::JsonObject make_collection(const ListQuery& query, std::vector<text::Json> entries,
                                 const std::string& address);

}  // namespace sotto::voipnow
