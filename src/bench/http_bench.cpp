#include "bench/http_bench.h"

#include <unistd.h>

#include "bench/http_load.h"
#include "bench/machine.h"
#include "http/server.h"
#include "text/json.h"

namespace sotto::bench {
namespace {

using namespace std::chrono_literals;

constexpr size_t kBodyBytes = 450;
constexpr int kServerCpu = 0;
constexpr int kLoadCpu = 1;

// The event that an app is told of most, filled up to its size.
std::string event_body() {
  text::JsonObject event{{"from", "442079460000"},
                         {"to", "447700900000"},
                         {"uuid", "aaaaaaaa-bbbb-cccc-dddd-0123456789ab"},
                         {"conversation_uuid", "CON-aaaaaaaa-bbbb-cccc-dddd-0123456789ab"},
                         {"status", "answered"},
                         {"direction", "outbound"},
                         {"timestamp", "2026-01-01T12:00:00.000Z"},
                         {"start_time", nullptr},
                         {"duration", 60},
                         {"rate", "0.00450000"},
                         {"headers", text::JsonArray{"one", "two", 3, true, 0.5}}};
  event.set("filler", std::string());
  const size_t size = text::to_text(event).size();
  event.set("filler", std::string(kBodyBytes - size, 'x'));
  return text::to_text(event);
}

std::string request_text() {
  const std::string body = event_body();
  return "POST /v1/events HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: bench\r\nAccept: */*\r\n"
         "Content-Type: application/json\r\nContent-Length: " +
         std::to_string(body.size()) + "\r\n\r\n" + body;
}

asio::awaitable<http::Response> answer(http::Request request) {
  const auto event = text::parse_json(request.body);
  if (!event) co_return http::Response::json(400, R"({"error":"not JSON"})");
  const text::JsonObject reply{{"uuid", (*event)["uuid"]}, {"status", (*event)["status"]}};
  co_return http::Response::json(200, text::to_text(reply));
}

// Tells `ready` its port.
int serve(const std::string& listen, const std::function<bool(uint16_t port)>& ready) {
  net::Loop loop;
  http::Router router;
  router.add(http::Method::Post, "/v1/events", answer);
  const auto where = net::parse_endpoint(listen);
  if (!where) return 1;
  auto server = http::Server::start(loop, router, {.listen = *where});
  if (!server) return 1;
  if (!ready((*server)->address().port)) return 1;
  loop.run();
  return 0;
}

Result<HttpLoadResult> measure(const HttpBenchOptions& options, text::JsonObject& line) {
  auto server = Child::start(kServerCpu, [](int pipe) {
    const auto tell = [pipe](uint16_t port) { return ::write(pipe, &port, sizeof(port)) == sizeof(port); };
    return serve("127.0.0.1:0", tell);
  });
  if (!server) return fail(server.error());
  HttpLoadOptions load{
      .connections = options.connections, .request = request_text(), .window = options.window};
  if (auto up = server->read(&load.port, sizeof(load.port)); !up) return fail(up.error());
  const double before = cpu_seconds(server->process());
  auto generator = Child::start(kLoadCpu, [&load](int pipe) {
    const HttpLoadResult result = run_http_load(load);
    return ::write(pipe, &result, sizeof(result)) == sizeof(result) ? 0 : 1;
  });
  if (!generator) return fail(generator.error());
  HttpLoadResult result;
  if (auto done = generator->read(&result, sizeof(result)); !done) return fail(done.error());
  const double used = cpu_seconds(server->process()) - before;
  const double all_seconds = result.seconds + std::chrono::duration<double>(load.warm_up).count();
  const double per_second = static_cast<double>(result.answered) / result.seconds;
  line.set("requests_per_s", static_cast<int64_t>(per_second));
  line.set("p50_ms", rounded(result.p50_ms));
  line.set("p99_ms", rounded(result.p99_ms));
  line.set("max_ms", rounded(result.max_ms));
  line.set("cpu_us_per_request", rounded(used / all_seconds / per_second * 1e6));
  line.set("failed", static_cast<int64_t>(result.failed));
  return result;
}

}  // namespace

int bench_http(const HttpBenchOptions& options, const std::function<void(const std::string&)>& print) {
  if (!options.listen.empty()) {
    pin(kServerCpu);
    return serve(options.listen, [](uint16_t) { return true; });
  }
  text::JsonObject line;
  line.set("workload", "http");
  line.set("what", "POST of 450 bytes of JSON, parsed and answered");
  line.set("connections", options.connections);
  const auto result = measure(options, line);
  if (!result) line.set("error", result.error().detail);
  print(text::to_text(line));
  return result && result->failed == 0 && result->answered > 0 ? 0 : 1;
}

}  // namespace sotto::bench
