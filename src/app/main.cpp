#include <CLI/CLI.hpp>

#include "app/commands/commands.h"
#include "cli/commands.h"

namespace {

using namespace sotto::app;

// The command line: each command with what it runs.
class CommandLine {
 public:
  CommandLine() {
    app_.require_subcommand(1);
    app_.set_version_flag("--version", SOTTO_VERSION);
    add_serve();
    add_demo();
    add_phone();
    add_bench();
    add_config();
    add_lint();
    add_backup();
    for (const sotto::cli::Command& command : sotto::cli::commands()) add_remote(command);
  }

  int run(int argc, char** argv) {
    CLI11_PARSE(app_, argc, argv);
    for (const auto& [command, run] : runs_) {
      if (command->parsed()) return run();
    }
    return 2;
  }

 private:
  CLI::App& add(CLI::App& parent, std::string name, std::string help, std::function<int()> run) {
    CLI::App& command = *parent.add_subcommand(std::move(name), std::move(help));
    runs_.emplace_back(&command, std::move(run));
    return command;
  }

  void add_serve() {
    CLI::App& command = add(app_, "serve", "run the server", [this] { return serve(serve_); });
    command.add_option("--config", serve_.config, "the file of settings: sotto config example");
    command.add_option("--sip", serve_.sip, "SIP address and port");
    command.add_option("--http", serve_.http, "HTTP address and port");
    command.add_option("--data", serve_.data, "folder of the database and the recordings");
    command.add_flag("--demo", serve_.demo, "with the two demo campaigns");
    command.add_option("--agent", serve_.agent, "SIP URI of the demo campaigns' agent")
        ->capture_default_str();
  }

  void add_demo() {
    CLI::App& command =
        add(app_, "demo", "play one whispered call and show who heard what", [this] { return demo(demo_); });
    command.add_flag("--json", demo_.json, "print the lanes as data");
    command.add_flag("--stay", demo_.stay, "keep the server up afterwards");
    command.add_option("--data", demo_.data_folder, "folder of the recordings");
  }

  void add_phone() {
    CLI::App& command =
        add(app_, "phone", "a scriptable SIP phone; prints a line of JSON for each event", [this] {
          script_.ring = std::chrono::milliseconds(ms_[0]);
          script_.press_after = std::chrono::milliseconds(ms_[1]);
          script_.hang_up_after = std::chrono::milliseconds(ms_[2]);
          script_.hold_after = std::chrono::milliseconds(ms_[3]);
          script_.hold_length = std::chrono::milliseconds(ms_[4]);
          script_.transfer_after = std::chrono::milliseconds(ms_[5]);
          return phone(script_, listen_, phones_);
        });
    command.add_option("--listen", listen_, "SIP address and port; port 0 is any")->capture_default_str();
    command.add_option("--rtp-min", script_.rtp_port_min, "first RTP port");
    command.add_option("--user", script_.user, "our caller id, and the name by which we register");
    command.add_option("--register", script_.registrar, "host[:port][;transport=tcp] at which to register");
    command.add_option("--password", script_.password, "for it");
    command.add_option("--count", phones_, "so many phones at once: user1, user2, ... and file1.wav, ...");
    command.add_option("--dial", script_.dial,
                       "SIP URI or, with --register, digits to call; without it, the phone waits for a call");
    command.add_option("--ring-ms", ms_[0], "how long an inbound call rings before it is answered")
        ->capture_default_str();
    command.add_option("--reject", script_.reject_with, "refuse inbound calls with this SIP status");
    command.add_option("--tone", script_.tone_hz, "say a tone of this frequency");
    command.add_option("--play", script_.play, "say a wav or mp3 file");
    command.add_option("--press", script_.press, "digits to send after the answer");
    command.add_option("--press-after-ms", ms_[1], "when to send them")->capture_default_str();
    using Keys = sotto::phone::Script::Keys;
    const std::map<std::string, Keys> keys{
        {"rfc4733", Keys::Events}, {"info", Keys::Info}, {"inband", Keys::InBand}};
    command.add_option("--press-by", script_.keys, "rfc4733, info or inband")
        ->transform(CLI::CheckedTransformer(keys));
    command.add_option("--hold-after-ms", ms_[3], "when to hold the call after the answer; 0: never");
    command.add_option("--hold-ms", ms_[4], "for how long")->capture_default_str();
    command.add_option("--transfer", script_.transfer, "SIP URI or digits to transfer the call to");
    command.add_option("--transfer-after-ms", ms_[5], "when, after the answer")->capture_default_str();
    command.add_option("--hang-up-after-ms", ms_[2],
                       "when to hang up after the answer; 0 leaves it to the far end");
    command.add_option("--record", script_.record, "wav file for what is heard");
  }

