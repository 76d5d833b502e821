#include "bench/sip_flood.h"

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>

#include <sys/socket.h>
#include <unistd.h>

#include "bench/loopback.h"
#include "bench/median.h"

namespace sotto::bench {
namespace {

using namespace std::chrono_literals;

constexpr int kBatch = 64;             // calls begun between two looks at the clock
constexpr int kTakenMax = 8 * kBatch;  // messages: each call has three of the stack, and some again
constexpr int kBufferBytes = 4 << 20;  // of the socket
constexpr std::string_view kCallId = "\r\nCall-ID: flood-";
constexpr std::string_view kOfFlood = "-";  // after the port: what ran before had other calls
constexpr std::string_view kToTag = ";tag=";

Error failed(const char* what) {
  return {ErrorCode::Io, std::string("bench: ") + what + ": " + std::strerror(errno)};
}

// What follows `name` in its line; empty if there is none.
std::string_view after(std::string_view message, std::string_view name) {
  const size_t at = message.find(name);
  if (at == std::string_view::npos) return {};
  const std::string_view rest = message.substr(at + name.size());
  return rest.substr(0, rest.find('\r'));
}

}  // namespace

SipFlood::~SipFlood() {
  if (socket_ >= 0) ::close(socket_);
}

Result<SipFlood::Outcome> SipFlood::run(const Course& course) {
  SipFlood flood(course);
  if (auto opened = flood.open(); !opened) return fail(opened.error());
  return flood.drive();
}

Result<SipFlood::Limit> SipFlood::flood_twice(const Course& course) {
  const auto most = run(course);
  if (!most) return fail(most.error());
  const double limit = most->completed_per_s();
  Course flood = course;
  flood.at_once = 0;
  flood.calls_per_s = 2 * limit;
  const auto twice = run(flood);
  if (!twice) return fail(twice.error());
  return Limit{limit, limit > 0 ? twice->completed_per_s() / limit : 0};
}

Result<SipFlood::Limit> SipFlood::find_limit(const Course& course, int floods) {
  std::vector<double> limits, kept;
  for (int i = 0; i < floods; ++i) {
    const auto one = flood_twice(course);
    if (!one) return fail(one.error());
    limits.push_back(one->calls_per_s);
    kept.push_back(one->kept);
  }
  return Limit{median(limits), median(kept)};
}

Result<void> SipFlood::open() {
  socket_ = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (socket_ < 0) return fail(failed("socket"));
  // The kernel may give less: what it drops then is sent again.
  static_cast<void>(::setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &kBufferBytes, sizeof(kBufferBytes)));
  sockaddr_in own = loopback(0);
  socklen_t length = sizeof(own);
  const sockaddr_in far = loopback(course_.server);
  if (::bind(socket_, reinterpret_cast<const sockaddr*>(&own), sizeof(own)) != 0 ||
      ::getsockname(socket_, reinterpret_cast<sockaddr*>(&own), &length) != 0 ||
      ::connect(socket_, reinterpret_cast<const sockaddr*>(&far), sizeof(far)) != 0)
    return fail(failed("connect"));
  port_ = std::to_string(ntohs(own.sin_port));
  me_ = "127.0.0.1:" + port_;
  callee_ = course_.user + "@127.0.0.1:" + std::to_string(course_.server);
  return {};
}

Result<SipFlood::Outcome> SipFlood::drive() {
  const Time start = std::chrono::steady_clock::now();
  const Time end = start + course_.length;
  std::array<char, 8192> buffer;
  Time now = start;
  for (; now < end; now = std::chrono::steady_clock::now()) {
    const std::chrono::duration<double> elapsed = now - start;
    const size_t due = course_.at_once > 0 ? course_.at_once + outcome_.completed + outcome_.refused
                                           : static_cast<size_t>(elapsed.count() * course_.calls_per_s);
    for (int i = 0; i < kBatch && outcome_.begun < due; ++i) begin(now);
    repeat(now);
    for (int taken = 0; taken < kTakenMax; ++taken) {
      const ssize_t size = ::recv(socket_, buffer.data(), buffer.size(), MSG_DONTWAIT);
      if (size <= 0) break;
      take({buffer.data(), static_cast<size_t>(size)});
    }
  }
  outcome_.seconds = std::chrono::duration<double>(now - start).count();
  return outcome_;
}

