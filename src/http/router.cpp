#include "http/router.h"

#include <algorithm>

#include "base/check.h"
#include "text/ascii.h"
#include "text/json.h"

namespace sotto::http {
namespace {

enum class Kind : uint8_t { Any, Int, Uuid, Rest };

// One segment of a pattern that has a parameter.
struct Slot {
  std::string before;
  std::string after;
  Kind kind = Kind::Any;

  bool operator==(const Slot&) const = default;
};

bool is_uuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? text[i] != '-' : text::hex_value(text[i]) < 0) return false;
  }
  return true;
}

bool fits(Kind kind, std::string_view text) {
  if (text.empty()) return false;
  if (kind == Kind::Int) return std::all_of(text.begin(), text.end(), text::is_digit);
  return kind != Kind::Uuid || is_uuid(text);
}

// What the parameter of a slot is in a segment; nothing if the segment does not fit.
std::optional<std::string_view> value_in(const Slot& slot, std::string_view segment) {
  if (segment.size() < slot.before.size() + slot.after.size()) return std::nullopt;
  if (!segment.starts_with(slot.before) || !segment.ends_with(slot.after)) return std::nullopt;
  const auto value =
      segment.substr(slot.before.size(), segment.size() - slot.before.size() - slot.after.size());
  if (!fits(slot.kind, value)) return std::nullopt;
  return value;
}

struct ParsedSegment {
  Slot slot;
  std::string name;  // empty for plain text, which is then in slot.before
};

ParsedSegment parse_segment(std::string_view text) {
  const size_t open = text.find('{');
  if (open == std::string_view::npos) return {{std::string(text), "", Kind::Any}, ""};
  const size_t close = text.find('}', open);
  CHECK(close != std::string_view::npos);
  std::string_view name = text.substr(open + 1, close - open - 1);
  ParsedSegment parsed;
  parsed.slot.before = text.substr(0, open);
  parsed.slot.after = text.substr(close + 1);
  const size_t colon = name.find(':');
  if (colon != std::string_view::npos) {
    const std::string_view kind = name.substr(colon + 1);
    CHECK(kind == "int" || kind == "uuid");
    parsed.slot.kind = kind == "int" ? Kind::Int : Kind::Uuid;
    name = name.substr(0, colon);
  } else if (name.ends_with('*')) {
    parsed.slot.kind = Kind::Rest;
    name.remove_suffix(1);
  }
  CHECK(!name.empty());
  parsed.name = name;
  return parsed;
}

std::vector<std::string_view> raw_segments(std::string_view path) {
  std::vector<std::string_view> segments;
  for (const std::string_view segment : text::split(path, '/')) {
    if (!segment.empty()) segments.push_back(segment);
  }
  return segments;
}

bool has_broken_escape(std::string_view segment) {
  for (size_t i = segment.find('%'); i != std::string_view::npos; i = segment.find('%', i + 1)) {
    if (segment.size() - i < 3) return true;
    if (text::hex_value(segment[i + 1]) < 0 || text::hex_value(segment[i + 2]) < 0) return true;
  }
  return false;
}

// Nothing if an escape is broken or hides a zero byte, or there are too many segments.
std::optional<std::vector<std::string>> decoded_segments(std::string_view path) {
  const auto raw = raw_segments(path);
  if (raw.size() > base::limits::kHttpPathSegmentsMax) return std::nullopt;
  std::vector<std::string> segments;
  segments.reserve(raw.size());
  for (const std::string_view segment : raw) {
    if (has_broken_escape(segment)) return std::nullopt;
    segments.push_back(text::percent_decode(segment));
    if (segments.back().find('\0') != std::string::npos) return std::nullopt;
  }
  return segments;
}

// The prefix is whole segments: "/v1" is no prefix of "/v10".
bool has_prefix(std::string_view path, std::string_view prefix) {
  if (prefix == "/") return true;
  return path.starts_with(prefix) && (path.size() == prefix.size() || path[prefix.size()] == '/');
}

}  // namespace

struct Router::Leaf {
  std::vector<std::string> names;  // of the parameters, in order
  std::array<Handler, kMethods> handlers;
  std::unique_ptr<WebSocketRoute> websocket;

  bool used() const {
    return websocket ||
           std::any_of(handlers.begin(), handlers.end(), [](const Handler& each) { return !!each; });
  }
};

struct Router::Node {
  std::map<std::string, std::unique_ptr<Node>, std::less<>> texts;
  std::vector<std::pair<Slot, std::unique_ptr<Node>>> slots;  // the more text around, the earlier
  std::unique_ptr<Node> rest;
  Leaf leaf;

  std::unique_ptr<Node>& slot_for(const Slot& wanted) {
    const auto weight = [](const Slot& slot) {
      return 2 * (slot.before.size() + slot.after.size()) + (slot.kind == Kind::Any ? 0 : 1);
    };
    auto it =
        std::find_if(slots.begin(), slots.end(), [&](const auto& entry) { return entry.first == wanted; });
    if (it != slots.end()) return it->second;
    it = std::find_if(slots.begin(), slots.end(),
                      [&](const auto& entry) { return weight(entry.first) < weight(wanted); });
    return slots.emplace(it, wanted, nullptr)->second;
  }
};

// Walks the tree, most particular branch first, and comes back from branches that have the path but not the
// method.
struct Router::Search {
  Method method;
  const std::vector<std::string>& segments;
  std::vector<std::string_view> values;
  std::string joined;  // the value of {path*}
  const Leaf* found = nullptr;
  std::array<bool, kMethods> allowed{};

