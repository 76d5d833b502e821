#include "bench/server_process.h"

#include <csignal>
#include <fstream>
#include <sstream>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/clocked.h"
#include "net/endpoint.h"
#include "text/json.h"

namespace sotto::bench {
namespace {

using namespace std::chrono_literals;

constexpr auto kStartMax = 30s;
constexpr auto kDrainMax = 1s;  // for calls that are up
constexpr auto kStopMax = 10s;

// Becomes the server; the pipe stays open until it ends.
int exec_server(const std::string& folder, const std::string& config) {
  const int log = ::open((folder + "/log").c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
  if (log < 0 || ::dup2(log, STDOUT_FILENO) < 0 || ::dup2(log, STDERR_FILENO) < 0) return 1;
  const char* const arguments[] = {"sotto",  "serve",        "--config", config.c_str(),
                                   "--sip",  "127.0.0.1:0",  "--http",   "127.0.0.1:0",
                                   "--data", folder.c_str(), nullptr};
  ::execv("/proc/self/exe", const_cast<char* const*>(arguments));
  return 1;
}

}  // namespace

Result<ServerProcess> ServerProcess::start(const std::string& folder, const std::string& config, int cpu) {
  auto child = Child::start(cpu, [&](int) { return exec_server(folder, config); });
  if (!child) return fail(child.error());
  ServerProcess server(std::move(*child));
  const bool up = wait_until(kStartMax, [&] {
    std::ifstream file(folder + "/ready.json");
    std::stringstream content;
    content << file.rdbuf();
    const auto ready = text::parse_json(content.str());
    const auto port = [&](const char* key) -> uint16_t {
      const std::string* text = ready ? (*ready)[key].text() : nullptr;
      const auto endpoint = text == nullptr ? Result<net::Endpoint>(fail(ErrorCode::NotFound, key))
                                            : net::parse_endpoint(*text);
      return endpoint ? endpoint->port : uint16_t{0};
    };
    server.sip_ = port("sip");
    server.http_ = port("http");
    return server.sip_ != 0 && server.http_ != 0;
  });
  if (!up) return fail(ErrorCode::TimedOut, "the server did not start: " + folder + "/log tells why");
  return server;
}

// So that what a program does last is done: a sanitizer looks for leaks, a profile is written.
ServerProcess::~ServerProcess() {
  if (process() <= 0) return;
  const auto ended = [&] {
    siginfo_t info{};
    // Left to be collected by its owner.
    return ::waitid(P_PID, static_cast<id_t>(process()), &info, WEXITED | WNOHANG | WNOWAIT) != 0 ||
           info.si_pid != 0;
  };
  ::kill(process(), SIGTERM);
  if (wait_until(kDrainMax, ended)) return;
  ::kill(process(), SIGTERM);
  static_cast<void>(wait_until(kStopMax, ended));  // its owner kills it otherwise
}

}  // namespace sotto::bench
