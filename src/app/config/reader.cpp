#include "app/config/reader.h"

#include <algorithm>
#include <fstream>
#include <sstream>

#include <fmt/format.h>
#include <unistd.h>

#include "app/config/nearest.h"
#include "app/config/problems.h"
#include "text/ascii.h"
#include "text/integer.h"
#include "text/json.h"

namespace sotto::app::config {
namespace {

constexpr std::string_view kPrefix = "SOTTO_";
constexpr std::string_view kDialects[] = {"vonage", "twilio", "voipnow"};

template <typename T>
std::vector<std::string_view> names_of(const Keys<T>& keys) {
  std::vector<std::string_view> names;
  for (const Key<T>& key : keys) names.push_back(key.name);
  return names;
}

template <typename T>
const Key<T>* find(const Keys<T>& keys, std::string_view name) {
  const auto it = std::find_if(keys.begin(), keys.end(), [&](const Key<T>& key) { return key.name == name; });
  return it == keys.end() ? nullptr : &*it;
}

text::Json to_json(const Value& value) {
  if (value.text() != nullptr) return *value.text();
  if (value.integer() != nullptr) return *value.integer();
  if (value.boolean() != nullptr) return *value.boolean();
  if (value.array() != nullptr) {
    text::JsonArray array;
    for (const Value& each : *value.array()) array.push_back(to_json(each));
    return array;
  }
  text::JsonObject object;
  if (value.table() != nullptr) {
    for (const auto& [name, each] : value.table()->members) object.set(name, to_json(each));
  }
  return object;
}

Value from_json(const text::Json& json) {
  Value value{{}, Value::Other{json.is_null() ? "null" : "a number with a fraction"}};
  if (json.text() != nullptr) value.data = *json.text();
  if (json.integer() != nullptr) value.data = *json.integer();
  if (json.boolean() != nullptr) value.data = *json.boolean();
  if (json.array() != nullptr) {
    std::vector<Value> elements;
    for (const text::Json& each : *json.array()) elements.push_back(from_json(each));
    value.data = std::move(elements);
  }
  if (json.object() != nullptr) {
    Table table;
    for (const text::JsonMember& each : json.object()->members()) {
      table.members.emplace_back(each.key, from_json(each.value));
    }
    value.data = std::move(table);
  }
  return value;
}

// A word of the environment or the command line as the value that a file would have.
Value value_of(Kind kind, const std::string& word, const std::string& source) {
  Value value{Place{source, 0}, word};
  if (kind == Kind::Boolean && (word == "true" || word == "false")) value.data = word == "true";
  if (const auto number = text::whole_number(word); kind == Kind::Integer && number) value.data = *number;
  if (kind == Kind::Texts) {
    std::vector<Value> elements;
    for (const std::string_view each : text::split(word, ',')) {
      elements.push_back({Place{source, 0}, std::string(text::trim(each))});
    }
    value.data = std::move(elements);
  }
  return value;
}

// Where a section keeps what is the dialects' own; null for most.
directory::DialectSettings* dialects_of(AccountSettings& account) {
  return &account.dialects;
}
directory::DialectSettings* dialects_of(PhoneSection& phone) {
  return &phone.phone.settings;
}
template <typename T>
directory::DialectSettings* dialects_of(T&) {
  return nullptr;
}

class Reader {
 public:
  Reading read(std::string_view toml, const std::string& source, const Overrides& overrides) {
    auto document = parse_toml(toml, source);
    if (!document) return {std::move(settings_), {document.error().detail}};
    read_document(*document->table());
    for (const auto& [name, word] : overrides.environment) override_by_variable(name, word);
    for (const Overrides::Flag& flag : overrides.flags) {
      override_key(flag.table, flag.key, flag.value, flag.name);
    }
    if (problems_.empty()) check_together(settings_, elements_, problems_);
    return {std::move(settings_), problems_.take()};
  }

  Result<campaign::Campaign> read_campaign(const text::Json& json) {
    read_list("campaign", Value{{}, std::vector<Value>{from_json(json)}}, campaign_keys(),
              settings_.campaigns);
    if (problems_.empty()) check_together(settings_, elements_, problems_);
    if (problems_.empty()) return std::move(settings_.campaigns.front());
    std::string all;
    for (const std::string& each : problems_.take()) all += (all.empty() ? "" : "; ") + each;
    return fail(ErrorCode::Invalid, all);
  }

 private:
  void read_document(const Table& document) {
    std::vector<std::string_view> known;
    for_each_table(settings_, [&](std::string_view name, const auto&, auto&) { known.push_back(name); });
    for_each_list(settings_, [&](std::string_view name, const auto&, auto&) { known.push_back(name); });
    for (const auto& [name, value] : document.members) {
      if (std::find(known.begin(), known.end(), name) == known.end()) {
        problems_.unknown(value.place, name, name, known);
      }
    }
    for_each_table(settings_, [&](std::string_view name, const auto& keys, auto& section) {
      if (const Value* found = document.find(name)) read_table(name, *found, keys, section);
    });
    for_each_list(settings_, [&](std::string_view name, const auto& keys, auto& sections) {
      if (const Value* found = document.find(name)) read_list(name, *found, keys, sections);
    });
  }

