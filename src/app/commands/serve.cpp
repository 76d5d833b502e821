#include <cstdio>
#include <filesystem>
#include <fstream>

#include <boost/asio/signal_set.hpp>
#include <unistd.h>

#include "app/commands/commands.h"
#include "app/config/reader.h"
#include "app/config/server_settings.h"
#include "app/demo_setup.h"
#include "base/log.h"
#include "net/run.h"
#include "text/json.h"

namespace sotto::app {
namespace {

constexpr auto kStopGrace = std::chrono::seconds(2);  // for the last webhooks of the last calls

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

// Says where the server is, to scripts and to `sotto`'s other commands, for as long as it is there.
class ReadyFile {
 public:
  explicit ReadyFile(const std::string& data) : path_(data + "/ready.json") { remove(); }
  ReadyFile(const ReadyFile&) = delete;
  ~ReadyFile() { remove(); }

  // Whole or not at all: whoever waits for it reads it at once.
  Result<void> write(const Server& server) {
    const text::Json ready = text::JsonObject{{"sip", net::to_string(server.sip_address())},
                                              {"http", net::to_string(server.http_address())},
                                              {"pid", ::getpid()}};
    const std::string fresh = path_ + ".new";
    std::ofstream(fresh) << text::to_text(ready) << '\n';
    std::error_code error;
    std::filesystem::rename(fresh, path_, error);
    if (error) return fail(ErrorCode::Io, path_ + ": " + error.message());
    return {};
  }

 private:
  void remove() {
    std::error_code absent;
    std::filesystem::remove(path_, absent);
  }
  const std::string path_;
};

base::LogFormat log_format(const config::LogSection& log) {
  return log.format.value_or(::isatty(STDERR_FILENO) == 1 ? base::LogFormat::Human : base::LogFormat::Json);
}

}  // namespace

int serve(const ServeOptions& options) {
  const config::Reading reading = config::read_config_file(options.config, overrides(options));
  for (const std::string& error : reading.errors) std::fprintf(stderr, "%s\n", error.c_str());
  if (!reading.errors.empty()) return 2;
  base::configure_log(reading.settings.log.level, log_format(reading.settings.log));

  ReadyFile ready(reading.settings.server.data);
  net::Loop loop;
  auto server = Server::start(loop, settings_of(reading.settings, options));
  if (!server) return std::fprintf(stderr, "sotto: %s\n", server.error().detail.c_str()), 1;
  base::log(base::LogLevel::Info, "app", "ready",
            {{"sip", net::to_string((*server)->sip_address())},
             {"http", net::to_string((*server)->http_address())}});

  if (auto written = ready.write(**server); !written)
    return std::fprintf(stderr, "sotto: %s\n", written.error().detail.c_str()), 1;
  for (const auto& [label, value] : (*server)->new_credentials())
    std::printf("%s: %s\n", label.c_str(), value.c_str());
  std::fflush(stdout);

  // The first signal drains: no new calls, those that are up may end. The second ends them.
  asio::signal_set signals(loop.context(), SIGINT, SIGTERM);
  int asked = 0;
  std::function<void()> wait = [&] {
    signals.async_wait([&](const boost::system::error_code& error, int) {
      if (error) return;
      const auto grace = asked++ == 0 ? reading.settings.server.drain : std::chrono::seconds(0);
      (*server)->switchboard().drain(loop.clock().now() + grace);
      wait();
    });
  };
  wait();
  loop.run_until([&] { return asked > 0 && (*server)->switchboard().live_legs() == 0; });
  net::run(loop, (*server)->stop(kStopGrace));
  return 0;
}

}  // namespace sotto::app
