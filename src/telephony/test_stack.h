#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "net/deadline.h"
#include "net/loop.h"
#include "sip/digest_auth.h"
#include "telephony/addresses.h"
#include "telephony/stack.h"

// For tests: a whole Stack on loopback, and bare SIP phones that call it and are called.
namespace sotto::telephony::test {

struct NoPrompts final : PromptMaker {
  void make(const call::PromptSpec&, Made) override {}
};

inline constexpr const char* kDomain = "pbx.example.com";
inline constexpr const char* kSdp =
    "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 9 RTP/AVP 8\r\n"
    "a=rtpmap:8 PCMA/8000\r\n";

// The server: what happens to its legs is kept, and tests add behaviour through the hook.
struct Server final : call::EventSink {
  explicit Server(net::Loop& loop, std::chrono::milliseconds way_silence_max = std::chrono::milliseconds(300),
                  net::DnsOptions dns = {})
      : loop_(loop) {
    StackSettings settings;
    settings.sip_transports.listen = *net::parse_endpoint("127.0.0.1:0");
    settings.media.bind_ip = "127.0.0.1";
    settings.media.port_min = 35'000;
    settings.media.port_max = 36'000;
    settings.gateway.domain = kDomain;
    settings.gateway.way_silence_max = way_silence_max;
    settings.dns = std::move(dns);
    auto started = Stack::start(loop, settings, {prompts, nullptr});
    EXPECT_TRUE(started) << started.error().detail;
    stack = std::move(*started);
    stack->switchboard().add_sink(*this);
  }
  void on_event(const call::Event& event) override {
    if (std::holds_alternative<call::LegCreated>(event.what))
      legs.push_back(*stack->switchboard().leg(event.leg));
    if (const auto* ended = std::get_if<call::LegEnded>(&event.what)) ends[event.leg] = ended->reason;
    if (hook) hook(event);
  }
  void set(directory::Entities entities) {
    auto snapshot = directory::Snapshot::create(std::move(entities));
    ASSERT_TRUE(snapshot) << snapshot.error().detail;
    stack->set_directory(*snapshot);
  }
  call::LegId dial(base::Address to, base::Address from = {base::Address::Kind::Number, "4930999", {}}) {
    // The timers' time is that of the loop's last batch.
    loop_.run_until([batches = 0]() mutable { return batches++ > 0; });
    call::NewLeg leg;
    leg.to = std::move(to);
    leg.from = std::move(from);
    leg.headers = {{"X-Campaign", "summer"}};
    auto dialled = stack->switchboard().dial(std::move(leg));
    EXPECT_TRUE(dialled);
    return dialled.value_or(call::LegId{});
  }
  const call::Leg* leg(call::LegId id) const { return stack->switchboard().leg(id); }
  net::Endpoint address() const { return stack->sip_address(); }

  NoPrompts prompts;
  std::unique_ptr<Stack> stack;
  std::vector<call::Leg> legs;  // as they were made
  std::map<call::LegId, call::EndReason> ends;
  std::function<void(const call::Event&)> hook;

 private:
  net::Loop& loop_;
};

// A phone, or a trunk's far end, that knows SIP and no sound.
class BarePhone final : public sip::UserAgentEvents {
 public:
  BarePhone(net::Loop& loop, std::string user) : loop_(loop), user_(std::move(user)) {
    Transports::Settings settings;
    settings.listen = *net::parse_endpoint("127.0.0.1:0");
    auto opened = Transports::open(loop, settings,
                                   {[this](const sip::Flow& flow, base::ByteView bytes) {
                                      received.emplace_back(base::as_text(bytes));
                                      agent->receive(flow, bytes);
                                    },
                                    [this](uint32_t connection) { agent->connection_closed(connection); }});
    EXPECT_TRUE(opened);
    transports = std::move(*opened);
    sip::UserAgentConfig config;
    config.t1 = std::chrono::milliseconds(20);
    agent = std::make_unique<sip::UserAgent>(
        config, sip::UserAgentPorts{loop.timers(), random_, *transports, *this, nullptr, nullptr});
  }

  net::Endpoint address() const { return transports->udp_address(); }
  std::string host_port() const { return net::to_string(address()); }

  // REGISTER, with the answer to its challenge. The final status comes as "response N".
  void register_at(const Server& server, sip::Protocol protocol, const std::string& password) {
    password_ = password;
    flow_ = {protocol, 0, to_sip(server.address())};
    send_register({});
  }
  void send_register(std::vector<sip::ExtraHeader> extra) {
    sip::UserAgent::Request request;
    request.method = sip::Method::Register;
    request.target = std::string("sip:") + kDomain;
    request.flow = flow_;
    request.from = request.to = "<sip:" + user_ + "@" + kDomain + ">";
    request.call_id = user_ + host_port();
    request.cseq = ++cseq_;
    request.headers = std::move(extra);
    const std::string transport = flow_.protocol == sip::Protocol::Udp ? "" : ";transport=tcp";
    request.headers.push_back({"Contact", "<sip:" + user_ + "@" + host_port() + transport + ">;expires=600"});
    EXPECT_TRUE(agent->request(std::move(request)));
  }
  sip::SessionId call(const Server& server, const std::string& user, const std::string& password = {},
                      std::vector<sip::ExtraHeader> headers = {}) {
    sip::InviteOptions invite;
    invite.target = "sip:" + user + "@" + net::to_string(server.address());
    invite.flow.peer = to_sip(server.address());
    invite.from = "\"Somebody\" <sip:4930777@" + host_port() + ">";
    invite.headers = std::move(headers);
    invite.sdp = kSdp;
    invite.auth_user = password.empty() ? "" : user_;
    invite.auth_password = password;
    auto session = agent->invite(std::move(invite));
    EXPECT_TRUE(session);
    return session.value_or(sip::SessionId::None);
  }
  bool heard(std::string_view line) const { return std::find(log.begin(), log.end(), line) != log.end(); }
  // The first message received that holds all of these.
  bool received_with(std::initializer_list<std::string_view> parts) const {
    return std::any_of(received.begin(), received.end(), [&](const std::string& message) {
      return std::all_of(parts.begin(), parts.end(),
                         [&](auto part) { return message.find(part) != std::string::npos; });
    });
  }

