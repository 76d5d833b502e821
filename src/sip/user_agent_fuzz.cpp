// Two user agents driven by one byte string: API calls, time, lost and mangled messages, and raw bytes from
// outside.
#include "base/bytes.h"
#include "base/check.h"
#include "sip/test_network.h"

namespace {
using namespace sotto;
using namespace std::chrono_literals;

struct Driver {
  explicit Driver(base::ByteView bytes) : input(bytes) {}

  sip::SessionId pick(const std::vector<sip::SessionId>& ids) {
    return ids.empty() ? sip::SessionId::None : ids[input.u8() % ids.size()];
  }
  void step() {
    switch (input.u8() % 16) {
      case 0: ours.push_back(ann.call(bob, input.u8() % 2 == 0 ? "" : "offer")); break;
      case 1:
        (void)bob.agent.progress(pick(bob.sessions), {.status = 183, .sdp = "early", .reliable = true});
        break;
      case 2: (void)bob.agent.answer(pick(bob.sessions), {.sdp = "answer"}); break;
      case 3: network.run(20ms); break;
      case 4: (void)ann.agent.offer(pick(ours), "re-offer"); break;
      case 5: (void)bob.agent.offer(pick(bob.sessions), "update", sip::OfferMethod::Update); break;
      case 6: (void)ann.agent.info(pick(ours), "text/plain", "x"); break;
      case 7: (void)ann.agent.hang_up(pick(ours)); break;
      case 8: (void)bob.agent.hang_up(pick(bob.sessions)); break;
      case 9: (void)bob.agent.offer(pick(bob.sessions), ""); break;
      case 10: (void)ann.agent.refer(pick(ours), "sip:c@192.0.2.3"); break;
      case 11: set_conditions(input.u8()); break;
      case 12: bob.agent.receive(from_ann, input.take(std::min<size_t>(input.u16(), input.left()))); break;
      case 13: mangle(); break;
      case 14:
        (void)bob.agent.notify_refer(pick(bob.sessions), bob.transfer, 200, input.u8() % 2 == 0);
        break;
      default: network.run(std::chrono::milliseconds(input.u8() * 100)); break;
    }
  }
  void set_conditions(uint8_t value) {
    network.conditions.loss_percent = value % 100;
    bob.load.backlog = value >= 200 ? 1 : value >= 150 ? 0.6 : 0;
  }
  // Something that was sent before, with one byte changed, to either side.
  void mangle() {
    if (network.sent.empty()) return;
    std::string bytes = network.sent[input.u16() % network.sent.size()];
    bytes[input.u16() % bytes.size()] = static_cast<char>(input.u8());
    const bool to_bob = input.u8() % 2 == 0;
    (to_bob ? bob : ann).agent.receive(to_bob ? from_ann : from_bob, base::as_bytes(bytes));
  }

  base::ByteReader input;
  sip::test::Network network{7};
  sip::test::Peer ann{network, "192.0.2.1"};
  sip::test::Peer bob{network, "192.0.2.2"};
  const sip::Flow from_ann{.peer = ann.address};
  const sip::Flow from_bob{.peer = bob.address};
  std::vector<sip::SessionId> ours;
};
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Driver driver(std::as_bytes(std::span(data, std::min<size_t>(size, 4096))));
  while (driver.input.left() > 0) driver.step();
  driver.network.conditions.loss_percent = 0;
  for (sip::test::Peer* peer : {&driver.ann, &driver.bob}) {
    driver.network.run(300s);
    if (peer == &driver.ann) {
      for (const auto id : driver.ours) (void)peer->agent.hang_up(id);
    }
    // A mangled INVITE may have come back to who sent it: it too waits for its application.
    for (const auto id : peer->sessions) (void)peer->agent.hang_up(id);
  }
  driver.network.run(400s);
  for (const sip::test::Peer* peer : {&driver.ann, &driver.bob}) {
    CHECK(peer->agent.counts().sessions == 0);
    CHECK(peer->agent.counts().client_transactions == 0);
    CHECK(peer->agent.counts().server_transactions == 0);
  }
  return 0;
}
