#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "sip/user_agent.h"

// For tests: user agents joined by a network in virtual time that loses, doubles, delays and so reorders
// datagrams.
namespace sotto::sip::test {

struct Conditions {
  uint64_t loss_percent = 0;
  uint64_t double_percent = 0;
  std::chrono::milliseconds delay_max{0};
};

class Network final : public base::TimerSink {
 public:
  explicit Network(uint64_t seed) : random{seed} {}
  ~Network() override = default;

  void attach(const Address& address, std::function<void(const Flow&, base::ByteView)> receive) {
    receivers_[address] = std::move(receive);
  }
  void send(const Address& from, const Address& to, base::ByteView bytes, Protocol protocol = Protocol::Udp) {
    sent.emplace_back(base::as_text(bytes));
    if (sent.size() > 4000) sent.erase(sent.begin(), sent.begin() + 2000);
    if (random.below(100) < conditions.loss_percent) return;
    const uint64_t copies = random.below(100) < conditions.double_percent ? 2 : 1;
    for (uint64_t i = 0; i < copies; ++i) {
      const auto delay = std::chrono::milliseconds(
          1 + random.below(static_cast<uint64_t>(conditions.delay_max.count()) + 1));
      in_flight_[++next_] = {from, to, protocol, std::string(base::as_text(bytes))};
      timers.start(delay, *this, next_);
    }
  }
  // Event by event, since what runs starts new timers.
  void run(base::Duration time) {
    const base::TimePoint end = timers.now() + time;
    for (auto due = timers.next_due(); due && *due <= end; due = timers.next_due()) timers.advance(*due);
    timers.advance(end);
  }

  base::Timers timers{base::TimePoint(std::chrono::seconds(1))};
  base::SeededRandom random;
  Conditions conditions;
  std::vector<std::string> sent;

 private:
  struct Datagram {
    Address from, to;
    Protocol protocol = Protocol::Udp;
    std::string bytes;
  };
  void on_timer(uint64_t token) override {
    const auto node = in_flight_.extract(token);
    const Datagram& datagram = node.mapped();
    const auto it = receivers_.find(datagram.to);
    if (it != receivers_.end())
      it->second(Flow{.protocol = datagram.protocol, .peer = datagram.from}, base::as_bytes(datagram.bytes));
  }

  std::map<Address, std::function<void(const Flow&, base::ByteView)>> receivers_;
  std::map<uint64_t, Datagram> in_flight_;
  uint64_t next_ = 0;
};

// One user agent, whose events are kept as lines; tests add behaviour through the hooks.
class Peer : public Transport, public UserAgentEvents {
 public:
  Peer(Network& network, std::string_view ip, AccessPolicy* policy = nullptr, Registrar* registrar = nullptr,
       UserAgentConfig config = {})
      : network_(network),
        address(*parse_ip(ip, 5060)),
        agent(std::move(config), {network.timers, network.random, *this, *this, policy, registrar}) {
    network.attach(address, [this](const Flow& flow, base::ByteView bytes) { agent.receive(flow, bytes); });
  }

  SessionId call(const Peer& other, std::string sdp = "offer", std::vector<ExtraHeader> headers = {}) {
    auto id = agent.invite({.target = "sip:bob@" + ip_text(other.address),
                            .flow = Flow{.peer = other.address},
                            .from = "\"Ann\" <sip:ann@example.com>",
                            .headers = std::move(headers),
                            .sdp = std::move(sdp),
                            .auth_user = "ann",
                            .auth_password = "secret"});
    return id.value_or(SessionId::None);
  }
  bool heard(std::string_view line) const { return std::find(log.begin(), log.end(), line) != log.end(); }

  bool send(const Flow& flow, base::ByteView bytes) override {
    if (is_stream(flow.protocol) && !tcp) return false;
    network_.send(address, flow.peer, bytes, flow.protocol);
    return true;
  }
  bool has_tcp() const override { return offers_tcp; }
  std::string local_host_port(const Flow&) const override { return to_string(address); }
  Pressure pressure() const override { return load; }

  void on_invite(SessionId session, const Invite& invite) override {
    last = session;
    sessions.push_back(session);
    note("invite " + std::string(invite.sdp) +
         (invite.user.empty() ? "" : " by " + std::string(invite.user)));
    replaces = invite.replaces;
    if (const Header* header = invite.message.find("X-Campaign"))
      note("campaign " + std::string(header->value));
    if (invited) invited(session, invite);
  }
  void on_ended(SessionId session, const EndedEvent& ended) override {
    constexpr std::string_view kBy[] = {"local", "remote", "network"};
    note("ended " + std::string(kBy[static_cast<size_t>(ended.by)]) + (ended.answered ? " answered " : " ") +
         std::to_string(ended.status) +
         (ended.reason_header.empty() ? "" : " " + std::string(ended.reason_header)));
    outcomes[session] = ended.answered;
    ++ended_count;
  }
  void on_progress(SessionId session, const ProgressEvent& event) override {
    note("progress " + std::to_string(event.status) + " " + std::string(event.sdp) +
         (event.sdp_is_offer ? "?" : ""));
    if (event.sdp_is_offer) (void)agent.answer_offer(session, "early answer");
  }
  void on_answered(SessionId session, const AnsweredEvent& event) override {
    note("answered " + std::string(event.sdp) + (event.sdp_is_offer ? "?" : ""));
    if (event.sdp_is_offer) (void)agent.answer_offer(session, "late answer");
  }
  void on_confirmed(SessionId, std::string_view sdp) override { note("confirmed " + std::string(sdp)); }
  void on_early_answer(SessionId, std::string_view sdp) override { note("early " + std::string(sdp)); }
  void on_offer(SessionId session, const OfferEvent& event) override {
    note("offer " + std::string(event.sdp));
    if (answer_offers) (void)agent.answer_offer(session, "re-answer");
  }
  void on_offer_answered(SessionId, std::string_view sdp) override {
    note("offer answered " + std::string(sdp));
  }
  void on_offer_refused(SessionId, int status) override { note("offer refused " + std::to_string(status)); }
  void on_info(SessionId, std::string_view type, std::string_view body) override {
    note("info " + std::string(type) + " " + std::string(body));
  }
  void on_refer(SessionId session, const ReferEvent& event) override {
    transfer = event.transfer;
    note("refer " + event.target + " " + event.replaces);
    (void)agent.accept_refer(session, event.transfer);
  }
  void on_transfer_progress(SessionId, TransferId, int status, bool done) override {
    note("transfer " + std::to_string(status) + (done ? " done" : ""));
  }
  void on_response(uint64_t, int status, const Message*) override {
    note("response " + std::to_string(status));
  }
  void on_overload(const OverloadEvent& event) override {
    note(event.begins ? "overload begins" : "overload ends");
  }

 private:
  void note(std::string line) { log.push_back(std::move(line)); }
  Network& network_;

 public:
  const Address address;
  std::vector<std::string> log;
  std::vector<SessionId> sessions;
  std::map<SessionId, bool> outcomes;  // whether the call was answered
  size_t ended_count = 0;
  SessionId last = SessionId::None;
  SessionId replaces = SessionId::None;
  TransferId transfer = TransferId::None;
  bool answer_offers = true;
  bool offers_tcp = false;  // large requests go by TCP,
  bool tcp = true;          // if it works
  Pressure load;            // what it makes of calls that begin
  std::function<void(SessionId, const Invite&)> invited;
  UserAgent agent;
};

}  // namespace sotto::sip::test