  void add_bench() {
    CLI::App& command = add(app_, "bench", "measure what the server costs on this machine", [this] {
      bench_.supervised.talk = bench_.whisper.length = std::chrono::seconds(bench_s_);
      bench_.whisper.talk = std::chrono::milliseconds(talk_ms_);
      if (calls_) bench_.supervised.calls = bench_.calls.calls = *calls_;
      return bench(bench_);
    });
    command.add_option("name", bench_.name, "what to measure: media, http, sip, supervised, calls, whisper")
        ->required();
    command.add_flag("--json", bench_.json, "print a line of JSON for each workload");
    command.add_flag("--full", bench_.full, "windows of ten seconds rather than two");
    command.add_option("--workload", bench_.media.workloads, "W1 to W5 and W7; all without it");
    command.add_option("--legs", bench_.media.legs, "legs of each workload")->capture_default_str();
    command.add_option("--rounds", bench_.media.rounds, "how often server and floor alternate")
        ->capture_default_str();
    command.add_option("--connections", bench_.http.connections, "kept busy by bench http")
        ->capture_default_str();
    command.add_option("--listen", bench_.http.listen, "bench http only serves there, for another load");
    command.add_option("--calls", calls_, "at once in bench supervised, a round in bench calls");
    command.add_option("--at-once", bench_.calls.at_once, "calls under way in bench calls")
        ->capture_default_str();
    command.add_option("--seconds", bench_s_, "of talk in bench supervised, of load in bench whisper")
        ->capture_default_str();
    command.add_option("--rate", bench_.whisper.calls_per_s, "calls begun a second in bench whisper")
        ->capture_default_str();
    command.add_option("--talk-ms", talk_ms_, "of each call in bench whisper")->capture_default_str();
    command.add_flag("--max", bench_.media.find_max, "search the most legs on time; takes minutes");
  }

  void add_config() {
    CLI::App& group = *app_.add_subcommand("config", "the file of settings");
    group.require_subcommand(1);
    CLI::App& check = add(group, "check", "read a file and name everything that is wrong in it",
                          [this] { return check_config(config_file_); });
    check.add_option("FILE", config_file_, "sotto.toml")->required();
    add(group, "example", "print a file with every setting and what it means", print_example_config);
  }

  void add_lint() {
    CLI::App& command = add(app_, "lint", "say what this server makes of an NCCO",
                            [this] { return lint(lint_where_, lint_json_); });
    command.add_option("FILE", lint_where_, "a file, or an http(s) URL")->required();
    command.add_flag("--json", lint_json_, "print data rather than lines");
  }

  void add_backup() {
    for (const auto& [name, help, run] :
         {std::tuple{"backup", "copy the database to a file, while the server runs", &backup},
          std::tuple{"restore", "put a copy in the place of the database; the server must not run",
                     &restore}}) {
      CLI::App& command = add(app_, name, help, [this, run = run] { return run(backup_); });
      command.add_option("FILE", backup_.file, "the copy")->required();
      command.add_option("--config", backup_.config, "the server's file of settings");
      command.add_option("--data", backup_.data, "the server's data folder");
    }
  }

  // "campaign add" is a command of the group "campaign".
  CLI::App& parent_of(std::string_view path) {
    const size_t space = path.find(' ');
    if (space == std::string_view::npos) return app_;
    const std::string name(path.substr(0, space));
    CLI::App*& group = groups_[name];
    if (group == nullptr) {
      group = app_.add_subcommand(name, std::string(sotto::cli::group_help(name)));
      group->require_subcommand(1);
    }
    return *group;
  }

  void add_remote(const sotto::cli::Command& command) {
    const std::string name(command.path.substr(command.path.find(' ') + 1));
    auto target = std::make_shared<sotto::cli::Target>();
    CLI::App& added = *parent_of(command.path).add_subcommand(name, std::string(command.help));
    for (const auto& argument : command.arguments) add_argument(added, argument);
    const std::string as_data = "print data rather than a table";
    added.add_flag("--json", as_data);
    added.add_option("--url", target->url, "of the server");
    added.add_option("--token", target->token, "of the admin API");
    added.add_option("--data", target->data, "the server's data folder, which knows both");
    runs_.emplace_back(&added, [&added, &command, target] {
      return sotto::cli::run(command, *target, sotto::cli::Invocation(given(added)));
    });
  }

  static void add_argument(CLI::App& command, const sotto::cli::Argument& argument) {
    using sotto::cli::Shape;
    const std::string name(argument.name);
    const std::string help(argument.help);
    switch (argument.shape) {
      case Shape::Positional: command.add_option(name, help)->required()->type_size(1); return;
      case Shape::Optional: command.add_option(name, help)->type_size(1); return;
      case Shape::Rest:
        command.add_option(name, help)->type_size(1)->expected(0, -1)->allow_extra_args();
        return;
      case Shape::Option: command.add_option(name, help)->type_size(1)->expected(1); return;
      case Shape::Options: command.add_option(name, help)->type_size(1)->expected(1, -1); return;
      case Shape::Flag: command.add_flag(name, help); return;
    }
  }

  static std::map<std::string, std::vector<std::string>> given(const CLI::App& command) {
    std::map<std::string, std::vector<std::string>> all;
    for (const CLI::Option* option : command.get_options()) {
      if (option->count() > 0) all[option->get_name()] = option->results();
    }
    return all;
  }

  CLI::App app_{"Sotto: a voice server for calls in which one party hears what the other does not", "sotto"};
  std::vector<std::pair<CLI::App*, std::function<int()>>> runs_;
  std::map<std::string, CLI::App*> groups_;
  ServeOptions serve_;
  DemoOptions demo_;
  BenchOptions bench_;
  BackupOptions backup_;
  sotto::phone::Script script_;
  std::string listen_ = "127.0.0.1:0";
  std::optional<size_t> calls_;
  int64_t bench_s_ = 60;
  int64_t talk_ms_ = 18'000;
  int64_t ms_[6] = {500, 1000, 0, 0, 1000, 1000};
  size_t phones_ = 1;
  std::string config_file_;
  std::string lint_where_;
  bool lint_json_ = false;
};

}  // namespace

int main(int argc, char** argv) {
  return CommandLine().run(argc, argv);
}
