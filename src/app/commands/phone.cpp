#include <csignal>
#include <cstdio>

#include "app/commands/commands.h"
#include "app/commands/output.h"

namespace sotto::app {

int phone(phone::Script script, const std::string& listen) {
  const auto endpoint = net::parse_endpoint(listen);
  if (!endpoint) return std::fprintf(stderr, "--listen: %s\n", endpoint.error().detail.c_str()), 2;
  script.listen = *endpoint;
  net::Loop loop;
  auto made = phone::Phone::start(loop, std::move(script), print_line);
  if (!made) return std::fprintf(stderr, "%s\n", made.error().detail.c_str()), 1;
  print_line("{\"event\":\"listening\",\"address\":\"" + net::to_string((*made)->address()) + "\"}");
  loop.run_until([&] { return (*made)->finished(); });
  return (*made)->answered() ? 0 : 1;
}

}  // namespace sotto::app
