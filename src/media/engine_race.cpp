#include <gtest/gtest.h>
#include <poll.h>

#include "base/random.h"
#include "hearing/delta.h"
#include "hearing/derive.h"
#include "media/engine.h"
#include "media/own_loopback.h"
#include "media/port_pool.h"
#include "media/rtp_phone.h"

// The engine over real UDP on loopback: that the thread, the rings and the sockets work together. What is
// mixed is tested in virtual time, in graph_test.cpp.
namespace sotto::media {
namespace {

using namespace std::chrono_literals;

struct Recorder final : EventSink {
  std::vector<Event> events;
  void on_media_event(const Event& event) override { events.push_back(event); }
  template <typename T>
  size_t count() const {
    return static_cast<size_t>(std::count_if(events.begin(), events.end(),
                                             [](const Event& e) { return std::holds_alternative<T>(e); }));
  }
};

struct UdpPhone {
  UdpPhone(float hz, PortPair ports) : phone(hz), pair(std::move(ports)) {}
  RtpPhone phone;
  PortPair pair;
  SocketAddress server;

  void exchange() {
    const auto packet = phone.say();
    ::sendto(pair.rtp.get(), packet.data(), packet.size(), 0, server.raw(), server.length());
    std::array<std::byte, 2000> in;
    for (;;) {
      const ssize_t size = ::recv(pair.rtp.get(), in.data(), in.size(), 0);
      if (size < 0) return;
      phone.hear(std::span(in).first(static_cast<size_t>(size)));
    }
  }
};

constexpr size_t kThreads = 3;

class EngineTest : public testing::Test {
 protected:
  void SetUp() override {
    EngineSettings settings;
    settings.bind_ip = own_loopback();
    settings.port_min = 31'000;
    settings.port_max = 31'199;
    settings.threads = kThreads;
    auto started = Engine::start(settings, recorder);
    ASSERT_TRUE(started) << started.error().detail;
    engine = std::move(*started);
    facts.room = RoomId::make(random);
    plan.room = facts.room;
  }
  LegId add_leg(UdpPhone& phone) {
    const LegId leg = LegId::make(random);
    const auto ports = engine->open_leg(leg, facts.room);
    EXPECT_TRUE(ports);
    phone.server = *SocketAddress::parse(ports->ip, ports->rtp);
    LegSettings settings;
    settings.remote = *SocketAddress::parse(own_loopback(), phone.pair.port);
    EXPECT_TRUE(engine->configure_leg(leg, settings));
    facts.members.push_back({.leg = leg});
    return leg;
  }
  void apply() {
    hearing::Plan next = hearing::derive(facts);
    next.revision = plan.revision + 1;
    engine->apply(hearing::diff(plan, next));
    plan = next;
  }
  // Lets both sides run until `done` says so, 20 ms at a time and ten seconds at most.
  template <typename Done>
  bool run_until(Done done) {
    for (int i = 0; i < 500 && !done(); ++i) {
      const auto start = clock.now();
      for (UdpPhone* phone : phones) phone->exchange();
      for (auto left = 20ms - (clock.now() - start); left > 0ms; left = 20ms - (clock.now() - start)) {
        pollfd event{.fd = engine->event_fd(), .events = POLLIN, .revents = 0};
        ::poll(&event, 1, static_cast<int>(left / 1ms) + 1);
        engine->poll();
      }
    }
    return done();
  }

