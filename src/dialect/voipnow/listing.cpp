#include "dialect/voipnow/listing.h"

#include <algorithm>
#include <array>

#include "dialect/voipnow/values.h"
#include "text/ascii.h"
#include "text/form.h"

namespace sotto::voipnow {
namespace {

using text::Json;
using text::JsonArray;
using text::JsonObject;
using Op = ListQuery::Op;

constexpr int64_t kCountMax = 5000;
constexpr std::array<std::pair<std::string_view, Op>, 7> kOps = {{{"equals", Op::Equals},
                                                                  {"contains", Op::Contains},
                                                                  {"startsWith", Op::StartsWith},
                                                                  {"present", Op::Present},
                                                                  {"greaterThan", Op::GreaterThan},
                                                                  {"lessThan", Op::LessThan},
                                                                  {"inArray", Op::InArray}}};

bool contains(const std::vector<std::string_view>& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

Checked<void> read_page(const text::Parameters& sent, ListQuery& query) {
  if (const std::string* text = text::find_parameter(sent, "count")) {
    const auto count = read_number(std::string_view(*text));
    if (!count || *count < 1 || *count > kCountMax)
      return refuse("count_invalid", "count: 1 to 5000 is wanted");
    query.count = static_cast<uint32_t>(*count);
  }
  if (const std::string* text = text::find_parameter(sent, "startIndex")) {
    const auto start = read_number(std::string_view(*text));
    if (!start || *start < 0 || *start > kCountMax) {
      return refuse("startindex_invalid", "startIndex: 0 to 5000 is wanted");
    }
    query.start = static_cast<uint32_t>(*start);
  }
  const std::string* order = text::find_parameter(sent, "sortOrder");
  if (order == nullptr || *order == "asc" || *order == "ascending") return {};
  if (*order != "desc" && *order != "descending") {
    return refuse("sortorder_invalid", "sortOrder: ascending or descending is wanted");
  }
  query.descending = true;
  return {};
}

Checked<void> read_filter(const text::Parameters& sent, const ListRules& rules, ListQuery& query) {
  if (const std::string* op = text::find_parameter(sent, "filterOp")) {
    const auto it = std::find_if(kOps.begin(), kOps.end(), [&](const auto& row) { return row.first == *op; });
    if (it == kOps.end()) return refuse("filterop_invalid", "filterOp: \"" + *op + "\" is no operation");
    query.filter_op = it->second;
  }
  const std::string* value = text::find_parameter(sent, "filterValue");
  if (value != nullptr) query.filter_value = *value;
  const std::string* by = text::find_parameter(sent, "filterBy");
  if (by == nullptr) return {};
  if (!contains(rules.filterable, *by)) {
    return refuse("filterby_invalid", "filterBy: \"" + *by + "\" cannot be filtered by");
  }
  if ((value == nullptr || value->empty()) && query.filter_op != Op::Present) {
    return refuse("filtervalue_invalid", "filterValue: it is wanted with filterBy");
  }
  query.filter_by = *by;
  return {};
}

Checked<void> read_fields(const text::Parameters& sent, const ListRules& rules, ListQuery& query) {
  for (const auto& [name, value] : sent) {
    if (name != "fields" && name != "fields[]") continue;
    for (const std::string_view field : text::split(value, ',')) {
      const std::string_view trimmed = text::trim(field);
      if (trimmed == "@all") continue;
      if (!contains(rules.known, trimmed)) {
        return refuse("fields_invalid", "fields: \"" + std::string(trimmed) + "\" is no field");
      }
      query.fields.emplace_back(trimmed);
    }
  }
  return {};
}

std::string text_of(const Json& value) {
  return read_text(value).value_or(value.is_null() ? std::string() : text::to_text(value));
}

int compare(const std::string& left, const std::string& right) {
  const auto a = read_number(std::string_view(left));
  const auto b = read_number(std::string_view(right));
  if (a && b) return *a < *b ? -1 : *a > *b ? 1 : 0;
  return left.compare(right);
}

bool passes(const ListQuery& query, const Json& entry) {
  if (query.filter_by.empty()) return true;
  const Json* field = entry.find(query.filter_by);
  if (query.filter_op == Op::Present) return field != nullptr;
  if (field == nullptr) return false;
  const std::string text = text_of(*field);
  switch (query.filter_op) {
    case Op::Equals: return text == query.filter_value;
    case Op::Contains: return text.find(query.filter_value) != std::string::npos;
    case Op::StartsWith: return text.starts_with(query.filter_value);
    case Op::GreaterThan: return compare(text, query.filter_value) > 0;
    case Op::LessThan: return compare(text, query.filter_value) < 0;
    case Op::InArray: {
      const auto words = text::split(query.filter_value, ',');
      return std::any_of(words.begin(), words.end(),
                         [&](std::string_view word) { return text::trim(word) == text; });
    }
    case Op::Present: break;
  }
  return true;
}

Json only(const Json& entry, const std::vector<std::string>& fields) {
  if (fields.empty()) return entry;
  JsonObject out;
  for (const std::string& field : fields) {
    if (const Json* value = entry.find(field)) out.set(field, *value);
  }
  return out;
}

}  // namespace

Checked<ListQuery> parse_list_query(const http::Request& request, const ListRules& rules) {
  const auto sent = request.query();
  if (!sent) return refuse("request_invalid", "query: " + sent.error().detail);
  ListQuery query;
  for (const auto& [name, value] : *sent) {
    if (name != "startIndex" && name != "count") query.others.emplace_back(name, value);
  }
  if (auto read = read_page(*sent, query); !read) return tl::unexpected(read.error());
  if (auto read = read_filter(*sent, rules, query); !read) return tl::unexpected(read.error());
  if (auto read = read_fields(*sent, rules, query); !read) return tl::unexpected(read.error());
  return query;
}

JsonObject make_collection(const ListQuery& query, std::vector<Json> entries, const std::string& address) {
  std::erase_if(entries, [&](const Json& entry) { return !passes(query, entry); });
  if (query.descending) std::reverse(entries.begin(), entries.end());
  JsonArray page;
  for (size_t i = query.start; i < entries.size() && page.size() < query.count; ++i) {
    page.push_back(only(entries[i], query.fields));
  }
  const auto at = [&](size_t start) {
    text::Parameters sent = query.others;
    sent.emplace_back("startIndex", std::to_string(start));
    sent.emplace_back("count", std::to_string(query.count));
    return address + "?" + text::encode_form(sent);
  };
  JsonObject paging;
  if (query.start + page.size() < entries.size()) paging.add("next", at(query.start + query.count));
  if (query.start > 0) paging.add("prev", at(query.start > query.count ? query.start - query.count : 0));
  JsonObject out;
  out.add("entry", std::move(page));
  out.add("totalResults", entries.size());
  out.add("startIndex", query.start);
  out.add("itemsPerPage", query.count);
  if (paging.empty()) return out;
  out.add("paging", paging);
  for (const text::JsonMember& member : paging.members()) out.add(member.key, member.value);
  return out;
}

}  // namespace sotto::voipnow
