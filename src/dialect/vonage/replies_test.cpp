// Answers to events that are NCCOs (vonage.md §3.3): of who has answered, of a WebSocket that its app closed,
// of a transfer.
#include <gtest/gtest.h>

#include "dialect/vonage/testing/account_bench.h"
#include "http/server.h"
#include "net/run.h"

namespace sotto::vonage::testing {
namespace {

using text::Json;

// An app that notes its events, and answers those of one status with `ncco`.
class App {
 public:
  explicit App(net::Loop& loop) : loop_(loop) {
    router_.add(http::Method::Post, "/event",
                [this](http::Request request) { return answer(std::move(request)); });
    server_ = *http::Server::start(loop, router_, {.listen = *net::parse_endpoint("127.0.0.1:0")});
  }
  ~App() { net::run(loop_, server_->stop(std::chrono::seconds(0))); }

  std::string url() const { return "http://" + net::to_string(server_->address()) + "/event"; }
  const Json* told(const std::string& wanted) const {
    for (const Json& event : events_) {
      if (kind_of(event) == wanted) return &event;
    }
    return nullptr;
  }

  size_t count(const std::string& wanted) const {
    return static_cast<size_t>(std::count_if(events_.begin(), events_.end(),
                                             [&](const Json& event) { return kind_of(event) == wanted; }));
  }

  std::string status;
  std::string ncco;

 private:
  asio::awaitable<http::Response> answer(http::Request request) {
    events_.push_back(text::parse_json(request.body).value_or(Json()));
    const bool instructs = kind_of(events_.back()) == status;
    co_return http::Response::json(200, instructs ? ncco : "[]");
  }
  // A transfer has no status.
  static std::string kind_of(const Json& event) {
    if (event["status"].text() != nullptr) return *event["status"].text();
    return event["conversation_uuid_to"].text() != nullptr ? "transfer" : "other";
  }

  net::Loop& loop_;
  http::Router router_;
  std::vector<Json> events_;
  std::unique_ptr<http::Server> server_;
};

struct RepliesTest : ::testing::Test {
  AccountBench bench;
  App app{bench.loop};

  // The call is made and answered; its NCCO runs.
  call::LegId begin(const std::string& ncco, const std::string& more = "") {
    const auto reply = bench.ask(http::Method::Post, "/v1/calls", bench.bearer(bench.claims()),
                                 R"({"to":[{"type":"phone","number":"12025550150"}],"event_url":[")" +
                                     app.url() + R"("],"ncco":)" + ncco + more + "}");
    EXPECT_EQ(reply.status, 201) << reply.body;
    const call::LegId leg = last();
    bench.world.switchboard.on_answered(leg);
    bench.settle();
    return leg;
  }
  std::string connect(const std::string& endpoint, const std::string& options = "") const {
    return R"([{"action":"connect","eventUrl":[")" + app.url() + R"("],"endpoint":[)" + endpoint + "]" +
           options + "}]";
  }
  call::LegId last() { return bench.world.signalling.dialled.back().leg; }
  bool speaks(const std::string& words) {
    for (const auto& [id, prompt] : bench.world.media.playing) {
      const auto* speech =
          prompt.spec.playlist.empty() ? nullptr : std::get_if<call::Speech>(&prompt.spec.playlist.front());
      if (speech != nullptr && speech->runs.front().text == words) return true;
    }
    return false;
  }
  bool up(call::LegId leg) {
    const call::Leg* found = bench.world.switchboard.leg(leg);
    return found != nullptr && found->answered();
  }
  void wait_for(const std::string& event) {
    bench.loop.run_until([&] { return app.told(event) != nullptr; });
  }
};

constexpr const char* kPhone = R"({"type":"phone","number":"12025550151"})";
const std::string kHall = std::string(kApplication) + ":hall";
constexpr const char* kTalk = R"([{"action":"talk","text":"after"}])";

TEST_F(RepliesTest, AnNccoForAMachineTakesThePlaceOfTheOneThatCalled) {
  for (const char* options : {R"(,"eventType":"synchronous","machineDetection":"continue")",
                              R"(,"advancedMachineDetection":{"mode":"default"})"}) {
    const call::LegId caller = begin(connect(kPhone, options));
    const call::LegId callee = last();
    ASSERT_NE(caller, callee);
    bench.world.switchboard.on_answered(callee);
    app.status = "machine";
    app.ncco = kTalk;
    bench.world.switchboard.on_machine_verdict(callee, {call::MachineVerdict::Kind::MachineStart, {}});
    bench.loop.run_until([&] { return speaks("after"); });
    EXPECT_TRUE(up(caller));
    EXPECT_FALSE(up(callee)) << "the connect that was replaced lets its callee go";
    bench.world.switchboard.hang_up(caller, {call::EndCause::HungUp, call::EndedBy::Api, 0, {}});
  }
}

