#include "bench/call_load.h"

#include <algorithm>

#include "net/deadline.h"

namespace sotto::bench {
namespace {

using namespace std::chrono_literals;

constexpr auto kStallMax = 30s;  // without any call that ends

// Keeps its loop from sleeping: on the loopback device whoever sends to a sleeper pays for waking it, which
// is no part of what a call takes.
struct Wakeful {
  explicit Wakeful(net::Loop& of) : loop(of) { again(); }
  void again() {
    loop.post([alive = std::weak_ptr(self), this] {
      if (!alive.expired()) again();
    });
  }
  net::Loop& loop;
  const std::shared_ptr<bool> self = std::make_shared<bool>();
};

}  // namespace

Result<void> CallLoad::open() {
  if (auto opened = SipParty::open(); !opened) return opened;
  auto ports = media::PortPool::create(*media::SocketAddress::parse("127.0.0.1", 0), 20'000, 29'999);
  if (!ports) return fail(ports.error());
  auto pair = ports->take(loop.clock().now());
  if (!pair) return fail(pair.error());
  sound_ = std::move(*pair);
  sdp_ = sdp_at(sound_->port);
  return {};
}

bool CallLoad::run(const Course& course) {
  course_ = course;
  begun_ = done_ = 0;
  bool stalled = false;
  size_t seen = 0;
  while (begun_ < std::min(course.calls, course.at_once)) next();
  const Wakeful wakeful(loop);
  std::unique_ptr<net::Deadline> deadline;
  loop.run_until([&] {
    if (done_ / 1000 != seen / 1000 || deadline == nullptr)
      deadline = std::make_unique<net::Deadline>(loop, kStallMax, [&stalled] { stalled = true; });
    seen = done_;
    return stalled || done_ >= course_.calls;
  });
  return !stalled;
}

void CallLoad::next() {
  if (begun_ >= course_.calls) return;
  ++begun_;
  if (!invite(course_.server, course_.user, "12025550150", sdp_)) ++failed_;
}

void CallLoad::on_answered(sip::SessionId session, const sip::AnsweredEvent&) {
  if (course_.hold) {
    ++done_;
    return next();
  }
  static_cast<void>(agent->hang_up(session));  // ended in this very moment: as wanted
}

void CallLoad::on_ended(sip::SessionId, const sip::EndedEvent& ended) {
  if (!ended.answered) ++failed_;
  if (course_.hold && ended.answered) return;
  ++done_;
  next();
}

}  // namespace sotto::bench
