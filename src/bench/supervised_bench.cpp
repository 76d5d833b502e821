#include "bench/supervised_bench.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>

#include <fmt/format.h>
#include <unistd.h>

#include "bench/clocked.h"
#include "bench/http_line.h"
#include "bench/server_process.h"
#include "bench/supervised_phones.h"

namespace sotto::bench {
namespace {

using namespace std::chrono_literals;
using Expect = SupervisedMedia::Expect;

constexpr const char* kApp = "bench-app";
constexpr const char* kSecret = "bench-secret";
constexpr auto kStallMax = 30s;
constexpr int64_t kSecond = 1'000'000'000;
constexpr int64_t kBetweenWhispers = 10'000'000;  // ns: as supervisors do, one after the other

void write_config(const std::string& path, size_t calls, uint16_t trunk_port) {
  std::ofstream file(path);
  file << fmt::format(
      "[log]\nlevel = \"warning\"\n[account]\nname = \"main\"\n[account.voipnow]\napp_id = \"{}\"\n"
      "app_secret = \"{}\"\n[[organisation]]\nid = \"bench\"\nname = \"Bench\"\nprefix = \"0042\"\n"
      "[[trunk]]\nname = \"carrier\"\nhosts = [\"127.0.0.1:{}\"]\nprobes = false\n",
      kApp, kSecret, trunk_port);
  for (size_t i = 0; i < calls; ++i) {
    for (const Seat seat : {Seat::Agent, Seat::Supervisor}) {
      const std::string user = SupervisedPhones::user(i, seat);
      file << fmt::format(
          "[[phone]]\nuser = \"{}\"\npassword = \"{}\"\norganisation = \"bench\"\nextension = \"{}\"\nowner "
          "= "
          "\"57\"\ncaller_id_number = \"40216{:06}\"\n",
          user, SupervisedPhones::password(user), SupervisedPhones::extension(i, seat), i);
    }
  }
}

double percentile(std::vector<double> values, double part) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  return std::round(100 * values[static_cast<size_t>(part * static_cast<double>(values.size() - 1))]) / 100;
}

class Bench {
 public:
  Bench(const SupervisedBenchOptions& options, std::string folder)
      : options_(options), folder_(std::move(folder)), keys_(options.calls) {}

  Result<text::JsonObject> run() {
    const std::string config = folder_ + "/sotto.toml";
    auto media = SupervisedMedia::open_sockets(options_.calls);
    if (!media) return fail(media.error());
    media_ = std::move(*media);
    SupervisedPhones phones(*media_);
    if (auto opened = phones.open(options_.calls); !opened) return fail(opened.error());
    write_config(config, options_.calls, phones.port());
    auto server = ServerProcess::start(folder_, config);
    if (!server) return fail(server.error());
    media_->start();
    if (auto started = phones.start(server->sip_port()); !started) return fail(started.error());
    auto line = HttpLine::open(server->http_port());
    if (!line) return fail(line.error());
    for (const auto step : {&Bench::log_in, &Bench::call_all, &Bench::whisper_to_all, &Bench::switch_modes,
                            &Bench::hang_up_all}) {
      if (auto done = (this->*step)(*line, phones, *server); !done) return fail(done.error());
    }
    return result(*server);
  }

 private:
  Result<HttpLine::Answer> ask(HttpLine& line, std::string_view method, const std::string& path,
                               const text::JsonObject& body) const {
    return line.ask(method, "/uapi" + path, authorization_, text::to_text(text::Json(body)));
  }
  std::string path_of(size_t call) const {
    return "/phoneCalls/57/" + SupervisedPhones::extension(call, Seat::Agent) + "/" + keys_[call];
  }
  Result<HttpLine::Answer> supervise(HttpLine& line, size_t call, const char* action) const {
    return ask(line, "PUT", path_of(call),
               {{"action", action},
                {"sendCallTo", SupervisedPhones::extension(call, Seat::Supervisor)},
                {"phoneCallViewId", "00"}});
  }

