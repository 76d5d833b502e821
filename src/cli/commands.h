#pragma once

#include <string_view>
#include <vector>

#include "cli/api.h"
#include "cli/invocation.h"

// The commands that talk to a running server. main.cpp gives each its place on the command line.
namespace sotto::cli {

enum class Shape {
  Positional,  // "NUMBER"
  Optional,    // the same, and may be left out
  Rest,        // all further words
  Option,      // "--from TIME"
  Options,     // "--agent A --agent B"
  Flag,        // "--json"
};

struct Argument {
  std::string_view name;
  Shape shape = Shape::Positional;
  std::string_view help;
};

struct Command {
  std::string_view path;  // "campaign add"
  std::string_view help;
  std::vector<Argument> arguments;  // besides --url, --token, --data and --json, which all have
  Result<void> (*run)(Api& api, const Invocation& given);
};

// In the order of the help.
const std::vector<Command>& commands();
// "campaign": what its subcommands are about.
std::string_view group_help(std::string_view group);

// Runs it; the exit status. An error is a line on stderr.
int run(const Command& command, Target target, const Invocation& given);

}  // namespace sotto::cli
