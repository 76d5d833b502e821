#pragma once

#include <gtest/gtest.h>

#include "dialect/host/testing/dialect_bench.h"
#include "dialect/voipnow/call_book.h"
#include "dialect/voipnow/voipnow.h"
#include "text/json.h"

// The contract's example: organization 7 "Harbor Desk", prefix 0042; agent A on 0042*310, supervisors S and T
// on 0042*318 and 0042*319, a queue and a conference; another organization; customer C outside.
namespace sotto::voipnow::testing {

using call::LegId;
using http::Method;
using text::Json;

inline constexpr const char* kAgent = "0042*310";
inline constexpr const char* kSupervisor = "0042*318";
inline constexpr const char* kSecond = "0042*319";
inline constexpr const char* kCustomer = "40215550147";

inline directory::Phone extension(uint64_t id, directory::OrganisationId organisation,
                                  const std::string& number, const std::string& owner,
                                  directory::ExtensionKind kind = directory::ExtensionKind::PhoneTerminal) {
  directory::Phone phone;
  phone.id = {0, id};
  phone.account = {0, 1};
  phone.organisation = organisation;
  phone.user = "user" + std::to_string(id);
  phone.extension = number;
  phone.kind = kind;
  phone.owner = owner;
  phone.caller_id_name = "Desk " + std::to_string(id);
  phone.caller_id_number = "4021555" + std::to_string(1000 + id);
  return phone;
}

inline directory::Entities entities(const std::string& account_settings) {
  using directory::ExtensionKind;
  directory::Entities all;
  directory::Account account;
  account.id = {0, 1};
  account.name = "main";
  account.settings["voipnow"] = account_settings;
  all.accounts = {account};
  const directory::OrganisationId harbor{0, 7};
  const directory::OrganisationId other{0, 8};
  all.organisations = {{harbor, account.id, "Harbor Desk", "0042", true},
                       {other, account.id, "Other", "0043", true}};
  all.phones = {extension(310, harbor, kAgent, "57"),
                extension(318, harbor, kSupervisor, "57"),
                extension(319, harbor, kSecond, "58"),
                extension(390, harbor, "0042*390", "57", ExtensionKind::Queue),
                extension(395, harbor, "0042*395", "57", ExtensionKind::Conference),
                extension(396, harbor, "0042*396", "57", ExtensionKind::Conference),
                extension(397, harbor, "0042*397", "57", ExtensionKind::Ivr),
                extension(400, other, "0043*400", "60")};
  all.phones[2].may_record = false;
  all.phones[3].settings["voipnow"] = R"({"agents":["0042*310",319]})";
  all.phones[5].settings["voipnow"] = R"({"pin":"1234"})";
  return all;
}

class Office : public dialect::testing::DialectBench {
 public:
  explicit Office(const std::string& settings = R"({"app_id":"app","app_secret":"secret"})")
      : DialectBench(entities(settings)), voipnow_(add(std::make_unique<VoipNow>(services()))) {
    token = token_of("app", "secret");
  }

  VoipNow& voipnow() { return voipnow_; }

  std::string token_of(const std::string& id, const std::string& secret) {
    const auto reply = send({Method::Post,
                             "/oauth/token.php",
                             "grant_type=client_credentials&client_id=" + id + "&client_secret=" + secret,
                             {{"Content-Type", "application/x-www-form-urlencoded"}}});
    const Json body = text::parse_json(reply.body).value_or(Json());
    const std::string* text = body["access_token"].text();
    return text == nullptr ? std::string() : *text;
  }

  struct Reply {
    int status = 0;
    Json body;
    std::string code() const {
      const std::string* text = body["error"]["code"].text();
      return text == nullptr ? std::string() : *text;
    }
  };
  http::Headers headers() const { return {{"Authorization", "Bearer " + token}}; }
  static Reply reply_of(const http::Response& response) {
    Reply reply{response.status, {}};
    if (auto body = text::parse_json(response.body)) reply.body = std::move(*body);
    return reply;
  }
  Reply get(const std::string& path) { return reply_of(send({Method::Get, "/uapi" + path, {}, headers()})); }
  Reply put(const std::string& path, const std::string& body) {
    return reply_of(send({Method::Put, "/uapi" + path, body, headers()}));
  }
  Reply post(const std::string& path, const std::string& body) {
    return reply_of(send({Method::Post, "/uapi" + path, body, headers()}));
  }
  Reply erase(const std::string& path) {
    return reply_of(send({Method::Delete, "/uapi" + path, {}, headers()}));
  }

  // C has called A, and they talk.
  void talk() {
    begin_call();
    world.switchboard.on_ringing(agent, false);
    world.switchboard.on_answered(agent);
  }
  // C's call, with A's phone tried.
  void begin_call() {
    customer = world.inbound(kCustomer, "100");
    flow::DialStep dial = flow::testing::dial({flow::testing::to(kAgent)});
    dial.end_caller_with_callee = true;
    ASSERT_TRUE(engine.run(customer, flow::testing::program({{dial, flow::Needs::Ringing}})));
    agent = last_dialled();
    key = call_key(world.switchboard.leg(customer)->call);
  }
  LegId last_dialled() const { return world.signalling.dialled.back().leg; }
  std::string call_path() const { return std::string("/phoneCalls/57/") + kAgent + "/" + key; }
  bool up(LegId leg) const {
    const call::Leg* found = world.switchboard.leg(leg);
    return found != nullptr && found->answered();
  }
  bool gone(LegId leg) const {
    const call::Leg* found = world.switchboard.leg(leg);
    return found == nullptr || !found->live();
  }
  bool hears(LegId listener, LegId speaker) const { return world.hears(listener, speaker); }
  void hangs_up(LegId leg) {
    world.switchboard.on_ended(leg, {call::EndCause::HungUp, call::EndedBy::FarEnd, 0, {}});
  }
  // S's phone rings and is answered; what comes of the PUT is its reply.
  LegId supervise(const std::string& action, const std::string& more = "", const char* by = kSupervisor) {
    const Reply asked = put(call_path(), R"({"action":")" + action + R"(","sendCallTo":")" + by +
                                             R"(","phoneCallViewId":"01")" + more + "}");
    EXPECT_EQ(asked.status, 202) << text::to_text(asked.body);
    const LegId leg = last_dialled();
    world.switchboard.on_ringing(leg, false);
    world.switchboard.on_answered(leg);
    return leg;
  }
  std::vector<std::string> views() {
    std::vector<std::string> found;
    const Reply call = get(call_path());
    const Json& views = call.body["phoneCallView"];
    if (views.array() == nullptr) return found;
    for (const Json& view : *views.array()) found.push_back(*view["id"].text());
    return found;
  }
  Json view(size_t index) {
    const Reply call = get(call_path());
    return call.body["phoneCallView"].array()->at(index);
  }

  std::string token;
  LegId customer;
  LegId agent;
  std::string key;

 private:
  VoipNow& voipnow_;
};

}  // namespace sotto::voipnow::testing