  Result<void> log_in(HttpLine& line, SupervisedPhones&, ServerProcess&) {
    const auto answer =
        line.ask("POST", "/oauth/token.php", "Content-Type: application/x-www-form-urlencoded",
                 fmt::format("grant_type=client_credentials&client_id={}&client_secret={}", kApp, kSecret));
    if (!answer) return fail(answer.error());
    const std::string* token = answer->body["access_token"].text();
    if (token == nullptr) return fail(ErrorCode::Unauthorized, "no token");
    authorization_ = "Authorization: Bearer " + *token;
    return {};
  }

  Result<void> call_all(HttpLine& line, SupervisedPhones& phones, ServerProcess&) {
    for (size_t i = 0; i < options_.calls; ++i) {
      const std::string agent = SupervisedPhones::extension(i, Seat::Agent);
      const text::JsonObject view{
          {"source", text::JsonArray{text::Json(agent)}},
          {"destination", text::JsonArray{text::Json(SupervisedPhones::customer(i))}}};
      const auto answer = ask(line, "POST", "/phoneCalls/57/simple",
                              {{"extension", agent}, {"phoneCallView", text::JsonArray{text::Json(view)}}});
      if (!answer) return fail(answer.error());
      const auto* calls = answer->body.array();
      const std::string* key = calls == nullptr || calls->empty() ? nullptr : calls->front()["id"].text();
      if (key == nullptr)
        return fail(ErrorCode::Invalid, fmt::format("call {}: the answer is {}", i, answer->status));
      keys_[i] = *key;
    }
    if (!wait_until(kStallMax, [&] { return phones.up() == 2 * options_.calls; }))
      return fail(ErrorCode::TimedOut, fmt::format("only {} legs are up", phones.up()));
    rest_until(steady_ns() + 2 * kSecond);
    media_->talking(true);
    return {};
  }

  Result<void> whisper_to_all(HttpLine& line, SupervisedPhones& phones, ServerProcess&) {
    std::vector<int64_t> asked(options_.calls);
    for (size_t i = 0; i < options_.calls; ++i) {
      asked[i] = steady_ns();
      const auto answer = supervise(line, i, "Whisper");
      if (!answer) return fail(answer.error());
      if (answer->status != 202)
        return fail(ErrorCode::Invalid, fmt::format("whisper {}: the answer is {}", i, answer->status));
      rest_until(asked[i] + kBetweenWhispers);
    }
    const auto all_heard = [&] {
      for (size_t i = 0; i < options_.calls; ++i) {
        if (media_->first_whisper(i) == 0) return false;
      }
      return true;
    };
    if (!wait_until(kStallMax, all_heard)) return fail(ErrorCode::TimedOut, "not every whisper is heard");
    for (size_t i = 0; i < options_.calls; ++i) {
      rings_ms_.push_back(static_cast<double>(phones.supervisor_rung(i) - asked[i]) * 1e-6);
      heard_ms_.push_back(static_cast<double>(media_->first_whisper(i) - phones.supervisor_answered(i)) *
                          1e-6);
      media_->expect(i, Expect::Whisper);
    }
    return {};
  }

  // Each call once a second, one after the other.
  Result<void> switch_modes(HttpLine& line, SupervisedPhones& phones, ServerProcess& server) {
    const double cpu = server.cpu();
    const int64_t begin = steady_ns();
    const auto rounds = static_cast<size_t>(options_.talk.count());
    for (size_t n = 0; n < rounds * options_.calls; ++n) {
      const size_t call = n % options_.calls;
      const bool whisper = n / options_.calls % 2 == 1;
      const int64_t due = begin + static_cast<int64_t>(n) * kSecond / options_.calls;
      rest_until(due);
      behind_ms_ = std::max(behind_ms_, static_cast<double>(steady_ns() - due) * 1e-6);
      media_->expect(call, Expect::Anything);
      const auto answer = supervise(line, call, whisper ? "Whisper" : "Monitor");
      if (!answer) return fail(answer.error());
      if (answer->status != 200)
        return fail(ErrorCode::Invalid, fmt::format("change {}: the answer is {}", n, answer->status));
      media_->expect(call, whisper ? Expect::Whisper : Expect::Monitor);
      ++changes_;
    }
    rest_until(begin + options_.talk.count() * kSecond);
    server_cpu_ = (server.cpu() - cpu) / (static_cast<double>(steady_ns() - begin) * 1e-9);
    if (phones.up() != kSeats * options_.calls)
      return fail(ErrorCode::Closed, fmt::format("only {} legs are still up", phones.up()));
    return {};
  }

