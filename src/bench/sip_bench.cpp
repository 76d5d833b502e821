#include "bench/sip_bench.h"

#include <cmath>
#include <fstream>

#include <unistd.h>

#include "bench/machine.h"
#include "bench/sip_party.h"
#include "net/deadline.h"
#include "text/json.h"

namespace sotto::bench {
namespace {

using namespace std::chrono_literals;

constexpr int kServerCpu = 0;
constexpr int kLoadCpu = 1;
constexpr size_t kWarmUpShare = 10;
constexpr auto kStallMax = 30s;  // without any call that ends

struct Callee final : SipParty {
  void on_invite(sip::SessionId session, const sip::Invite&) override {
    sip::Progress ringing;
    sip::Answer answer;
    answer.sdp = kSomeSdp;
    if (agent->progress(session, ringing)) static_cast<void>(agent->answer(session, answer));
  }
};

struct Caller final : SipParty {
  void call(uint16_t to) {
    sip::InviteOptions invite;
    invite.target = "sip:bench@127.0.0.1:" + std::to_string(to);
    invite.flow.peer = *sip::parse_ip("127.0.0.1", to);
    invite.from = "<sip:load@127.0.0.1>";
    invite.sdp = kSomeSdp;
    if (!agent->invite(std::move(invite))) ++failed;
  }
  // `count` calls, `at_once` of them under way; they are held if they are not to be hung up. False: it
  // stalled.
  bool run(uint16_t to, size_t count, size_t at_once, bool hold) {
    begun = done = 0;
    wanted = count;
    holds = hold;
    server = to;
    bool stalled = false;
    size_t seen = 0;
    while (begun < std::min(count, at_once)) next();
    std::unique_ptr<net::Deadline> deadline;
    loop.run_until([&] {
      if (done != seen || deadline == nullptr) {
        if (done / 1000 != seen / 1000 || deadline == nullptr)
          deadline = std::make_unique<net::Deadline>(loop, kStallMax, [&stalled] { stalled = true; });
        seen = done;
      }
      return stalled || done >= wanted;
    });
    return !stalled;
  }
  void next() {
    if (begun >= wanted) return;
    ++begun;
    call(server);
  }
  void on_answered(sip::SessionId session, const sip::AnsweredEvent&) override {
    if (holds) {
      ++done;
      return next();
    }
    static_cast<void>(agent->hang_up(session));  // ended in this very moment: as wanted
  }
  void on_ended(sip::SessionId, const sip::EndedEvent& ended) override {
    if (!ended.answered) ++failed;
    if (holds && ended.answered) return;
    ++done;
    next();
  }

  uint16_t server = 0;
  size_t begun = 0, done = 0, wanted = 0, failed = 0;
  bool holds = false;
};

int serve(int pipe) {
  Callee callee;
  if (!callee.open()) return 1;
  const uint16_t port = callee.port();
  if (::write(pipe, &port, sizeof(port)) != sizeof(port)) return 1;
  callee.loop.run();
  return 0;
}

// Resident memory of a process.
double kilobytes(pid_t process) {
  std::ifstream file("/proc/" + std::to_string(process) + "/statm");
  double pages = 0;
  file >> pages >> pages;
  return pages * static_cast<double>(::sysconf(_SC_PAGESIZE)) / 1024;
}

double rounded(double value) {
  return std::round(value * 10'000) / 10'000;
}

Result<text::JsonObject> measure(const SipBenchOptions& options) {
  auto server = Child::start(kServerCpu, serve);
  if (!server) return fail(server.error());
  uint16_t port = 0;
  if (auto up = server->read(&port, sizeof(port)); !up) return fail(up.error());
  pin(kLoadCpu);
  Caller caller;
  if (auto opened = caller.open(); !opened) return fail(opened.error());
  const auto stalled = [] { return fail(ErrorCode::TimedOut, "the stack answers no more"); };
  if (!caller.run(port, options.calls / kWarmUpShare, options.at_once, false)) return stalled();
  const double cpu_before = cpu_seconds(server->process());
  const auto begin = caller.loop.clock().now();
  if (!caller.run(port, options.calls, options.at_once, false)) return stalled();
  const std::chrono::duration<double> took = caller.loop.clock().now() - begin;
  const double cpu = cpu_seconds(server->process()) - cpu_before;
  const double memory_before = kilobytes(server->process());
  if (!caller.run(port, options.dialogs, options.at_once, true)) return stalled();
  const double memory = kilobytes(server->process()) - memory_before;
  const auto calls = static_cast<double>(options.calls);
  return text::JsonObject{{"bench", "sip"},
                          {"calls", static_cast<int64_t>(options.calls)},
                          {"calls_per_s", std::round(calls / took.count())},
                          {"cpu_ms_per_call", rounded(cpu * 1000 / calls)},
                          {"kb_per_dialog", rounded(memory / static_cast<double>(options.dialogs))},
                          {"failed", static_cast<int64_t>(caller.failed)}};
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