  base::SystemRandom random;
  base::SystemClock clock;
  Recorder recorder;
  std::unique_ptr<Engine> engine;
  hearing::Facts facts;
  hearing::Plan plan;
  std::vector<UdpPhone*> phones;
  PortPool phone_ports = *PortPool::create(*SocketAddress::parse(own_loopback(), 0), 31'200, 31'299);
};

TEST_F(EngineTest, BridgesTwoPhonesAndPlaysToOneOfThem) {
  UdpPhone ann(440, *phone_ports.take(clock.now()));
  UdpPhone bob(1000, *phone_ports.take(clock.now()));
  phones = {&ann, &bob};
  const LegId ann_leg = add_leg(ann);
  add_leg(bob);
  apply();
  EXPECT_TRUE(run_until([&] { return ann.phone.hears(1000) && bob.phone.hears(440); }));
  EXPECT_FALSE(ann.phone.hears(440));
  EXPECT_FALSE(bob.phone.hears(1000));
  EXPECT_EQ(recorder.count<PlanApplied>(), 1U);
  EXPECT_EQ(recorder.count<FirstMedia>(), 2U);

  const PromptId prompt = PromptId::make(random);
  facts.prompts.push_back({.id = prompt, .only = ann_leg});
  engine->start_prompt(prompt, facts.room, {.clips = {ToneClip{audio::sine_tone(1800, -20), 300ms}}});
  apply();
  EXPECT_TRUE(run_until([&] { return ann.phone.hears(1800); }));
  EXPECT_FALSE(bob.phone.hears(1800));
  EXPECT_TRUE(run_until([&] { return recorder.count<PromptEnded>() == 1; }));
  EXPECT_EQ(ann.phone.breaks() + bob.phone.breaks(), 0U);
}

// Four phones go round and round through rooms of three threads, with a tap, while two stay and talk.
TEST_F(EngineTest, MovesLegsBetweenThreadsWhileTheyTalk) {
  std::vector<std::unique_ptr<UdpPhone>> owned;
  std::vector<LegId> legs;
  for (int i = 0; i < 6; ++i) {
    owned.push_back(
        std::make_unique<UdpPhone>(400 + 150.0F * static_cast<float>(i), *phone_ports.take(clock.now())));
    phones.push_back(owned.back().get());
    legs.push_back(add_leg(*owned.back()));
  }
  apply();
  std::vector<RoomId> rooms = {facts.room};
  for (size_t i = 1; i < kThreads; ++i) {
    rooms.push_back(RoomId::make(random));
    engine->open_room(rooms.back(), 8000);
  }
  const TapId tap = TapId::make(random);
  const auto reader = engine->open_tap(tap, rooms[0], 1);
  EXPECT_TRUE(run_until([&] { return phones[0]->phone.hears(phones[1]->phone.hz()); }));
  size_t moves = 0;
  const size_t before = recorder.count<LegMoved>();
  for (int round = 1; round <= 60; ++round) {
    for (size_t i = 2; i < legs.size(); ++i) {
      engine->move_leg(legs[i], rooms[(static_cast<size_t>(round) + i) % rooms.size()]);
      ++moves;
      if (round % 3 == 0) engine->ask_statistics(legs[i]);
      if (round % 7 == 0) {
        EXPECT_TRUE(engine->send_digits(legs[i], "5"));
      }
    }
    engine->move_tap(tap, rooms[static_cast<size_t>(round) % rooms.size()]);
    run_until([&, polled = 0]() mutable { return ++polled > 1; });
    while (!reader->front().samples.empty()) reader->release();
  }
  // Who is in the room already when the round begins is not moved.
  EXPECT_TRUE(run_until([&] { return recorder.count<LegMoved>() - before >= moves - legs.size(); }));
  for (size_t i = 2; i < legs.size(); ++i) engine->move_leg(legs[i], rooms[0]);
  EXPECT_TRUE(run_until([&] {
    return phones[0]->phone.hears(phones[5]->phone.hz()) && phones[5]->phone.hears(phones[0]->phone.hz());
  }));
  for (const UdpPhone* phone : phones) EXPECT_EQ(phone->phone.breaks(), 0U);
  engine->close_tap(tap);
  for (const LegId& leg : legs) {
    engine->move_leg(leg, rooms[1]);
    engine->close_leg(leg);
  }
  EXPECT_TRUE(run_until([&] { return recorder.count<LegClosed>() == legs.size(); }));
  EXPECT_GE(recorder.count<StatisticsTaken>(), 80U);
  EXPECT_EQ(engine->counters().audience_violations, 0U);
}

TEST_F(EngineTest, AProcessorThatIsNotThereIsNamed) {
  const auto started = Engine::start(
      {.bind_ip = own_loopback(), .port_min = 31'400, .port_max = 31'419, .threads = 2, .media_cpu = 1022},
      recorder);
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().code, ErrorCode::Invalid);
  EXPECT_NE(started.error().detail.find("processor 1022"), std::string::npos) << started.error().detail;
  EXPECT_FALSE(Engine::start({.bind_ip = own_loopback(), .threads = 0}, recorder));
  EXPECT_FALSE(
      Engine::start({.bind_ip = own_loopback(), .threads = EngineSettings::kThreadsMax + 1}, recorder));
}

TEST_F(EngineTest, PortsRestAndRunOut) {
  std::vector<LegId> legs;
  for (;;) {
    const LegId leg = LegId::make(random);
    const auto ports = engine->open_leg(leg, facts.room);
    if (!ports) {
      EXPECT_EQ(ports.error().code, ErrorCode::Exhausted);
      break;
    }
    EXPECT_EQ(ports->rtp % 2, 0);
    legs.push_back(leg);
  }
  EXPECT_EQ(legs.size(), 100U);
  for (const LegId& leg : legs) engine->close_leg(leg);
  EXPECT_TRUE(run_until([&] { return recorder.count<LegClosed>() == legs.size(); }));
  EXPECT_TRUE(run_until([&] { return engine->open_leg(LegId::make(random), facts.room).has_value(); }));
}

}  // namespace
}  // namespace sotto::media
