#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "app/config/keys.h"

namespace sotto::app::config {

// What is wrong with a configuration, each with its place.
class Problems {
 public:
  void add(const Place& place, std::string_view key, std::string_view what);
  void found_instead(std::string_view key, const Value& found, std::string_view allowed);
  void unknown(const Place& place, std::string_view key, std::string_view name,
               const std::vector<std::string_view>& known);

  bool empty() const { return lines_.empty(); }
  std::vector<std::string> take() { return std::move(lines_); }

 private:
  std::vector<std::string> lines_;
};

// Where the elements of the lists stand: the table of each, in the order of Settings.
struct Elements {
  std::vector<Value> pools, numbers, organisations, phones, trunks, campaigns;

  std::vector<Value>& of(std::string_view list);
};

// What no key can say alone: references, duplicates, rules of campaigns, passwords. Makes HA1 of passwords.
void check_together(Settings& settings, const Elements& elements, Problems& problems);

}  // namespace sotto::app::config