void SipFlood::begin(Time now) {
  const size_t call = calls_.size();
  calls_.emplace_back();
  ++outcome_.begun;
  send(call, "INVITE");
  expect(now, call, 500ms);
}

void SipFlood::take(std::string_view message) {
  std::string_view number = after(message, kCallId);
  number.remove_prefix(std::min(number.find(kOfFlood) + kOfFlood.size(), number.size()));
  size_t id = 0;
  std::from_chars(number.data(), number.data() + number.size(), id);
  if (number.empty() || id >= calls_.size() || message.size() < 12) return;
  Call& call = calls_[id];
  const int status = message[8] - '0';
  const bool of_invite = after(message, "\r\nCSeq: ").ends_with("INVITE");
  if (!of_invite) {
    if (call.state != State::Leaving || status < 2) return;
    call.state = State::Over;
    ++(status == 2 ? outcome_.completed : outcome_.refused);
    return;
  }
  if (status == 1) {
    if (call.state == State::Inviting) call.state = State::Proceeding;
    return;
  }
  if (call.to_tag.empty()) {
    const std::string_view to = after(message, "\r\nTo: ");
    const size_t tag = to.find(kToTag);
    if (tag != std::string_view::npos) call.to_tag = to.substr(tag);
  }
  const bool known = call.state == State::Leaving || call.state == State::Over;
  if (!known) call.state = status == 2 ? State::Leaving : State::Over;
  send(id, "ACK");
  if (known) return;
  if (status != 2) {
    ++outcome_.refused;
    return;
  }
  send(id, "BYE");
  expect(std::chrono::steady_clock::now(), id, 500ms);
}

// RFC 3261 §17.1: timers A and E.
void SipFlood::repeat(Time now) {
  for (auto& queue : again_) {
    while (!queue.empty() && queue.front().due <= now) {
      const Again one = queue.front();
      queue.pop_front();
      const State state = calls_[one.call].state;
      if (state != State::Inviting && state != State::Leaving) continue;
      send(one.call, state == State::Inviting ? "INVITE" : "BYE");
      expect(now, one.call, std::min<std::chrono::milliseconds>(one.interval * 2, 4000ms));
    }
  }
}

void SipFlood::expect(Time now, size_t call, std::chrono::milliseconds interval) {
  size_t row = 0;
  for (auto each = 500ms; each < interval; each *= 2) ++row;
  again_[row].push_back({now + interval, call, interval});
}

// An ACK has a branch of its own where the call was answered, and its INVITE's where it was refused.
void SipFlood::send(size_t id, std::string_view method) {
  const Call& call = calls_[id];
  const std::string number = port_ + std::string(kOfFlood) + std::to_string(id);
  const bool invites = method == "INVITE";
  const char* const branch = method == "BYE"                                   ? "b"
                             : method == "ACK" && call.state == State::Leaving ? "a"
                                                                               : "i";
  std::string text;
  text.reserve(800);
  for (const std::string_view part :
       {method,
        std::string_view(" sip:"),
        std::string_view(callee_),
        std::string_view(" SIP/2.0\r\nVia: SIP/2.0/UDP "),
        std::string_view(me_),
        std::string_view(";rport;branch=z9hG4bK"),
        std::string_view(branch),
        std::string_view(number),
        std::string_view("\r\nMax-Forwards: 70\r\nFrom: <sip:flood@127.0.0.1>;tag=f"),
        std::string_view(number),
        std::string_view("\r\nTo: <sip:callee@127.0.0.1>"),
        std::string_view(call.to_tag),
        kCallId,
        std::string_view(number),
        std::string_view("\r\nCSeq: "),
        std::string_view(method == "BYE" ? "2 " : "1 "),
        method,
        std::string_view("\r\nContact: <sip:flood@"),
        std::string_view(me_),
        std::string_view(">\r\n"),
        std::string_view(invites ? "Content-Type: application/sdp\r\n" : "")})
    text += part;
  const std::string_view body = invites ? course_.sdp : std::string_view();
  text += "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n";
  text += body;
  // What the kernel cannot take is lost, as on any network.
  static_cast<void>(::send(socket_, text.data(), text.size(), MSG_DONTWAIT));
}

}  // namespace sotto::bench
