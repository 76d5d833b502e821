#include "bench/whisper_bench.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include <fmt/format.h>

#include "bench/campaign_server.h"
#include "bench/whisper_load.h"
#include "http/client.h"
#include "net/open_files.h"
#include "net/run.h"
#include "text/json.h"

namespace sotto::bench {
namespace {

constexpr int kSettledShare = 5;  // of the time, before memory counts

double percentile(std::vector<double> values, double share) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  return values[std::min(values.size() - 1, static_cast<size_t>(share * static_cast<double>(values.size())))];
}

text::Json spread(const std::vector<double>& values) {
  return text::JsonObject{{"p50", rounded(percentile(values, 0.5))},
                          {"p99", rounded(percentile(values, 0.99))},
                          {"max", rounded(percentile(values, 1.0))}};
}

// One of the server's own numbers.
Result<int64_t> metric(net::Loop& loop, uint16_t port, const std::string& name) {
  http::Client client(loop);
  http::FetchRequest request;
  request.url = "http://127.0.0.1:" + std::to_string(port) + "/metrics";
  const auto reply = net::run(loop, client.fetch(std::move(request)));
  if (!reply) return fail(ErrorCode::Unreachable, "metrics: " + reply.error().detail);
  const size_t at = reply->body.find("\n" + name + " ");
  int64_t value = 0;
  if (at == std::string::npos) return fail(ErrorCode::NotFound, "metrics: no " + name);
  const char* const digits = reply->body.data() + at + name.size() + 2;
  std::from_chars(digits, reply->body.data() + reply->body.size(), value);
  return value;
}

Result<text::JsonObject> measure(const WhisperBenchOptions& options) {
  net::raise_open_files();
  WhisperLoad load(options);
  if (auto opened = load.open(); !opened) return fail(opened.error());
  auto server = CampaignServer::start(
      fmt::format("topic = \"the summer offer\"\ngreeting = \"Please wait.\"\nwhisper_times = 3\n"
                  "agents = [\"sip:agent@127.0.0.1:{}\"]\n",
                  load.port()),
      kAnyCpu);
  if (!server) return fail(server.error());
  const ServerProcess& up = (*server)->process();
  const pid_t process = up.process();
  const double control_before = cpu_seconds_of_first_thread(process);
  const double cpu_before = cpu_seconds(process);
  const auto settled = load.loop.clock().now() + base::Duration(options.length) / kSettledShare;
  double memory_settled = 0, memory_end = 0;
  const WhisperLoad::Outcome& outcome = load.run(up.sip_port(), [&] {
    const auto now = load.loop.clock().now();
    if (now >= settled && memory_settled == 0) memory_settled = resident_kilobytes(process);
    if (now < settled + base::Duration(options.length) * (kSettledShare - 1) / kSettledShare)
      memory_end = resident_kilobytes(process);
  });
  const double control = cpu_seconds_of_first_thread(process) - control_before;
  const double cpu = cpu_seconds(process) - cpu_before;
  const auto orphans = metric(load.loop, up.http_port(), "sotto_orphans");
  const auto legs = metric(load.loop, up.http_port(), "sotto_legs");
  if (!orphans || !legs) return fail(orphans ? legs.error() : orphans.error());
  const double calls = std::max(1.0, static_cast<double>(outcome.completed));
  return text::JsonObject{{"bench", "whisper"},
                          {"calls", static_cast<int64_t>(outcome.begun)},
                          {"calls_per_s", options.calls_per_s},
                          {"whisper_ms", spread(outcome.whisper_ms)},
                          {"join_ms", spread(outcome.join_ms)},
                          {"control_cpu_ms_per_call", rounded(control * 1000 / calls)},
                          {"cpu_ms_per_call", rounded(cpu * 1000 / calls)},
                          {"memory_kb_settled", rounded(memory_settled)},
                          {"memory_kb_end", rounded(memory_end)},
                          {"orphans", *orphans + *legs},
                          {"leaks", static_cast<int64_t>(outcome.leaks)},
                          {"failed", static_cast<int64_t>(outcome.begun - outcome.completed)}};
}

}  // namespace

int bench_whisper(const WhisperBenchOptions& options, const std::function<void(const std::string&)>& print) {
  auto measured = measure(options);
  if (!measured) {
    print(text::to_text(text::JsonObject{{"bench", "whisper"}, {"error", measured.error().detail}}));
    return 1;
  }
  const text::Json line(std::move(*measured));
  print(text::to_text(line));
  const text::Json none(0);
  return line["failed"] == none && line["leaks"] == none && line["orphans"] == none ? 0 : 1;
}

}  // namespace sotto::bench
