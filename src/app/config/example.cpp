#include <fmt/format.h>

#include "app/config/keys.h"
#include "app/config/reader.h"

namespace sotto::app::config {
namespace {

constexpr std::string_view kHead =
    R"(# Sotto's configuration. Every setting has a default, so this file may stay as it is: to change one, take the "#"
# away in front of it and of its table's [name]. `sotto config example` prints this file.
#
#   sotto config check FILE   reads it and names what is wrong, by line
#   systemctl reload sotto    applies changes without dropping calls
#
# SOTTO_SERVER_HTTP in the environment wins over `http` of [server], and so on; flags win over both.
)";

constexpr std::pair<std::string_view, std::string_view> kComments[] = {
    {"server", "Where the server is. Changes need a restart."},
    {"log", "What it says of itself, on stderr."},
    {"account",
     "Whose everything is. What vendors' clients need (keys, tokens) is made at the first start and printed "
     "then,\n"
     "# unless it is given in [account.vonage], [account.twilio] and [account.voipnow]."},
    {"webhooks", "Requests to apps."},
    {"speech",
     "Services for natural voices and for speech recognition. Without them the voices are our own, and "
     "nothing\n"
     "# that is said is understood. Changes need a restart."},
    {"calls", "Limits."},
    {"media", "The threads that carry all sound. Changes need a restart."},
    {"retention",
     "How long things are kept. `sotto purge` applies it at once; the server does so every hour."},
    {"voice",
     "Who speaks a language and a voice, in place of the service's two voices. The first that fits counts. "
     "Once for\n"
     "# each."},
    {"pool", "Numbers that can be bought through the APIs and with `sotto number`. Once for each pool."},
    {"number", "A number that rings a phone or is forwarded. Once for each."},
    {"organisation", "Whose phones are whose. Once for each."},
    {"phone", "A phone that registers here. Once for each."},
    {"trunk", "A carrier, or another PBX. Once for each."},
    {"campaign",
     "An advert's number: its caller waits while agents are rung; who answers hears the whisper, alone, and\n"
     "# accepts. Once for each."},
};

std::string text_of(std::string_view header, const auto& keys) {
  std::string out = fmt::format("#{}\n", header);
  for (const auto& key : keys) {
    out += fmt::format("# {}\n#{} = {}\n", key.comment, key.name, key.example);
  }
  return out;
}

}  // namespace

std::string_view table_comment(std::string_view table) {
  for (const auto& [name, comment] : kComments) {
    if (name == table) return comment;
  }
  return {};
}

std::string example_config() {
  std::string out(kHead);
  Settings all;
  for_each_table(all, [&](std::string_view name, const auto& keys, auto&) {
    out += fmt::format("\n# {}\n{}", table_comment(name), text_of(fmt::format("[{}]", name), keys));
  });
  for_each_list(all, [&](std::string_view name, const auto& keys, auto&) {
    out += fmt::format("\n# {}\n{}", table_comment(name), text_of(fmt::format("[[{}]]", name), keys));
  });
  return out;
}

}  // namespace sotto::app::config
