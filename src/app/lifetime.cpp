#include "app/lifetime.h"

#include <filesystem>
#include <fstream>

#include <unistd.h>

#include "base/log.h"
#include "net/run.h"
#include "text/json.h"

namespace sotto::app {
namespace {

constexpr auto kStopGrace = std::chrono::seconds(2);  // for the last webhooks of the last calls

}  // namespace

ReadyFile::ReadyFile(const std::string& folder) : folder_(folder), path_(folder + "/ready.json") {
  remove();
}

ReadyFile::~ReadyFile() {
  remove();
}

Result<void> ReadyFile::write(const Server& server) {
  text::JsonObject ready{{"sip", net::to_string(server.sip_address())},
                         {"http", net::to_string(server.http_address())},
                         {"pid", ::getpid()}};
  if (const auto address = server.sip_tls_address()) ready.set("sip_tls", net::to_string(*address));
  if (const auto address = server.https_address()) ready.set("https", net::to_string(*address));
  const std::string fresh = path_ + ".new";
  std::ofstream(fresh) << text::to_text(text::Json(std::move(ready))) << '\n';
  std::error_code error;
  std::filesystem::rename(fresh, path_, error);
  if (error) return fail(ErrorCode::Io, path_ + ": " + error.message());
  return {};
}

void ReadyFile::remove() {
  std::error_code absent;
  std::filesystem::remove(path_, absent);
}

Lifetime::Lifetime(net::Loop& loop, Server& server, std::chrono::seconds drain)
    : loop_(loop),
      server_(server),
      drain_(drain),
      hang_ups_(loop.context(), SIGHUP),
      ends_(loop.context(), SIGINT, SIGTERM),
      deadline_(loop.context()) {
  wait_for_reload();
  wait_for_end();
}

void Lifetime::run() {
  loop_.run_until([this] { return ending_ && server_.switchboard().live_legs() == 0; });
  net::run(loop_, server_.stop(kStopGrace));
}

void Lifetime::wait_for_reload() {
  hang_ups_.async_wait([this](const boost::system::error_code& error, int) {
    if (error) return;
    reload();
    wait_for_reload();
  });
}

void Lifetime::reload() {
  if (const auto reloaded = server_.reload(); !reloaded) {
    base::log(base::LogLevel::Error, "app", "reload refused, nothing has changed",
              {{"why", reloaded.error().detail}});
    return;
  }
  base::log(base::LogLevel::Info, "app", "reloaded");
}

void Lifetime::wait_for_end() {
  ends_.async_wait([this](const boost::system::error_code& error, int) {
    if (error) return;
    drain(ending_ ? std::chrono::seconds(0) : drain_);
    wait_for_end();
  });
}

void Lifetime::drain(std::chrono::seconds grace) {
  base::log(base::LogLevel::Info, "app", "draining",
            {{"legs", std::to_string(server_.switchboard().live_legs())},
             {"grace_s", std::to_string(grace.count())}});
  ending_ = true;
  server_.drain(loop_.clock().now() + grace);
  if (grace.count() == 0) return;
  deadline_.expires_after(grace);
  deadline_.async_wait([this](const boost::system::error_code& error) {
    if (!error) server_.drain(loop_.clock().now());
  });
}

}  // namespace sotto::app
