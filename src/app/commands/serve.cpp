#include <csignal>
#include <cstdio>

#include <unistd.h>

#include "app/commands/commands.h"
#include "app/config/reader.h"
#include "app/config/server_settings.h"
#include "app/demo_setup.h"
#include "app/lifetime.h"
#include "base/log.h"
#include "net/open_files.h"

namespace sotto::app {
namespace {

config::Overrides overrides(const ServeOptions& options) {
  config::Overrides out{config::environment(), {}};
  const auto add = [&](const char* flag, const char* key, const std::optional<std::string>& value) {
    if (value) out.flags.push_back({flag, "server", key, *value});
  };
  add("--sip", "sip", options.sip);
  add("--http", "http", options.http);
  add("--data", "data", options.data);
  return out;
}

// The demo's campaigns come on top of what the file says.
ServerSettings settings_of(const config::Settings& file, const ServeOptions& options) {
  ServerSettings settings = config::server_settings(file);
  if (!options.demo) return settings;
  ServerSettings demo = demo_settings(options.agent, file.server.data);
  for (auto& trunk : demo.directory.trunks) settings.directory.trunks.push_back(std::move(trunk));
  for (auto& campaign : demo.campaigns) settings.campaigns.push_back(std::move(campaign));
  return settings;
}

Result<ServerSettings> read_again(const ServeOptions& options, const config::Settings& running) {
  const config::Reading reading = config::read_config_file(options.config, overrides(options));
  std::string all;
  for (const std::string& error : reading.errors) all += (all.empty() ? "" : "\n") + error;
  if (!all.empty()) return fail(ErrorCode::Invalid, all);
  for (const std::string_view table : config::tables_that_wait(running, reading.settings)) {
    base::log(base::LogLevel::Warning, "app", "a changed table waits for a restart",
              {{"table", "[" + std::string(table) + "]"}, {"file", options.config}});
  }
  return settings_of(reading.settings, options);
}

base::LogFormat log_format(const config::LogSection& log) {
  return log.format.value_or(::isatty(STDERR_FILENO) == 1 ? base::LogFormat::Human : base::LogFormat::Json);
}

}  // namespace

int serve(const ServeOptions& options) {
  const config::Reading reading = config::read_config_file(options.config, overrides(options));
  for (const std::string& error : reading.errors) std::fprintf(stderr, "%s\n", error.c_str());
  if (!reading.errors.empty()) return 2;
  base::configure_log(reading.settings.log.level, log_format(reading.settings.log));
  net::raise_open_files();

  ReadyFile ready(reading.settings.server.data);
  net::Loop loop;
  ServerSettings settings = settings_of(reading.settings, options);
  if (!options.config.empty()) {
    settings.read_again = [&options, &reading] { return read_again(options, reading.settings); };
  }
  auto server = Server::start(loop, std::move(settings));
  if (!server) return std::fprintf(stderr, "sotto: %s\n", server.error().detail.c_str()), 1;
  base::log(base::LogLevel::Info, "app", "ready",
            {{"sip", net::to_string((*server)->sip_address())},
             {"http", net::to_string((*server)->http_address())}});

  if (auto written = ready.write(**server); !written)
    return std::fprintf(stderr, "sotto: %s\n", written.error().detail.c_str()), 1;
  for (const auto& [label, value] : (*server)->new_credentials())
    std::printf("%s: %s\n", label.c_str(), value.c_str());
  std::fflush(stdout);

  Lifetime(loop, **server, reading.settings.server.drain).run();
  // The end has come; whoever asks for it again must not cut off what is still being written.
  for (const int each : {SIGINT, SIGTERM, SIGHUP}) std::signal(each, SIG_IGN);
  return 0;
}

}  // namespace sotto::app