  void on_invite(sip::SessionId session, const sip::Invite&) override {
    last = session;
    log.push_back("invite");
    if (respond_with >= 300) {
      EXPECT_TRUE(agent->reject(session, {.status = respond_with}));
    } else if (respond_with >= 200) {
      EXPECT_TRUE(agent->answer(session, {.sdp = kSdp}));
    } else if (respond_with > 0) {
      EXPECT_TRUE(agent->progress(session, {.status = respond_with}));
    }
  }
  void on_ended(sip::SessionId, const sip::EndedEvent& ended) override {
    log.push_back("ended " + std::to_string(ended.status));
    reason = ended.reason_header;
  }
  void on_progress(sip::SessionId, const sip::ProgressEvent& event) override {
    log.push_back("progress " + std::to_string(event.status));
  }
  void on_answered(sip::SessionId session, const sip::AnsweredEvent&) override {
    last = session;
    log.push_back("answered");
  }
  void on_confirmed(sip::SessionId, std::string_view) override { log.push_back("confirmed"); }
  void on_offer(sip::SessionId session, const sip::OfferEvent&) override {
    EXPECT_TRUE(agent->answer_offer(session, kSdp));
  }
  void on_offer_answered(sip::SessionId, std::string_view) override {}
  void on_offer_refused(sip::SessionId, int) override {}
  void on_info(sip::SessionId, std::string_view, std::string_view) override {}
  void on_refer(sip::SessionId, const sip::ReferEvent&) override {}
  void on_transfer_progress(sip::SessionId, sip::TransferId, int, bool) override {}
  void on_response(uint64_t, int status, const sip::Message* message) override {
    const auto challenge =
        status == 401 && message != nullptr ? sip::choose_challenge(*message) : std::nullopt;
    if (!challenge || challenged_) {
      challenged_ = false;
      log.push_back("response " + std::to_string(status));
      return;
    }
    challenged_ = true;
    send_register({{"Authorization", sip::make_credentials(*challenge, user_, password_, "REGISTER",
                                                           std::string("sip:") + kDomain, "cnonce", 1)}});
  }

  std::unique_ptr<Transports> transports;
  std::unique_ptr<sip::UserAgent> agent;
  std::vector<std::string> log;
  std::vector<std::string> received;
  std::string reason;
  sip::SessionId last = sip::SessionId::None;
  int respond_with = 180;  // to an INVITE; 0: nothing

 private:
  net::Loop& loop_;
  base::SystemRandom random_;
  const std::string user_;
  std::string password_;
  sip::Flow flow_;
  uint32_t cseq_ = 0;
  bool challenged_ = false;
};

// A directory with two phones, Ann and Bob, an application on one number, and no trunk.
struct World : testing::Test {
  World() {
    account.id = directory::AccountId::make(random);
    account.name = "acme";
    entities.accounts = {account};
    directory::Organisation organisation;
    organisation.id = directory::OrganisationId::make(random);
    organisation.account = account.id;
    organisation.name = "Acme";
    organisation.prefix = "0042";
    entities.organisations = {organisation};
    for (const auto& [user, extension] : {std::pair{"ann", "0042*310"}, std::pair{"bob", "0042*311"}}) {
      directory::Phone phone;
      phone.id = directory::PhoneId::make(random);
      phone.account = account.id;
      phone.organisation = organisation.id;
      phone.user = user;
      phone.extension = extension;
      for (const auto algorithm : {sip::DigestAlgorithm::Md5, sip::DigestAlgorithm::Sha256})
        phone.ha1[std::string(to_string(algorithm))] = sip::ha1(algorithm, user, kDomain, "secret");
      entities.phones.push_back(phone);
    }
    directory::Application application;
    application.id = directory::ApplicationId::make(random);
    application.account = account.id;
    application.name = "hello";
    application.dialect = "any";
    entities.applications = {application};
    directory::Number number;
    number.id = directory::NumberId::make(random);
    number.digits = "12025550101";
    number.country = "US";
    number.pool = "demo";
    number.owner = account.id;
    number.assignment = directory::ToApplication{application.id};
    entities.numbers = {number};
  }
  directory::Trunk trunk(const std::string& name, const BarePhone& far) {
    directory::Trunk made;
    made.id = directory::TrunkId::make(random);
    made.name = name;
    made.hosts = {far.host_port()};
    made.country = "DE";
    return made;
  }
  void wait(const std::function<bool()>& done) {
    bool late = false;
    net::Deadline deadline(loop, std::chrono::seconds(5), [&late] { late = true; });
    loop.run_until([&] { return late || done(); });
    EXPECT_FALSE(late);
  }

  base::SeededRandom random{7};
  net::Loop loop;
  directory::Account account;
  directory::Entities entities;
};

}  // namespace sotto::telephony::test