  Result<void> hang_up_all(HttpLine& line, SupervisedPhones& phones, ServerProcess&) {
    media_->talking(false);
    for (size_t i = 0; i < options_.calls; ++i) media_->expect(i, Expect::Anything);
    for (size_t i = 0; i < options_.calls; ++i) {
      const auto answer = ask(line, "DELETE", path_of(i), {});
      if (!answer) return fail(answer.error());
      if (answer->status != 200)
        return fail(ErrorCode::Invalid, fmt::format("hanging up: {}", answer->status));
    }
    if (!wait_until(kStallMax, [&] { return phones.up() == 0; }))
      return fail(ErrorCode::TimedOut, fmt::format("{} legs do not end", phones.up()));
    return {};
  }

  text::JsonObject result(const ServerProcess&) {
    const SupervisedSound& sound = media_->stop();
    const auto number = [](uint64_t value) { return text::Json(static_cast<int64_t>(value)); };
    const auto part = [](uint64_t wrong, uint64_t all) {
      return all == 0 ? 0.0 : 1 - static_cast<double>(wrong) / static_cast<double>(all);
    };
    clean_ = sound.leaks == 0 && sound.monitor_leaks == 0 && sound.talk_broken == 0 && sound.lost == 0;
    return {{"bench", "supervised"},
            {"calls", number(options_.calls)},
            {"mode_changes", number(changes_)},
            {"mode_changes_behind_ms", std::round(behind_ms_ * 10) / 10},
            {"put_to_invite_p50_ms", percentile(rings_ms_, 0.5)},
            {"put_to_invite_p99_ms", percentile(rings_ms_, 0.99)},
            {"answer_to_heard_p50_ms", percentile(heard_ms_, 0.5)},
            {"answer_to_heard_p99_ms", percentile(heard_ms_, 0.99)},
            {"phones_behind_ms", std::round(static_cast<double>(sound.behind_ns) * 1e-5) / 10},
            {"talk_frames", number(sound.talk_frames)},
            {"talk_continuity", part(sound.talk_broken, sound.talk_frames)},
            {"talk_broken", number(sound.talk_broken)},
            {"lost", number(sound.lost)},
            {"jumps", number(sound.jumps)},
            {"on_time", part(sound.late, sound.frames)},
            {"customer_frames", number(sound.customer_frames)},
            {"leaks", number(sound.leaks)},
            {"loudest_leak", sound.loudest_leak},
            {"smeared", number(sound.smeared)},
            {"whisper_frames", number(sound.whisper_frames)},
            {"whisper_broken", number(sound.whisper_broken)},
            {"monitor_frames", number(sound.monitor_frames)},
            {"monitor_leaks", number(sound.monitor_leaks)},
            {"listen_frames", number(sound.listen_frames)},
            {"listen_broken", number(sound.listen_broken)},
            {"server_cpu", std::round(server_cpu_ * 100) / 100}};
  }

 public:
  bool clean() const { return clean_; }

 private:
  const SupervisedBenchOptions options_;
  const std::string folder_;
  std::unique_ptr<SupervisedMedia> media_;
  std::string authorization_;
  std::vector<std::string> keys_;
  std::vector<double> rings_ms_, heard_ms_;
  size_t changes_ = 0;
  double behind_ms_ = 0;
  double server_cpu_ = 0;
  bool clean_ = false;
};

}  // namespace

int bench_supervised(const SupervisedBenchOptions& options,
                     const std::function<void(const std::string&)>& print) {
  const auto folder = std::filesystem::temp_directory_path() / fmt::format("sotto-bench-{}", ::getpid());
  std::filesystem::create_directories(folder);
  Bench bench(options, folder.string());
  const auto result = bench.run();
  if (!result) {
    print(text::to_text(text::JsonObject{{"bench", "supervised"}, {"error", result.error().detail}}));
    return 1;
  }
  std::filesystem::remove_all(folder);
  print(text::to_text(text::Json(*result)));
  return bench.clean() ? 0 : 1;
}

}  // namespace sotto::bench
