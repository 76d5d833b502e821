#include "cli/commands.h"

#include <cstdio>

#include "cli/commands/all.h"

namespace sotto::cli {

namespace {

using enum Shape;

// To add a command: its function in commands/<name>.cpp, its line in commands/all.h, its row here.
const std::vector<Command> kCampaignCommands = {
    {"campaign add",
     "an advert's number, its agents and what they alone hear",
     {{"NAME", Positional, "letters, digits, - and _"},
      {"--number", Options, "a number of the advert; may be given several times"},
      {"--agent", Options, "a phone's user or extension, a number or a SIP URI; several times"},
      {"--topic", Option, "{topic} in the whisper"},
      {"--whisper", Option, "knows {topic}, {caller}, {campaign}, {wait} and {key}"},
      {"--greeting", Option, "what the caller hears first"},
      {"--language", Option, "such as en-US"},
      {"--voice", Option, "male, female or a voice's name"},
      {"--accept-key", Option, "any of these keys accepts; empty: any answer"},
      {"--in-turn", Flag, "agents ring one after the other, not together"},
      {"--hours", Option, "such as \"Mon-Fri 09:00-17:30\""},
      {"--time-zone", Option, "of the hours, such as Europe/Berlin"},
      {"--closed", Option, "what is said outside the hours"},
      {"--hold-music", Option, "path or URL, in place of ringing"},
      {"--set", Options, "name=value: any other setting of [[campaign]]"}},
     add_campaign},
    {"campaign list", "campaigns of the file and of the database", {}, list_campaigns},
    {"campaign show", "all settings of one", {{"NAME"}}, show_campaign},
    {"campaign remove", "one that was added; its calls go on", {{"NAME"}}, remove_campaign},
    {"report",
     "what the campaigns' calls come to",
     {{"--by", Option, "number, campaign, agent, hour or day"},
      {"--from", Option, "date or time, inclusive"},
      {"--to", Option, "date or time, exclusive"},
      {"--zone", Option, "time zone of hours and days; UTC without it"},
      {"--csv", Flag, "for a spreadsheet"}},
     show_report},
};

const std::vector<Command> kCallCommands = {
    {"call list",
     "the legs of calls, newest first",
     {{"--live", Flag, "only those that are up"},
      {"--number", Option, "that was called"},
      {"--caller", Option, "who called"},
      {"--from", Option, "date or time, inclusive"},
      {"--to", Option, "date or time, exclusive"},
      {"--limit", Option, "how many; 50 without it"}},
     list_calls},
    {"call show",
     "everything that happened in a call, on one time line",
     {{"ID", Positional, "of a call or a leg"}},
     show_call},
    {"call hearing",
     "who could hear whom, and when",
     {{"ID", Positional, "of a call or a leg"}},
     show_hearing},
    {"call hangup", "end a call, or one leg of it", {{"ID", Positional, "of a call or a leg"}}, hang_up_call},
    {"call create",
     "call a number, and run what an app or a document says",
     {{"TO", Positional, "a number, or a SIP URI"},
      {"NCCO", Positional, "an app's URL, a file, or the document itself: '[{\"action\":\"talk\",...}]'"},
      {"--from", Option, "the number that is shown"},
      {"--event-url", Option, "in place of the application's"},
      {"--app", Option, "whose call it is; VONAGE_APPLICATION_ID without it"},
      {"--keyfile", Option, "its private key; VONAGE_PRIVATE_KEY without it"}},
     create_call},
    {"call transfer",
     "a leg leaves what it is in, and runs this",
     {{"ID", Positional, "of a leg"},
      {"NCCO", Positional, "an app's URL, a file, or the document itself"},
      {"--app", Option, "whose call it is; VONAGE_APPLICATION_ID without it"},
      {"--keyfile", Option, "its private key; VONAGE_PRIVATE_KEY without it"}},
     transfer_call},
    {"call supervise",
     "ring a phone that listens to, whispers to or joins one party",
     {{"ID", Positional, "of a call, or of the leg to coach"},
      {"MODE", Positional, "listen, whisper, private or barge"},
      {"PHONE", Positional, "a phone, a number or a SIP URI"}},
     supervise_call},
};

const std::vector<Command> kAppCommands = {
    {"app create",
     "an application with its webhooks; prints its id, and its key where no file is named",
     {{"NAME"}, {"ANSWER_URL"}, {"EVENT_URL"}, {"--keyfile", Option, "where its private key goes"}},
     create_app},
    {"app list", "the account's applications", {}, list_apps},
    {"app show", "one of them", {{"ID"}}, show_app},
    {"app delete", "its numbers stay, linked to nothing", {{"ID"}}, delete_app},
    {"number search",
     "numbers for sale",
     {{"COUNTRY", Positional, "such as US"}, {"--contains", Option, "these digits"}},
     search_numbers},
    {"number buy", "one of them", {{"NUMBER"}}, buy_number},
    {"number cancel", "give it back", {{"NUMBER"}}, cancel_number},
    {"number link", "calls to it run the application", {{"NUMBER"}, {"APP"}}, link_number},
    {"number unlink", "calls to it run nothing", {{"NUMBER"}}, unlink_number},
    {"nexmo",
     "the command lines of tutorials, such as `nexmo app:create NAME ANSWER_URL EVENT_URL --keyfile FILE`",
     {{"COMMAND", Positional, "app:create, number:buy, link:app, ..."},
      {"WORDS", Rest},
      {"--keyfile", Option, "where the private key goes"},
      {"--save", Option, "the same"},
      {"-c,--country_code", Option, "such as US"},
      {"--pattern", Option, "digits, with a star in front or behind"},
      {"--confirm", Flag, "do it"},
      {"--voice", Flag, "numbers that take calls: all do"}},
     nexmo},
};

const std::vector<Command> kServerCommands = {
    {"number list", "numbers, whose they are and what a call to one does", {}, list_numbers},
    {"route explain",
     "where a call to a number would go, and why",
     {{"NUMBER", Positional, "a number, an extension, a phone's user or a SIP URI"},
      {"--phone", Option, "as if this phone dialled it"}},
     explain_route},
    {"sip trace",
     "the last SIP messages as a ladder, one line each",
     {{"--call", Option, "only of this call: its id, that of a leg, or a SIP Call-ID"},
      {"--messages", Flag, "the messages themselves"},
      {"--pcap", Option, "write them to this file, for Wireshark"}},
     trace_sip},
    {"webhook list",
     "what could not be delivered",
     {{"--limit", Option, "how many; 100 without it"}},
     list_webhooks},
    {"webhook show", "one of them with its body", {{"ID"}}, show_webhook},
    {"webhook replay", "send one again", {{"ID"}}, replay_webhook},
    {"reload", "read the configuration file again", {}, reload},
    {"purge", "erase what is older than [retention] says", {}, purge},
    {"doctor", "what is wrong with the server and around it, and how to mend it", {}, run_doctor},
};

}  // namespace

const std::vector<Command>& commands() {
  static const std::vector<Command> all = [] {
    std::vector<Command> joined;
    for (const auto* group : {&kCampaignCommands, &kCallCommands, &kAppCommands, &kServerCommands})
      joined.insert(joined.end(), group->begin(), group->end());
    return joined;
  }();
  return all;
}

std::string_view group_help(std::string_view group) {
  static constexpr std::pair<std::string_view, std::string_view> kGroups[] = {
      {"app", "applications, by their Vonage interface"},
      {"number", "the numbers of this server"},
      {"call", "calls, live and past"},
      {"campaign", "adverts' numbers, with whispers to their agents"},
      {"route", "where a call to a number would go"},
      {"sip", "what goes over the wire"},
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
