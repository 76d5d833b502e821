#include <algorithm>
#include <cmath>

#include <boost/json/basic_parser_impl.hpp>

#include "text/json.h"

namespace sotto::text {

// Receives Boost.JSON's events and builds our value. Pointers on the stack stay valid: a container does not
// grow while one of its elements is open.
class JsonBuilder {
 public:
  using ErrorInfo = boost::json::error_code;
  using View = boost::json::string_view;

  static constexpr std::size_t max_object_size = SIZE_MAX;
  static constexpr std::size_t max_array_size = SIZE_MAX;
  static constexpr std::size_t max_key_size = SIZE_MAX;
  static constexpr std::size_t max_string_size = SIZE_MAX;

  Json take() { return std::move(root_); }
  std::string_view objection() const { return objection_; }

  bool on_document_begin(ErrorInfo&) { return true; }
  bool on_document_end(ErrorInfo&) { return true; }
  bool on_object_begin(ErrorInfo&) { return open(JsonObject{}); }
  bool on_array_begin(ErrorInfo&) { return open(JsonArray{}); }
  bool on_object_end(std::size_t, ErrorInfo&) {
    keep_last_of_each_key(open_.back()->object()->members_);
    open_.pop_back();
    return true;
  }
  bool on_array_end(std::size_t, ErrorInfo&) {
    open_.pop_back();
    return true;
  }
  bool on_key_part(View part, std::size_t, ErrorInfo&) { return append(key_, part); }
  bool on_key(View part, std::size_t, ErrorInfo& ec) {
    append(key_, part);
    return key_.find(char{0}) == std::string::npos || stop(ec, "a key holds U+0000");
  }
  bool on_string_part(View part, std::size_t, ErrorInfo&) { return append(string_, part); }
  bool on_string(View part, std::size_t, ErrorInfo& ec) {
    append(string_, part);
    if (string_.find('\0') != std::string::npos) return stop(ec, "a string holds U+0000");
    put(Json(std::move(string_)));
    string_.clear();
    return true;
  }
  bool on_number_part(View, ErrorInfo&) { return true; }
  bool on_int64(std::int64_t number, View, ErrorInfo&) { return put(Json(number)) != nullptr; }
  bool on_uint64(std::uint64_t number, View, ErrorInfo&) {
    return put(Json(static_cast<double>(number))) != nullptr;
  }
  bool on_double(double number, View, ErrorInfo& ec) {
    if (!std::isfinite(number)) return stop(ec, "a number is too large");
    return put(Json(number)) != nullptr;
  }
  bool on_bool(bool value, ErrorInfo&) { return put(Json(value)) != nullptr; }
  bool on_null(ErrorInfo&) { return put(Json()) != nullptr; }
  bool on_comment_part(View, ErrorInfo&) { return true; }
  bool on_comment(View, ErrorInfo&) { return true; }

 private:
  static bool append(std::string& out, View part) {
    out.append(part.data(), part.size());
    return true;
  }

  bool stop(ErrorInfo& ec, std::string_view why) {
    objection_ = why;
    ec = boost::json::error::syntax;
    return false;
  }

  template <typename Container>
  bool open(Container container) {
    open_.push_back(put(Json(std::move(container))));
    return true;
  }

  Json* put(Json value) {
    if (open_.empty()) {
      root_ = std::move(value);
      return &root_;
    }
    if (JsonArray* array = open_.back()->array()) return &array->emplace_back(std::move(value));
    Json& added = open_.back()->object()->add(std::move(key_), std::move(value));
    key_.clear();
    return &added;
  }

  // O(n log n), so that a body of nothing but members cannot hold up the thread.
  static void keep_last_of_each_key(std::vector<JsonMember>& members) {
    if (members.size() < 2) return;
    std::vector<size_t> order(members.size());
    for (size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::sort(order.begin(), order.end(), [&](size_t left, size_t right) {
      const int compared = members[left].key.compare(members[right].key);
      return compared != 0 ? compared < 0 : left < right;
    });
    std::vector<bool> overridden(members.size());
    bool any = false;
    for (size_t i = 0; i + 1 < order.size(); ++i) {
      if (members[order[i]].key != members[order[i + 1]].key) continue;
      overridden[order[i]] = true;
      any = true;
    }
    if (!any) return;
    size_t kept = 0;
    for (size_t i = 0; i < members.size(); ++i) {
      if (overridden[i]) continue;
      if (kept != i) members[kept] = std::move(members[i]);
      ++kept;
    }
    members.resize(kept);
  }

  Json root_;
  std::vector<Json*> open_;
  std::string key_;
  std::string string_;
  std::string_view objection_;
};

Result<Json> parse_json(std::string_view text, const JsonLimits& limits) {
  if (text.size() > limits.bytes_max) {
    return fail(ErrorCode::TooLarge, "JSON: over " + std::to_string(limits.bytes_max) + " bytes");
  }
  const size_t mark = text.starts_with("\xEF\xBB\xBF") ? 3 : 0;
  boost::json::parse_options options;
  options.max_depth = limits.depth_max;
  boost::json::basic_parser<JsonBuilder> parser(options);
  boost::json::error_code ec;
  const size_t used = parser.write_some(false, text.data() + mark, text.size() - mark, ec);
  if (!ec && used < text.size() - mark) ec = boost::json::error::extra_data;
  if (!ec) return parser.handler().take();
  if (ec == boost::json::error::too_deep) {
    return fail(ErrorCode::TooLarge,
                "JSON: nested deeper than " + std::to_string(limits.depth_max) + " levels");
  }
  const std::string_view objection = parser.handler().objection();
  const std::string why = objection.empty() ? ec.message() : std::string(objection);
  return fail(ErrorCode::Invalid, "JSON: " + why + " at byte " + std::to_string(used + mark));
}

}  // namespace sotto::text
