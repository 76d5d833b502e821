#include <algorithm>
#include <csignal>
#include <cstdio>

#include "app/commands/commands.h"
#include "app/commands/output.h"

namespace sotto::app {
namespace {

constexpr size_t kPhonesMax = 200;

// "heard.wav" of the third phone is "heard3.wav".
std::string numbered(const std::string& path, size_t number) {
  if (path.empty()) return path;
  const size_t dot = std::min(path.rfind('.'), path.size());
  return path.substr(0, dot) + std::to_string(number) + path.substr(dot);
}

// Of many phones each has a name, ports and a recording of its own.
phone::Script script_of(phone::Script script, size_t number, size_t count) {
  if (count == 1) return script;
  script.user += std::to_string(number);
  script.record = numbered(script.record, number);
  script.rtp_port_min = static_cast<uint16_t>(script.rtp_port_min + (number - 1) * phone::kPortsPerPhone);
  return script;
}

// A line of one of many phones says whose it is.
std::string line_of(const std::string& line, const phone::Script& script, size_t count) {
  return count == 1 ? line : "{\"phone\":\"" + script.user + "\"," + line.substr(1);
}

int wrong(const std::string& what) {
  std::fprintf(stderr, "%s\n", what.c_str());
  return 2;
}

}  // namespace

int phone(phone::Script script, const std::string& listen, size_t count) {
  const auto endpoint = net::parse_endpoint(listen);
  if (!endpoint) return wrong("--listen: " + endpoint.error().detail);
  script.listen = *endpoint;
  const size_t room = (65'000 - std::min<size_t>(script.rtp_port_min, 65'000)) / phone::kPortsPerPhone;
  if (count < 1 || count > std::min(kPhonesMax, room))
    return wrong("--count: 1 to " + std::to_string(std::min(kPhonesMax, room)));
  if (count > 1 && endpoint->port != 0) return wrong("--listen: many phones want port 0");
  net::Loop loop;
  std::vector<std::unique_ptr<phone::Phone>> phones;
  for (size_t number = 1; number <= count; ++number) {
    const phone::Script own = script_of(script, number, count);
    auto made = phone::Phone::start(
        loop, own, [own, count](const std::string& line) { print_line(line_of(line, own, count)); });
    if (!made) return std::fprintf(stderr, "%s\n", made.error().detail.c_str()), 1;
    const std::string address = net::to_string((*made)->address());
    print_line(line_of("{\"event\":\"listening\",\"address\":\"" + address + "\"}", own, count));
    phones.push_back(std::move(*made));
  }
  loop.run_until(
      [&] { return std::ranges::all_of(phones, [](const auto& one) { return one->finished(); }); });
  return std::ranges::all_of(phones, [](const auto& one) { return one->answered(); }) ? 0 : 1;
}

}  // namespace sotto::app
