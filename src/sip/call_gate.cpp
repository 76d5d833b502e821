#include "sip/call_gate.h"

#include <algorithm>
#include <utility>

#include "base/ids.h"
#include "sip/busy_answer.h"

namespace sotto::sip {
namespace {
constexpr std::chrono::seconds kCalm{5};
// An answer costs as much as four INVITEs that are not heard, and its ACK besides.
constexpr double kAnswersPerSecond = 2000;
constexpr double kAnswersAtOnce = 500;
constexpr size_t kRememberedMax = 8192;  // some seconds of them
}  // namespace

CallGate::CallGate(const UserAgentPorts& ports, std::chrono::seconds retry_after)
    : ports_(ports),
      retry_after_(retry_after),
      to_tag_("busy" + base::id_to_hex(ports.random.next(), ports.random.next())),
      salt_(ports.random.next()),
      answers_(kAnswersAtOnce),
      counted_(ports.timers.now()) {}

CallGate::~CallGate() {
  ports_.timers.stop(calm_);
}

bool CallGate::closed() {
  return overload_.update(ports_.transport.pressure(), overloaded_) != LoadLevel::Normal;
}

bool CallGate::stops(const Flow& flow, std::string_view message) {
  if (message.starts_with("ACK ")) return overloaded_ && message.find(to_tag_) != std::string_view::npos;
  if (!message.starts_with("INVITE ")) return false;
  if (!closed() && !overloaded_) return false;
  const bool plain = was_closed() && is_plain_beginning(message);
  if (plain && goes_unheard(flow)) return true;
  const auto beginning = read_beginning(message);
  if (!beginning) return false;
  const size_t call = std::hash<std::string_view>{}(beginning->via.text) ^ salt_;
  if (!was_closed() && refused_lately_[call % kRememberedMax] != call) return false;
  if (!plain && goes_unheard(flow)) return true;
  note_shed();
  ++refused_;
  refused_lately_[call % kRememberedMax] = call;
  const Flow back = reply_flow(beginning->via, flow);
  const std::string answer = busy_answer(*beginning, back, to_tag_, retry_after_);
  ports_.transport.send(back, base::as_bytes(answer));  // one that is lost is asked for again
  return true;
}

// On a stream nothing would ask again.
bool CallGate::goes_unheard(const Flow& flow) {
  if (is_stream(flow.protocol) || (overload_.level() != LoadLevel::Dropping && may_answer())) return false;
  note_shed();
  ++dropped_;
  return true;
}

bool CallGate::may_answer() {
  const base::TimePoint now = ports_.timers.now();
  const double passed = std::chrono::duration<double>(now - std::exchange(counted_, now)).count();
  answers_ = std::min(kAnswersAtOnce, answers_ + passed * kAnswersPerSecond);
  if (answers_ < 1) return false;
  answers_ -= 1;
  return true;
}

void CallGate::note_shed() {
  shed_lately_ = true;
  if (overloaded_) return;
  overloaded_ = true;
  refused_lately_.assign(kRememberedMax, 0);
  calm_ = ports_.timers.start(kCalm, *this, 0);
  ports_.events.on_overload({.begins = true});
}

void CallGate::on_timer(uint64_t) {
  calm_ = base::TimerId::None;
  if (std::exchange(shed_lately_, false)) {
    calm_ = ports_.timers.start(kCalm, *this, 0);
    return;
  }
  overloaded_ = false;
  refused_lately_ = std::vector<size_t>();
  ports_.events.on_overload({.begins = false, .refused = refused_, .dropped = dropped_});
}

}  // namespace sotto::sip
