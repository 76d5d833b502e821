// One whispered call through the whole server, with two phones in processes of their own; then who heard
// what, by what the phones recorded and by the server's ledger.
#include <cstdio>
#include <filesystem>
#include <fstream>

#include <fmt/format.h>

#include "app/child_phone.h"
#include "app/commands/commands.h"
#include "app/demo_setup.h"
#include "app/lanes.h"
#include "campaign/program.h"
#include "sound/sound_files.h"
#include "store/hearing_store.h"

namespace sotto::app {
namespace {

using namespace std::chrono_literals;
using base::WallTime;

constexpr float kCallerHz = 700;
constexpr float kAgentHz = 1100;
constexpr float kSameSound = 0.6F;    // likeness of a sound through a codec and a jitter buffer
constexpr float kOtherSound = 0.40F;  // below it, the sound is not there
constexpr auto kTolerance = 400ms;    // between ledger and recording, at each end
constexpr auto kTimeMax = 60s;

class Demo {
 public:
  explicit Demo(DemoOptions options) : options_(std::move(options)) {}

  int run() {
    auto outcome = play();
    if (!outcome) return std::fprintf(stderr, "demo: %s\n", outcome.error().detail.c_str()), 1;
    const bool agreed = judge();
    print(agreed);
    if (options_.stay) {
      say(
          fmt::format("The server stays up; Ctrl-C ends it. With phones of your own: answer as the agent at "
                      "sip:agent@{0},\n"
                      "and call sip:12025550101@{1} (summer offer) or sip:12025550102@{1} (winter offer).\n"
                      "Or in two more terminals:\n"
                      "  build/release/sotto phone --listen {0} --tone 1100 --press 1 --press-after-ms 4500 "
                      "--record agent.wav\n"
                      "  build/release/sotto phone --dial sip:12025550102@{1} --tone 700 --hang-up-after-ms "
                      "13000 --record c.wav",
                      agent_address_, net::to_string(server_->sip_address())));
      std::fflush(stdout);
      loop_.run();
    }
    return agreed ? 0 : 1;
  }

 private:
  void say(const std::string& line) const {
    if (!options_.json) std::fprintf(stdout, "%s\n", line.c_str());
  }

  // Wakes the loop now and then, so that a deadline passes even if nothing else happens.
  struct Wake final : base::TimerSink {
    explicit Wake(base::Timers& wheel) : timers(wheel) { on_timer(0); }
    ~Wake() override { timers.stop(id); }
    void on_timer(uint64_t) override { id = timers.start(50ms, *this, 0); }
    base::Timers& timers;
    base::TimerId id = base::TimerId::None;
  };

  Result<void> wait(const std::function<bool()>& done, const char* what) {
    const auto deadline = loop_.clock().now() + kTimeMax;
    const Wake wake(loop_.timers());
    loop_.run_until([&] { return done() || loop_.clock().now() > deadline; });
    if (!done()) return fail(ErrorCode::TimedOut, std::string("no sign of ") + what);
    return {};
  }

  // A phone that has stopped talking to us will not say it any more.
  Result<void> until_said(const ChildPhone& phone, const char* event, const char* what) {
    auto over = wait([&] { return phone.find(event) != nullptr || phone.finished(); }, what);
    if (over && phone.find(event) == nullptr)
      return fail(ErrorCode::Closed, std::string("the phone ended before ") + what);
    return over;
  }

  Result<void> play() {
    folder_ =
        options_.data_folder.empty()
            ? (std::filesystem::temp_directory_path() / fmt::format("sotto-demo-{}", ::getpid())).string()
            : options_.data_folder;
    std::filesystem::create_directories(folder_);
    auto agent =
        ChildPhone::start(loop_, {"--listen", "127.0.0.1:0", "--rtp-min", "41000", "--user", "agent",
                                  "--ring-ms", "1500", "--tone", std::to_string(kAgentHz), "--press", "1",
                                  "--press-after-ms", "4500", "--record", folder_ + "/agent.wav"});
    if (!agent) return fail(agent.error());
    agent_ = std::move(*agent);
    if (auto up = until_said(*agent_, "listening", "the agent's phone"); !up) return up;
    agent_address_ = agent_->text("listening", "address");

    ServerSettings settings = demo_settings("sip:agent@" + agent_address_, folder_);
    settings.sip = *net::parse_endpoint("127.0.0.1:0");
    settings.http = *net::parse_endpoint("127.0.0.1:0");
    campaign_ = settings.campaigns.front();
    auto server = Server::start(loop_, std::move(settings));
    if (!server) return fail(server.error());
    server_ = std::move(*server);
    say(fmt::format("Server on {}. A caller dials 12025550101, the number in the summer advert.",
                    net::to_string(server_->sip_address())));

    auto caller =
        ChildPhone::start(loop_, {"--listen", "127.0.0.1:0", "--rtp-min", "42000", "--user", "12025550147",
                                  "--tone", std::to_string(kCallerHz), "--dial",
                                  "sip:12025550101@" + net::to_string(server_->sip_address()),
                                  "--hang-up-after-ms", "13000", "--record", folder_ + "/caller.wav"});
    if (!caller) return fail(caller.error());
    caller_ = std::move(*caller);
    if (auto rung = until_said(*agent_, "incoming", "the agent's phone to ring"); !rung) return rung;
    say("The agent's phone rings; the caller waits.");
    remember_legs();
    if (auto up = until_said(*agent_, "answered", "the agent's answer"); !up) return up;
    say("The agent answers and hears the whisper; he presses 1 to accept.");
    if (auto over = wait([&] { return caller_->finished() && agent_->finished(); }, "the end of the call");
        !over)
      return over;
    say("The call is over. What each phone recorded:\n");
    return {};
  }

