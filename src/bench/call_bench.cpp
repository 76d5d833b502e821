#include "bench/call_bench.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include <fmt/format.h>

#include "bench/call_floor.h"
#include "bench/call_load.h"
#include "bench/campaign_server.h"
#include "bench/median.h"
#include "bench/sip_flood.h"
#include "text/json.h"

namespace sotto::bench {
namespace {

constexpr int kServerCpu = 0;
constexpr int kLoadCpu = 1;
constexpr size_t kWarmUpShare = 10;

// Every day is a holiday, so that a call is one leg and its message.
std::string closed_campaign() {
  const auto today = std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now());
  std::string days;
  for (int day = -1; day <= 2; ++day) {
    const std::chrono::year_month_day date(today + std::chrono::days(day));
    days += fmt::format("\"{}-{:02}-{:02}\", ", static_cast<int>(date.year()),
                        static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
  }
  return fmt::format(
      "topic = \"the offer\"\nagents = [\"sip:nobody@127.0.0.1:9\"]\nclosed_message = \"We are closed.\"\n"
      "time_zone = \"UTC\"\nholidays = [{}]\n",
      days.substr(0, days.size() - 2));
}

Result<text::JsonObject> measure(const CallBenchOptions& options) {
  auto server = CampaignServer::start(closed_campaign(), kServerCpu);
  if (!server) return fail(server.error());
  const ServerProcess& process = (*server)->process();
  auto floor = CallFloor::start(kServerCpu);
  if (!floor) return fail(floor.error());
  pin(kLoadCpu);
  CallLoad load;
  if (auto opened = load.open(); !opened) return fail(opened.error());
  CallLoad::Course course{.server = process.sip_port(), .user = kCampaignNumber, .at_once = options.at_once};
  const auto stalled = [] { return fail(ErrorCode::TimedOut, "the server answers no more"); };
  course.calls = options.calls / kWarmUpShare;
  if (!load.run(course)) return stalled();
  course.calls = options.calls;
  const auto calls = static_cast<double>(options.calls);
  std::vector<double> rates, costs, floors, ratios;
  for (size_t round = 0; round < options.rounds; ++round) {
    const double cpu_before = process.cpu();
    const auto begin = load.loop.clock().now();
    if (!load.run(course)) return stalled();
    const std::chrono::duration<double> took = load.loop.clock().now() - begin;
    costs.push_back((process.cpu() - cpu_before) * 1000 / calls);
    rates.push_back(calls / took.count());
    const auto least = floor->measure(options.calls, options.at_once);
    if (!least) return fail(least.error());
    floors.push_back(*least * 1000);
    ratios.push_back(costs.back() / floors.back());
  }
  const size_t failed = load.failed();
  const auto limit = SipFlood::find_limit({.server = process.sip_port(),
                                           .user = kCampaignNumber,
                                           .sdp = load.sdp(),
                                           .at_once = options.at_once,
                                           .length = options.flood},
                                          options.floods);
  if (!limit) return fail(limit.error());
  return text::JsonObject{{"bench", "calls"},
                          {"calls", static_cast<int64_t>(options.calls * options.rounds)},
                          {"calls_per_s", std::round(median(rates))},
                          {"cpu_ms_per_call", rounded(median(costs))},
                          {"cpu_ms_per_call_best", rounded(*std::min_element(costs.begin(), costs.end()))},
                          {"floor_ms_per_call", rounded(median(floors))},
                          {"times_the_floor", rounded(median(ratios))},
                          {"limit_per_s", std::round(limit->calls_per_s)},
                          {"kept_at_twice_the_limit", rounded(limit->kept)},
                          {"failed", static_cast<int64_t>(failed)}};
}

}  // namespace

int bench_calls(const CallBenchOptions& options, const std::function<void(const std::string&)>& print) {
  auto measured = measure(options);
  if (!measured) {
    print(text::to_text(text::JsonObject{{"bench", "calls"}, {"error", measured.error().detail}}));
    return 1;
  }
  const text::Json line(std::move(*measured));
  print(text::to_text(line));
  return line["failed"] == text::Json(0) ? 0 : 1;
}

}  // namespace sotto::bench
