#include "cli/commands.h"

#include <cstdio>

#include "cli/commands/all.h"

namespace sotto::cli {

// To add one: its function in commands/<name>.cpp, its line in commands/all.h, its row here.
const std::vector<Command>& commands() {
  static const std::vector<Command> all = {
      {"number list", "numbers, whose they are and what a call to one does", {}, list_numbers},
  };
  return all;
}

std::string_view group_help(std::string_view group) {
  static constexpr std::pair<std::string_view, std::string_view> kGroups[] = {
      {"number", "the numbers of this server"},
      {"call", "calls, live and past"},
      {"campaign", "adverts' numbers, with whispers to their agents"},
      {"route", "where a call to a number would go"},
      {"webhook", "requests to apps that could not be delivered"},
  };
  for (const auto& [name, help] : kGroups) {
    if (name == group) return help;
  }
  return {};
}

int run(const Command& command, Target target, const Invocation& given) {
  Api api(find_target(std::move(target)));
  const auto done = command.run(api, given);
  if (done) return 0;
  std::fprintf(stderr, "sotto: %s\n", done.error().detail.c_str());
  return 1;
}

}  // namespace sotto::cli