  static size_t handler_index(const Leaf& leaf, Method wanted) {
    const bool as_get = wanted == Method::Head && !leaf.handlers[static_cast<size_t>(Method::Head)];
    return static_cast<size_t>(as_get ? Method::Get : wanted);
  }

  bool accept(const Leaf& leaf) {
    if (leaf.handlers[handler_index(leaf, method)] || (leaf.websocket && method == Method::Get)) {
      found = &leaf;
      return true;
    }
    for (size_t i = 0; i < kMethods; ++i) allowed[i] = allowed[i] || leaf.handlers[i];
    if (leaf.websocket) allowed[static_cast<size_t>(Method::Get)] = true;
    return false;
  }

  bool visit_rest(const Node& node, size_t depth) {
    joined.clear();
    const auto is_dots = [](const std::string& segment) { return segment == "." || segment == ".."; };
    if (std::any_of(segments.begin() + static_cast<ptrdiff_t>(depth), segments.end(), is_dots)) return false;
    for (size_t i = depth; i < segments.size(); ++i) joined += (i == depth ? "" : "/") + segments[i];
    values.push_back(joined);
    if (accept(node.rest->leaf)) return true;
    values.pop_back();
    return false;
  }

  bool visit(const Node& node, size_t depth) {
    if (depth == segments.size()) return accept(node.leaf);
    const std::string& segment = segments[depth];
    if (segment == "." || segment == "..") return false;
    const auto text = node.texts.find(segment);
    if (text != node.texts.end() && visit(*text->second, depth + 1)) return true;
    for (const auto& [slot, next] : node.slots) {
      const auto value = value_in(slot, segment);
      if (!value) continue;
      values.push_back(*value);
      if (visit(*next, depth + 1)) return true;
      values.pop_back();
    }
    return node.rest && visit_rest(node, depth);
  }
};

Response render_plain_error(const Problem& problem) {
  text::JsonObject object;
  object.add("error", problem.detail);
  return Response::json(problem.status, text::to_text(text::Json(std::move(object))));
}

Router::Router() : root_(std::make_unique<Node>()), mounts_{{"/", Mount{}}} {}

Router::~Router() = default;

Router::Leaf& Router::leaf_of(std::string_view pattern) {
  CHECK(pattern.starts_with('/'));
  Node* node = root_.get();
  std::vector<std::string> names;
  for (const std::string_view text : raw_segments(pattern)) {
    ParsedSegment segment = parse_segment(text);
    std::unique_ptr<Node>* next = nullptr;
    if (segment.name.empty()) {
      next = &node->texts[segment.slot.before];
    } else {
      next = segment.slot.kind == Kind::Rest ? &node->rest : &node->slot_for(segment.slot);
    }
    if (!segment.name.empty()) names.push_back(std::move(segment.name));
    if (!*next) *next = std::make_unique<Node>();
    node = next->get();
  }
  CHECK(!node->leaf.used() || node->leaf.names == names);  // two names for one parameter
  node->leaf.names = std::move(names);
  return node->leaf;
}

void Router::add(Method method, std::string_view pattern, Handler handler) {
  Handler& place = leaf_of(pattern).handlers[static_cast<size_t>(method)];
  CHECK(!place && handler);
  place = std::move(handler);
  listed_.push_back(std::string(to_string(method)) + " " + std::string(pattern));
}

void Router::add_websocket(std::string_view pattern, WebSocketRoute route) {
  Leaf& leaf = leaf_of(pattern);
  CHECK(!leaf.websocket && route.handle);
  leaf.websocket = std::make_unique<WebSocketRoute>(std::move(route));
  listed_.push_back("WEBSOCKET " + std::string(pattern));
}

void Router::mount(std::string_view prefix, Mount mount) {
  std::erase_if(mounts_, [&](const auto& entry) { return entry.first == prefix; });
  const auto place = std::find_if(mounts_.begin(), mounts_.end(),
                                  [&](const auto& entry) { return entry.first.size() < prefix.size(); });
  mounts_.emplace(place, std::string(prefix), std::move(mount));
}

const Mount& Router::mount_of(std::string_view path) const {
  for (const auto& [prefix, mount] : mounts_) {
    if (has_prefix(path, prefix)) return mount;
  }
  return mounts_.back().second;
}

Router::Match Router::match(Method method, std::string_view path) const {
  Match match;
  const auto segments = decoded_segments(path);
  if (!segments) {
    match.status = 400;
    return match;
  }
  Search search{method, *segments, {}, {}, nullptr, {}};
  if (search.visit(*root_, 0)) {
    const Handler& handler = search.found->handlers[Search::handler_index(*search.found, method)];
    match.handler = handler ? &handler : nullptr;
    match.websocket = method == Method::Get ? search.found->websocket.get() : nullptr;
    for (size_t i = 0; i < search.values.size(); ++i) {
      match.parameters.emplace_back(search.found->names[i], search.values[i]);
    }
    return match;
  }
  for (size_t i = 0; i < kMethods; ++i) {
    if (!search.allowed[i]) continue;
    match.status = 405;
    match.allow += (match.allow.empty() ? "" : ", ") + std::string(to_string(static_cast<Method>(i)));
  }
  return match;
}

std::vector<std::string> Router::list() const {
  return listed_;
}

}  // namespace sotto::http
