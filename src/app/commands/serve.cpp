#include <cstdio>

#include <boost/asio/signal_set.hpp>

#include "app/commands/commands.h"
#include "app/demo_setup.h"
#include "base/log.h"

namespace sotto::app {

int serve(const ServeOptions& options) {
  const auto sip = net::parse_endpoint(options.sip_listen);
  if (!sip) return std::fprintf(stderr, "--sip: %s\n", sip.error().detail.c_str()), 2;
  const auto http = net::parse_endpoint(options.http_listen);
  if (!http) return std::fprintf(stderr, "--http: %s\n", http.error().detail.c_str()), 2;
  base::configure_log(base::LogLevel::Info, base::LogFormat::Human);

  ServerSettings settings;
  if (options.demo) settings = demo_settings(options.agent, options.data_folder);
  settings.sip = *sip;
  settings.http = *http;
  settings.data_folder = options.data_folder;
  net::Loop loop;
  auto server = Server::start(loop, std::move(settings));
  if (!server) return std::fprintf(stderr, "sotto: %s\n", server.error().detail.c_str()), 1;
  base::log(base::LogLevel::Info, "app", "ready",
            {{"sip", net::to_string((*server)->sip_address())},
             {"http", net::to_string((*server)->http_address())}});

  // The first signal drains: no new calls, those that are up may end. The second ends them.
  asio::signal_set signals(loop.context(), SIGINT, SIGTERM);
  int asked = 0;
  std::function<void()> wait = [&] {
    signals.async_wait([&](const boost::system::error_code& error, int) {
      if (error) return;
      const auto grace = asked++ == 0 ? std::chrono::seconds(30) : std::chrono::seconds(0);
      (*server)->switchboard().drain(loop.clock().now() + grace);
      wait();
    });
  };
  wait();
  loop.run_until([&] { return asked > 0 && (*server)->switchboard().live_legs() == 0; });
  return 0;
}

}  // namespace sotto::app