  template <typename T>
  void read_table(std::string_view name, const Value& found, const Keys<T>& keys, T& into) {
    if (found.table() == nullptr) {
      return problems_.found_instead(name, found, fmt::format("a table that begins with [{}]", name));
    }
    for (const auto& [key_name, value] : found.table()->members) {
      const std::string path = fmt::format("{}.{}", name, key_name);
      if (directory::DialectSettings* dialects = dialects_of(into)) {
        if (read_dialect(name, key_name, value, *dialects)) continue;
      }
      const Key<T>* key = find(keys, key_name);
      if (key == nullptr) {
        problems_.unknown(value.place, path, key_name, names_of(keys));
      } else if (auto set = key->setter.apply(into, value); !set) {
        problems_.found_instead(path, value, set.error().detail);
      }
    }
    for (const Key<T>& key : keys) {
      if (key.need == Need::Optional || found.table()->find(key.name) != nullptr) continue;
      problems_.add(found.place, fmt::format("{}.{}", name, key.name),
                    fmt::format("missing; write {} = {} or the like", key.name, key.example));
    }
  }

  template <typename T>
  void read_list(std::string_view name, const Value& found, const Keys<T>& keys, std::vector<T>& into) {
    if (found.array() == nullptr) {
      return problems_.found_instead(name, found,
                                     fmt::format("[[{}]] with two brackets: there may be several", name));
    }
    for (const Value& each : *found.array()) {
      read_table(name, each, keys, into.emplace_back());
      elements_.of(name).push_back(each);
    }
  }

  // [account.vonage], [phone.voipnow]: whatever it holds is the dialect's.
  bool read_dialect(std::string_view owner, std::string_view name, const Value& value,
                    directory::DialectSettings& into) {
    if (std::find(std::begin(kDialects), std::end(kDialects), name) == std::end(kDialects)) return false;
    if (value.table() == nullptr) {
      problems_.found_instead(fmt::format("{}.{}", owner, name), value,
                              fmt::format("a table [{}.{}]", owner, name));
    } else {
      into[std::string(name)] = text::to_text(to_json(value));
    }
    return true;
  }

  void override_by_variable(const std::string& name, const std::string& word) {
    if (!name.starts_with(kPrefix)) return;
    const std::string rest = text::lower_case(std::string_view(name).substr(kPrefix.size()));
    const size_t end = rest.find('_');
    if (end == std::string::npos) return;
    override_key(rest.substr(0, end), rest.substr(end + 1), word, name);
  }

  // Nothing happens when there is no such table: the variable is somebody else's.
  void override_key(const std::string& table, const std::string& name, const std::string& word,
                    const std::string& source) {
    if (table == "account" && override_dialect(name, word)) return;
    for_each_table(settings_, [&](std::string_view each, const auto& keys, auto& section) {
      if (each != table) return;
      const std::string path = fmt::format("{}.{}", table, name);
      const auto* key = find(keys, name);
      if (key == nullptr) return problems_.unknown({source, 0}, path, name, names_of(keys));
      const Value value = value_of(key->setter.kind, word, source);
      if (auto set = key->setter.apply(section, value); !set) {
        problems_.found_instead(path, value, set.error().detail);
      }
    });
  }

  bool override_dialect(const std::string& name, const std::string& word) {
    for (const std::string_view dialect : kDialects) {
      if (!name.starts_with(std::string(dialect) + "_")) continue;
      std::string& settings = settings_.account.dialects[std::string(dialect)];
      text::Json json = text::parse_json(settings).value_or(text::JsonObject{});
      json.object()->set(name.substr(dialect.size() + 1), word);
      settings = text::to_text(json);
      return true;
    }
    return false;
  }

  Settings settings_;
  Elements elements_;
  Problems problems_;
};

}  // namespace

Reading read_config(std::string_view toml, const std::string& source, const Overrides& overrides) {
  return Reader().read(toml, source, overrides);
}

Result<campaign::Campaign> read_campaign(const text::Json& json) {
  return Reader().read_campaign(json);
}

Reading read_config_file(const std::string& path, const Overrides& overrides) {
  if (path.empty()) return read_config("", "", overrides);
  std::ifstream file(path, std::ios::binary);
  std::stringstream content;
  if (file) content << file.rdbuf();
  if (!file) return {{}, {fmt::format("{}: cannot be read: {}", path, std::strerror(errno))}};
  return read_config(content.str(), path, overrides);
}

std::map<std::string, std::string> environment() {
  std::map<std::string, std::string> all;
  for (char** each = ::environ; each != nullptr && *each != nullptr; ++each) {
    const std::string_view line(*each);
    const size_t equals = line.find('=');
    if (equals != std::string_view::npos) all.emplace(line.substr(0, equals), line.substr(equals + 1));
  }
  return all;
}

}  // namespace sotto::app::config
