#include "bench/supervised_phones.h"

#include <charconv>

#include <fmt/format.h>

#include "base/ids.h"
#include "bench/clocked.h"
#include "net/deadline.h"
#include "sip/digest_auth.h"

namespace sotto::bench {
namespace {

using namespace std::chrono_literals;

constexpr size_t kRegistrationsAtOnce = 40;
constexpr auto kRegisterMax = 60s;
constexpr size_t kIndexDigits = 6;
constexpr std::string_view kPrefix = "0042*";

// The port of the offer's sound; 0 where it has none.
uint16_t sound_port(std::string_view sdp) {
  constexpr std::string_view kAudio = "m=audio ";
  const size_t at = sdp.find(kAudio);
  uint16_t port = 0;
  if (at != std::string_view::npos)
    std::from_chars(sdp.data() + at + kAudio.size(), sdp.data() + sdp.size(), port);
  return port;
}

}  // namespace

// "1000017" is the agent of call 17, "2000017" its supervisor.
std::string SupervisedPhones::user(size_t call, Seat seat) {
  return fmt::format("{}{:06}", seat == Seat::Agent ? 1 : 2, call);
}

std::string SupervisedPhones::extension(size_t call, Seat seat) {
  return std::string(kPrefix) + user(call, seat);
}

std::string SupervisedPhones::customer(size_t call) {
  return fmt::format("40215{:06}", call);
}

std::optional<SupervisedPhones::Who> SupervisedPhones::who(std::string_view user) {
  if (user.size() <= kIndexDigits) return std::nullopt;
  size_t call = 0;
  const std::string_view index = user.substr(user.size() - kIndexDigits);
  if (std::from_chars(index.data(), index.data() + index.size(), call).ec != std::errc()) return std::nullopt;
  if (user.size() > kIndexDigits + 1) return Who{call, Seat::Customer};
  return Who{call, user.front() == '1' ? Seat::Agent : Seat::Supervisor};
}

SupervisedPhones::~SupervisedPhones() {
  if (!thread_.joinable()) return;
  loop.stop();
  thread_.join();
}

Result<void> SupervisedPhones::open(size_t calls) {
  rung_ = std::vector<std::atomic<int64_t>>(calls);
  answered_ = std::vector<std::atomic<int64_t>>(calls);
  for (size_t i = 0; i < calls; ++i) {
    unregistered_.push_back(user(i, Seat::Agent));
    unregistered_.push_back(user(i, Seat::Supervisor));
  }
  return SipParty::open();
}

Result<void> SupervisedPhones::start(uint16_t server_port) {
  server_ = server_port;
  bool late = false;
  const net::Deadline deadline(loop, kRegisterMax, [&late] { late = true; });
  for (size_t i = 0; i < kRegistrationsAtOnce; ++i) register_next();
  loop.run_until(
      [&] { return late || !refused_.empty() || (unregistered_.empty() && registering_.empty()); });
  if (!refused_.empty()) return fail(ErrorCode::Unauthorized, "cannot register " + refused_);
  if (late) return fail(ErrorCode::TimedOut, "the phones could not all register");
  thread_ = std::thread([this] { loop.run(); });
  return {};
}

void SupervisedPhones::register_next() {
  if (unregistered_.empty()) return;
  const std::string user = std::move(unregistered_.back());
  unregistered_.pop_back();
  send_register(user, {});
}

void SupervisedPhones::send_register(const std::string& user, const std::string& authorization) {
  sip::UserAgent::Request request;
  request.method = sip::Method::Register;
  request.target = "sip:127.0.0.1";
  request.flow.peer = *sip::parse_ip("127.0.0.1", server_);
  request.from = request.to = "<sip:" + user + "@127.0.0.1>";
  request.call_id = "register-" + user;
  request.cseq = authorization.empty() ? 1 : 2;
  request.headers = {{"Contact", fmt::format("<sip:{}@127.0.0.1:{}>", user, port())}, {"Expires", "3600"}};
  if (!authorization.empty()) request.headers.push_back({"Authorization", authorization});
  const auto sent = agent->request(std::move(request));
  if (sent) {
    registering_[*sent] = user;
  } else {
    refused_ = user;
  }
}

void SupervisedPhones::on_response(uint64_t request, int status, const sip::Message* message) {
  const auto it = registering_.find(request);
  if (it == registering_.end()) return;
  const std::string user = it->second;
  registering_.erase(it);
  if (status == 200) return register_next();
  const auto challenge = message == nullptr ? std::nullopt : sip::choose_challenge(*message);
  if (status != 401 || !challenge || message->cseq.number > 1) {
    refused_ = user;
    return;
  }
  const std::string cnonce = base::id_to_hex(random.next(), random.next());
  send_register(
      user, sip::make_credentials(*challenge, user, password(user), "REGISTER", "sip:127.0.0.1", cnonce, 1));
}

void SupervisedPhones::on_invite(sip::SessionId session, const sip::Invite& invite) {
  const int64_t now = steady_ns();
  const auto called = who(invite.message.uri.user);
  const uint16_t port = sound_port(invite.sdp);
  if (!called || called->call >= rung_.size() || port == 0) {
    static_cast<void>(agent->reject(session, {.status = 404}));  // ended meanwhile: as wanted
    return;
  }
  if (called->seat == Seat::Supervisor) rung_[called->call].store(now);
  sessions_[session] = {*called, false};
  media_.talk_to(called->call, called->seat, port);
  sip::Answer answer;
  answer.sdp = media_.sdp(called->call, called->seat);
  if (!agent->progress(session, {})) return;
  if (called->seat == Seat::Supervisor) answered_[called->call].store(steady_ns());
  static_cast<void>(agent->answer(session, answer));  // cancelled meanwhile: on_ended() comes
}

void SupervisedPhones::on_confirmed(sip::SessionId session, std::string_view) {
  const auto it = sessions_.find(session);
  if (it == sessions_.end() || it->second.confirmed) return;
  it->second.confirmed = true;
  ++up_;
}

void SupervisedPhones::on_ended(sip::SessionId session, const sip::EndedEvent&) {
  const auto it = sessions_.find(session);
  if (it == sessions_.end()) return;
  media_.talk_to(it->second.who.call, it->second.who.seat, 0);
  if (it->second.confirmed) --up_;
  sessions_.erase(it);
}

}  // namespace sotto::bench