TEST_F(RepliesTest, AnAnswerThatIsNoNccoLeavesTheTalkAlone) {
  const call::LegId caller = begin(connect(kPhone, R"(,"advancedMachineDetection":{"mode":"default"})"));
  const call::LegId callee = last();
  bench.world.switchboard.on_answered(callee);
  bench.world.switchboard.on_machine_verdict(callee, {call::MachineVerdict::Kind::Human, {}});
  wait_for("human");
  bench.settle();
  EXPECT_TRUE(up(caller) && up(callee));
  EXPECT_TRUE(bench.world.hears(caller, callee));
}

TEST_F(RepliesTest, ACallOfTheApiTakesAnotherNccoForAMachine) {
  app.status = "machine";
  app.ncco = kTalk;
  const call::LegId leg = begin(R"([{"action":"talk","text":"before","loop":0}])",
                                R"(,"advanced_machine_detection":{"mode":"default"})");
  ASSERT_EQ(bench.world.media.detecting, std::vector<call::LegId>{leg});
  bench.world.switchboard.on_machine_verdict(leg, {call::MachineVerdict::Kind::MachineStart, {}});
  bench.loop.run_until([&] { return speaks("after"); });
  EXPECT_FALSE(speaks("before"));
}

TEST_F(RepliesTest, AnNccoForAWebSocketThatItsAppClosedFollowsTheConnect) {
  constexpr const char* kSocket = R"({"type":"websocket","uri":"ws://127.0.0.1:9/s","headers":{"a":"b"}})";
  for (const bool instructs : {true, false}) {
    app.status = instructs ? "disconnected" : "";
    app.ncco = kTalk;
    const call::LegId caller = begin(connect(kSocket));
    const call::LegId socket = last();
    bench.world.switchboard.on_answered(socket);
    EXPECT_TRUE(bench.world.hears(caller, socket));
    bench.world.switchboard.on_ended(socket, {call::EndCause::HungUp, call::EndedBy::FarEnd, 0, {}});
    wait_for("disconnected");
    bench.loop.run_until([&] { return speaks("after") || !up(caller); });
    EXPECT_EQ(up(caller), instructs);
    if (instructs) {
      EXPECT_EQ(*(*app.told("disconnected"))["headers"]["a"].text(), "b");
      bench.world.switchboard.hang_up(caller, {call::EndCause::HungUp, call::EndedBy::Api, 0, {}});
    }
  }
}

TEST_F(RepliesTest, AnNccoForATransferTakesThePlaceOfTheOneThatMovedTheLeg) {
  app.status = "transfer";
  app.ncco = kTalk;
  const call::LegId leg =
      begin(R"([{"action":"conversation","name":"hall","musicOnHoldUrl":"http://h/m.mp3"}])");
  bench.loop.run_until([&] { return speaks("after"); });
  EXPECT_TRUE(up(leg));
  EXPECT_EQ(bench.world.switchboard.room_named(kHall), nullptr);
}

TEST_F(RepliesTest, AnAnswerToATransferThatIsNoNccoLeavesTheLegInItsConversation) {
  app.status = "transfer";
  for (const char* said : {"200", "[]", "{}", "no JSON"}) {
    app.ncco = said;
    const size_t before = app.count("transfer");
    const call::LegId leg = begin(R"([{"action":"conversation","name":"hall"}])");
    bench.loop.run_until([&] { return app.count("transfer") > before; });
    bench.settle();
    EXPECT_TRUE(up(leg)) << said;
    EXPECT_NE(bench.world.switchboard.room_named(kHall), nullptr) << said;
    bench.world.switchboard.hang_up(leg, {call::EndCause::HungUp, call::EndedBy::Api, 0, {}});
  }
}

TEST_F(RepliesTest, WhoWantsARecordingInWritingIsToldThatThereIsNone) {
  const call::LegId leg =
      begin(R"([{"action":"record","transcription":{"language":"en-US"}},{"action":"talk","text":"on"}])");
  bench.loop.run_until([&] { return app.told("other") != nullptr; });
  EXPECT_EQ(*(*app.told("other"))["reason"].text(), "[0].transcription: recordings are not transcribed");
  EXPECT_TRUE(up(leg) && speaks("on"));
}

TEST_F(RepliesTest, AnNccoForATransferThatIsWrongIsToldAndLeavesTheLegAlone) {
  app.status = "transfer";
  app.ncco = R"([{"action":"dance"}])";
  const call::LegId leg = begin(R"([{"action":"conversation","name":"hall"}])");
  bench.loop.run_until([&] { return app.told("other") != nullptr; });
  EXPECT_NE((*app.told("other"))["reason"].text(), nullptr);
  EXPECT_TRUE(up(leg));
}

}  // namespace
}  // namespace sotto::vonage::testing
