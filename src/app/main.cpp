#include <CLI/CLI.hpp>

#include "app/commands/commands.h"

namespace {

using sotto::app::BenchOptions;
using sotto::app::DemoOptions;
using sotto::app::ServeOptions;

void add_phone(CLI::App& app, sotto::phone::Script& script, std::string& listen, int64_t (&ms)[3]) {
  app.add_option("--listen", listen, "SIP address and port; port 0 is any")->capture_default_str();
  app.add_option("--rtp-min", script.rtp_port_min, "first RTP port");
  app.add_option("--user", script.user, "our caller id");
  app.add_option("--dial", script.dial, "SIP URI to call; without it, the phone waits for a call");
  app.add_option("--ring-ms", ms[0], "how long an inbound call rings before it is answered")
      ->capture_default_str();
  app.add_option("--reject", script.reject_with, "refuse inbound calls with this SIP status");
  app.add_option("--tone", script.tone_hz, "say a tone of this frequency");
  app.add_option("--play", script.play, "say a wav or mp3 file");
  app.add_option("--press", script.press, "digits to send after the answer");
  app.add_option("--press-after-ms", ms[1], "when to send them")->capture_default_str();
  app.add_option("--hang-up-after-ms", ms[2], "when to hang up after the answer; 0 leaves it to the far end");
  app.add_option("--record", script.record, "wav file for what is heard");
}

void add_bench(CLI::App& app, BenchOptions& options) {
  app.add_option("name", options.name, "what to measure: media")->required();
  app.add_flag("--json", options.json, "print a line of JSON for each workload");
  app.add_flag("--full", options.full, "windows of ten seconds rather than two");
  app.add_option("--workload", options.media.workloads, "W1 to W5 and W7; all without it");
  app.add_option("--legs", options.media.legs, "legs of each workload")->capture_default_str();
  app.add_option("--rounds", options.media.rounds, "how often server and floor alternate")
      ->capture_default_str();
  app.add_flag("--max", options.media.find_max, "search the most legs on time; takes minutes");
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Sotto: a voice server for calls in which one party hears what the other does not", "sotto"};
  app.require_subcommand(1);

  ServeOptions serve;
  CLI::App& serve_command = *app.add_subcommand("serve", "run the server");
  serve_command.add_option("--sip", serve.sip_listen, "SIP address and port")->capture_default_str();
  serve_command.add_option("--http", serve.http_listen, "HTTP address and port")->capture_default_str();
  serve_command.add_option("--data", serve.data_folder, "folder of recordings and records")
      ->capture_default_str();
  serve_command.add_flag("--demo", serve.demo, "with the two demo campaigns");
  serve_command.add_option("--agent", serve.agent, "SIP URI of the demo campaigns' agent")
      ->capture_default_str();

  DemoOptions demo;
  CLI::App& demo_command = *app.add_subcommand("demo", "play one whispered call and show who heard what");
  demo_command.add_flag("--json", demo.json, "print the lanes as data");
  demo_command.add_flag("--stay", demo.stay, "keep the server up afterwards");
  demo_command.add_option("--data", demo.data_folder, "folder of the recordings");

  sotto::phone::Script script;
  std::string listen = "127.0.0.1:0";
  int64_t ms[3] = {500, 1000, 0};
  CLI::App& phone_command =
      *app.add_subcommand("phone", "a scriptable SIP phone; prints a line of JSON for each event");
  add_phone(phone_command, script, listen, ms);

  BenchOptions bench;
  CLI::App& bench_command = *app.add_subcommand("bench", "measure what the server costs on this machine");
  add_bench(bench_command, bench);

  CLI11_PARSE(app, argc, argv);
  if (serve_command.parsed()) return sotto::app::serve(serve);
  if (demo_command.parsed()) return sotto::app::demo(demo);
  if (bench_command.parsed()) return sotto::app::bench(bench);
  script.ring = std::chrono::milliseconds(ms[0]);
  script.press_after = std::chrono::milliseconds(ms[1]);
  script.hang_up_after = std::chrono::milliseconds(ms[2]);
  return sotto::app::phone(std::move(script), listen);
}
