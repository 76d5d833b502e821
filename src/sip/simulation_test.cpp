// Two user agents joined by a network that loses, doubles, delays and reorders, in virtual time: random
// calls, hang-ups, cancels, re-INVITEs and transfers. For 20 s, or SOTTO_PROPERTY_SECONDS; with
// SOTTO_SIMULATED_CALLS until there have been so many. Each run prints its first seed and how far it has
// come, and SOTTO_PROPERTY_SEED repeats it from there.
#include <cstdlib>

#include <gtest/gtest.h>

#include "sip/test_network.h"

namespace sotto::sip {
namespace {
using namespace std::chrono_literals;
using test::Network;
using test::Peer;

uint64_t number_in(const char* name, uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

constexpr size_t kReportEach = 5000;  // calls

// One network with its two sides and some dozen calls.
class World {
 public:
  explicit World(uint64_t seed) : network_(seed) {
    network_.conditions = {
        .loss_percent = network_.random.below(10), .double_percent = 10, .delay_max = 300ms};
    bob_.invited = [this](SessionId session, const Invite& invite) {
      theirs_[std::string(invite.message.call_id)] = session;
    };
  }

  // Returns how many calls there were.
  size_t run() {
    for (int step = 0; step < 60; ++step) {
      if (network_.random.below(4) == 0) call();
      act();
      network_.run(std::chrono::milliseconds(network_.random.below(1500)));
    }
    network_.run(40s);
    for (const auto& [id, call_id] : ours_) (void)ann_.agent.hang_up(id);
    network_.run(60s);
    for (const SessionId id : bob_.sessions) (void)bob_.agent.hang_up(id);
    network_.run(300s);
    return ours_.size();
  }

  void check() const {
    ASSERT_EQ(ann_.ended_count, ours_.size());
    ASSERT_EQ(bob_.ended_count, bob_.sessions.size());
    for (const Peer* peer : {&ann_, &bob_}) {
      ASSERT_EQ(peer->agent.counts().sessions, 0u);
      ASSERT_EQ(peer->agent.counts().client_transactions, 0u);
      ASSERT_EQ(peer->agent.counts().server_transactions, 0u);
    }
    for (const auto& [id, call_id] : ours_) {
      const auto other = theirs_.find(call_id);
      const bool answered_there = other != theirs_.end() && bob_.outcomes.at(other->second);
      ASSERT_EQ(ann_.outcomes.at(id), answered_there) << call_id;
    }
    ASSERT_EQ(network_.timers.pending(), 0u);
  }

 private:
  void call() {
    const SessionId id = ann_.call(bob_, network_.random.below(3) == 0 ? "" : "offer");
    ours_[id] = ann_.agent.call_id(id).value_or("");
  }
  SessionId one_of_ours() {
    if (ours_.empty()) return SessionId::None;
    return std::next(ours_.begin(), static_cast<ptrdiff_t>(network_.random.below(ours_.size())))->first;
  }
  SessionId one_of_theirs() {
    if (bob_.sessions.empty()) return SessionId::None;
    return bob_.sessions[network_.random.below(bob_.sessions.size())];
  }
  // Most of these do not fit the state and are refused: that too is the test.
  void act() {
    const SessionId ours = one_of_ours();
    const SessionId theirs = one_of_theirs();
    switch (network_.random.below(13)) {
      case 0: (void)bob_.agent.progress(theirs, {.status = 180}); break;
      case 1: (void)bob_.agent.progress(theirs, {.status = 183, .sdp = "early", .reliable = true}); break;
      case 2:
      case 3:
      case 4: (void)bob_.agent.answer(theirs, {.sdp = "answer"}); break;
      case 5: (void)bob_.agent.reject(theirs, {.status = 486}); break;
      case 6: (void)ann_.agent.hang_up(ours); break;
      case 7: (void)bob_.agent.hang_up(theirs); break;
      case 8: (void)ann_.agent.offer(ours, "re-offer"); break;
      case 9: (void)bob_.agent.offer(theirs, "re-offer"); break;
      case 10: (void)bob_.agent.offer(theirs, "update", OfferMethod::Update); break;
      case 11: (void)ann_.agent.refer(ours, "sip:carol@192.0.2.3"); break;
      default: (void)ann_.agent.info(ours, "text/plain", "x"); break;
    }
  }

  Network network_;
  Peer ann_{network_, "192.0.2.1"};
  Peer bob_{network_, "192.0.2.2"};
  std::map<SessionId, std::string> ours_;  // with their Call-IDs
  std::map<std::string, SessionId> theirs_;
};

TEST(Simulation, EveryCallEndsAlikeOnBothSidesAndIsFreed) {
  const auto started = std::chrono::steady_clock::now();
  const std::chrono::seconds budget(number_in("SOTTO_PROPERTY_SECONDS", 20));
  const uint64_t wanted = number_in("SOTTO_SIMULATED_CALLS", 0);
  uint64_t seed = number_in("SOTTO_PROPERTY_SEED", static_cast<uint64_t>(started.time_since_epoch().count()));
  std::printf("first seed %llu\n", static_cast<unsigned long long>(seed));
  std::fflush(stdout);
  size_t calls = 0, told = 0;
  const auto report = [&] {
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - started;
    std::printf("%zu calls, seeds to %llu, %.0f s, %.0f calls/s\n", calls,
                static_cast<unsigned long long>(seed), took.count(),
                static_cast<double>(calls) / std::max(took.count(), 0.001));
    std::fflush(stdout);
    told = calls;
  };
  const auto done = [&] {
    return wanted > 0 ? calls >= wanted : std::chrono::steady_clock::now() - started >= budget;
  };
  for (; !done(); ++seed) {
    SCOPED_TRACE("SOTTO_PROPERTY_SEED=" + std::to_string(seed));
    World world(seed);
    calls += world.run();
    world.check();
    if (testing::Test::HasFatalFailure()) return;
    if (calls - told >= kReportEach) report();
  }
  report();
}

}  // namespace
}  // namespace sotto::sip
