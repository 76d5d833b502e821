#include "bench/sip_bench.h"

#include <cmath>

#include <unistd.h>

#include "bench/call_load.h"
#include "bench/machine.h"
#include "bench/sip_flood.h"
#include "text/json.h"

namespace sotto::bench {
namespace {

constexpr int kServerCpu = 0;
constexpr int kLoadCpu = 1;
constexpr size_t kWarmUpShare = 10;
constexpr std::chrono::milliseconds kShortT1{50};

struct Callee final : SipParty {
  void on_invite(sip::SessionId session, const sip::Invite&) override {
    sip::Progress ringing;
    sip::Answer answer;
    answer.sdp = kSomeSdp;
    if (agent->progress(session, ringing)) static_cast<void>(agent->answer(session, answer));
  }
};

int serve(int pipe) {
  Callee callee;
  if (!callee.open()) return 1;
  const uint16_t port = callee.port();
  if (::write(pipe, &port, sizeof(port)) != sizeof(port)) return 1;
  callee.loop.run();
  return 0;
}

// Tells what it has allocated each time that nothing is left of its transactions.
int serve_and_weigh(int pipe) {
  Callee callee;
  if (!callee.open(kShortT1)) return 1;
  const uint16_t port = callee.port();
  if (::write(pipe, &port, sizeof(port)) != sizeof(port)) return 1;
  const auto idle = [&callee] { return callee.agent->counts().server_transactions == 0; };
  for (;;) {
    callee.loop.run_until([&idle] { return !idle(); });
    callee.loop.run_until(idle);
    const double heap = heap_kilobytes();
    if (::write(pipe, &heap, sizeof(heap)) != sizeof(heap)) return 1;
  }
}

// In kilobytes, of calls that are up and about which nothing else is under way.
Result<double> weigh_dialogs(const SipBenchOptions& options) {
  auto server = Child::start(kServerCpu, serve_and_weigh);
  if (!server) return fail(server.error());
  uint16_t port = 0;
  double before = 0, after = 0;
  if (auto up = server->read(&port, sizeof(port)); !up) return fail(up.error());
  CallLoad caller;
  if (auto opened = caller.open(); !opened) return fail(opened.error());
  // First what grows with calls that are over, up to its bound: the trace.
  const bool warm =
      caller.run({.server = port, .calls = options.calls / kWarmUpShare, .at_once = options.at_once});
  if (!warm || !server->read(&before, sizeof(before))) return fail(ErrorCode::TimedOut, "no calls to weigh");
  const bool held =
      caller.run({.server = port, .calls = options.dialogs, .at_once = options.at_once, .hold = true});
  if (!held || !server->read(&after, sizeof(after))) return fail(ErrorCode::TimedOut, "no dialogs to weigh");
  return (after - before) / static_cast<double>(options.dialogs);
}

Result<text::JsonObject> measure(const SipBenchOptions& options) {
  pin(kLoadCpu);
  const auto kilobytes = weigh_dialogs(options);
  if (!kilobytes) return fail(kilobytes.error());
  auto server = Child::start(kServerCpu, serve);
  if (!server) return fail(server.error());
  uint16_t port = 0;
  if (auto up = server->read(&port, sizeof(port)); !up) return fail(up.error());
  CallLoad caller;
  if (auto opened = caller.open(); !opened) return fail(opened.error());
  const auto stalled = [] { return fail(ErrorCode::TimedOut, "the stack answers no more"); };
  if (!caller.run({.server = port, .calls = options.calls / kWarmUpShare, .at_once = options.at_once}))
    return stalled();
  const double cpu_before = cpu_seconds(server->process());
  const auto begin = caller.loop.clock().now();
  if (!caller.run({.server = port, .calls = options.calls, .at_once = options.at_once})) return stalled();
  const std::chrono::duration<double> took = caller.loop.clock().now() - begin;
  const double cpu = cpu_seconds(server->process()) - cpu_before;
  const auto limit = SipFlood::find_limit(
      {.server = port, .at_once = options.at_once, .length = options.flood}, options.floods);
  if (!limit) return fail(limit.error());
  const auto calls = static_cast<double>(options.calls);
  return text::JsonObject{{"bench", "sip"},
                          {"calls", static_cast<int64_t>(options.calls)},
                          {"calls_per_s", std::round(calls / took.count())},
                          {"cpu_ms_per_call", rounded(cpu * 1000 / calls)},
                          {"kb_per_dialog", rounded(*kilobytes)},
                          {"limit_per_s", std::round(limit->calls_per_s)},
                          {"kept_at_twice_the_limit", rounded(limit->kept)},
                          {"failed", static_cast<int64_t>(caller.failed())}};
}

}  // namespace

int bench_sip(const SipBenchOptions& options, const std::function<void(const std::string&)>& print) {
  auto measured = measure(options);
  if (!measured) {
    print(text::to_text(text::JsonObject{{"bench", "sip"}, {"error", measured.error().detail}}));
    return 1;
  }
  const text::Json line(std::move(*measured));
  print(text::to_text(line));
  return line["failed"] == text::Json(0) ? 0 : 1;
}

}  // namespace sotto::bench