  // The legs of the one call that is up: the caller's came in, the agent's went out.
  void remember_legs() {
    for (const call::LegId id : server_->switchboard().all_legs()) {
      const bool inbound = server_->switchboard().leg(id)->direction == call::Direction::Inbound;
      (inbound ? caller_leg_ : agent_leg_) = id;
    }
  }

  static Result<Heard> heard(const std::string& listener, const std::string& path, int64_t since_us) {
    std::ifstream file(path, std::ios::binary);
    const std::vector<char> bytes{std::istreambuf_iterator<char>(file), {}};
    std::vector<std::byte> content(bytes.size());
    std::transform(bytes.begin(), bytes.end(), content.begin(),
                   [](char c) { return static_cast<std::byte>(c); });
    auto pcm = sound::decode_sound(content);
    if (!pcm) return fail(pcm.error());
    return Heard{listener, WallTime(std::chrono::microseconds(since_us)), *pcm};
  }

  // The whisper as it was spoken: the synthesiser still has it.
  Result<audio::SharedPcm> whisper() {
    const flow::Program program =
        campaign::whisper_program(campaign_, {base::Address::Kind::Number, "12025550147", {}}, 0s);
    const auto* gather = std::get_if<flow::GatherStep>(&program.steps.front().spec);
    const auto* play = gather == nullptr || gather->prompts.empty()
                           ? nullptr
                           : std::get_if<flow::PlayStep>(&gather->prompts.front());
    const auto* speech =
        play == nullptr ? nullptr : std::get_if<call::Speech>(&play->prompt.playlist.front());
    if (speech == nullptr) return fail(ErrorCode::Internal, "the whisper program does not begin with speech");
    std::optional<Result<audio::SharedPcm>> spoken;
    server_->synthesiser().speak(*speech, [&](Result<audio::SharedPcm> pcm) { spoken = std::move(pcm); });
    if (auto made = wait([&] { return spoken.has_value(); }, "the whisper's sound"); !made)
      return fail(made.error());
    return *spoken;
  }

  Result<void> read_ledger() {
    const std::vector<call::LegId> legs{caller_leg_, agent_leg_};
    std::optional<Result<hearing::Ledger::Rows>> rows;
    auto asked = server_->store().read<hearing::Ledger::Rows>(
        [legs](store::Connection& connection) { return store::find_hearing(connection, legs); },
        [&](Result<hearing::Ledger::Rows> read) { rows = std::move(read); });
    if (!asked) return asked;
    if (auto read = wait([&] { return rows.has_value(); }, "the ledger"); !read) return read;
    if (!*rows) return fail(rows->error());
    for (const hearing::Interval& interval : hearing::intervals(**rows, legs)) {
      const auto* listener = std::get_if<call::LegId>(&interval.listener);
      if (listener == nullptr) continue;
      const bool by_caller = *listener == caller_leg_;
      const bool prompt = std::holds_alternative<call::PromptId>(interval.source);
      const std::string source =
          prompt ? (by_caller ? "waiting" : "whisper") : (by_caller ? "agent" : "caller");
      ledger_.push_back(
          {by_caller ? "caller" : "agent", source, interval.from, interval.to.value_or(interval.from)});
    }
    return {};
  }

  // The recorded lane of a talk begins and ends when the ledger says that it was audible.
  bool agrees(const std::string& listener, const std::string& source) {
    const auto of = [&](const std::vector<Lane>& lanes) -> const Lane* {
      const auto it = std::find_if(lanes.begin(), lanes.end(), [&](const Lane& lane) {
        return lane.listener == listener && lane.source == source;
      });
      return it == lanes.end() ? nullptr : &*it;
    };
    const Lane* recorded = of(measured_);
    const Lane* written = of(ledger_);
    if (recorded == nullptr || written == nullptr) return complain(listener + " did not hear " + source);
    const auto apart = [](WallTime a, WallTime b) { return a > b ? a - b : b - a; };
    if (apart(recorded->from, written->from) > kTolerance || apart(recorded->to, written->to) > kTolerance) {
      return complain(fmt::format("ledger and recording differ on when {} heard {}: by {} ms and {} ms",
                                  listener, source, (recorded->from - written->from).count() / 1000,
                                  (recorded->to - written->to).count() / 1000));
    }
    return true;
  }

  bool complain(const std::string& what) {
    std::fprintf(stderr, "demo: %s\n", what.c_str());
    return false;
  }

  bool judge() {
    const auto by_caller = heard("caller", folder_ + "/caller.wav", caller_->at_us("recording"));
    const auto by_agent = heard("agent", folder_ + "/agent.wav", agent_->at_us("recording"));
    const auto spoken = whisper();
    if (!by_caller || !by_agent || !spoken) return complain("a recording or the whisper's sound is missing");
    if (auto read = read_ledger(); !read) return complain(read.error().detail);
    for (const auto& lane : tone_lanes(*by_caller, "agent", kAgentHz)) measured_.push_back(lane);
    for (const auto& lane : tone_lanes(*by_agent, "caller", kCallerHz)) measured_.push_back(lane);
    const Likeness at_agent = find_sound(*by_agent, **spoken);
    const Likeness at_caller = find_sound(*by_caller, **spoken);
    bool good = true;
    if (at_agent.value > kSameSound) {
      measured_.push_back({"agent", "whisper", at_agent.at, at_agent.at + (*spoken)->length()});
    } else {
      good = complain(
          fmt::format("the whisper is not in what the agent heard (likeness {:.2f})", at_agent.value));
    }
    if (at_caller.value > kOtherSound) {
      good =
          complain(fmt::format("the whisper is in what the caller heard (likeness {:.2f})", at_caller.value));
    }
    for (const Lane& lane : ledger_) {
      if (lane.listener == "caller" && lane.source == "whisper")
        good = complain("the ledger let the caller hear the whisper");
    }
    good = agrees("caller", "agent") && good;
    good = agrees("agent", "caller") && good;
    if (server_->switchboard().live_legs() != 0) good = complain("a leg has outlived its call");
    likeness_agent_ = at_agent.value;
    likeness_caller_ = at_caller.value;
    return good;
  }

  static text::Json as_json(const Lane& lane) {
    return text::JsonObject{{"listener", lane.listener},
                            {"source", lane.source},
                            {"from_us", static_cast<int64_t>(lane.from.time_since_epoch().count())},
                            {"to_us", static_cast<int64_t>(lane.to.time_since_epoch().count())}};
  }

  void print(bool agreed) const {
    if (options_.json) {
      text::JsonArray recorded;
      text::JsonArray written;
      for (const Lane& lane : measured_) recorded.push_back(as_json(lane));
      for (const Lane& lane : ledger_) written.push_back(as_json(lane));
      const text::Json all = text::JsonObject{
          {"agreed", agreed},
          {"recorded", recorded},
          {"ledger", written},
          {"whisper_likeness",
           text::JsonObject{{"agent", double{likeness_agent_}}, {"caller", double{likeness_caller_}}}}};
      std::fprintf(stdout, "%s\n", text::to_text(all).c_str());
      return;
    }
    say(draw(measured_, 60));
    say("What the server's ledger says:\n");
    say(draw(ledger_, 60));
    say(
        fmt::format("The whisper's words are in the agent's recording (likeness {:.2f}) and not in the "
                    "caller's ({:.2f}).",
                    likeness_agent_, likeness_caller_));
    say(agreed ? "Recordings and ledger agree." : "Recordings and ledger DISAGREE.");
    say("The recordings are in " + folder_ + ".");
  }

  const DemoOptions options_;
  net::Loop loop_;
  std::string folder_;
  campaign::Campaign campaign_;
  std::unique_ptr<ChildPhone> agent_;
  std::unique_ptr<ChildPhone> caller_;
  std::unique_ptr<Server> server_;
  std::string agent_address_;
  call::LegId caller_leg_;
  call::LegId agent_leg_;
  std::vector<Lane> measured_;
  std::vector<Lane> ledger_;
  float likeness_agent_ = 0;
  float likeness_caller_ = 0;
};

}  // namespace

int demo(const DemoOptions& options) {
  return Demo(options).run();
}

}  // namespace sotto::app
