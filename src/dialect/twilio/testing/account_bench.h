#pragma once

#include "crypto/base64.h"
#include "dialect/host/testing/dialect_bench.h"
#include "dialect/twilio/twilio.h"
#include "text/form.h"
#include "text/json.h"

// One account, for tests of the REST interface and of what apps are told, without a socket.
namespace sotto::twilio::testing {

inline constexpr const char* kAccount = "AC11111111111111111111111111111111";
inline constexpr const char* kToken = "2b7e151628aed2a6abf7158809cf4f3c";

inline directory::Entities entities() {
  directory::Entities all;
  directory::Account account;
  account.id = {0, 1};
  account.name = "main";
  account.settings["twilio"] =
      std::string(R"({"account_sid":")") + kAccount + R"(","auth_token":")" + kToken + "\"}";
  all.accounts = {account};
  return all;
}

class AccountBench : public dialect::testing::DialectBench {
 public:
  AccountBench() : DialectBench(entities()) { add(std::make_unique<Twilio>(services())); }

  struct Reply {
    int status = 0;
    text::Json body;
  };
  // `path` is below the account's; `form` is the body of a POST.
  Reply ask(http::Method method, const std::string& path, const text::Parameters& form = {}) {
    Sent sent{method, std::string("/2010-04-01/Accounts/") + kAccount + path, text::encode_form(form), {}};
    sent.headers.add("Authorization", "Basic " + crypto::base64_encode(std::string(kAccount) + ":" + kToken));
    sent.headers.add("Content-Type", "application/x-www-form-urlencoded");
    const http::Response response = send(sent);
    return {response.status, text::parse_json(response.body).value_or(text::Json())};
  }
  // A call that the API makes, answered; this document runs on it.
  call::LegId call(const std::string& twiml, text::Parameters more = {}) {
    text::Parameters form = {{"To", "+12025550150"}, {"From", "+12025550101"}, {"Twiml", twiml}};
    form.insert(form.end(), more.begin(), more.end());
    const Reply made = ask(http::Method::Post, "/Calls.json", form);
    CHECK(made.status == 201);
    const call::LegId leg = world.signalling.dialled.back().leg;
    world.switchboard.on_answered(leg);
    settle();
    return leg;
  }
};

}  // namespace sotto::twilio::testing
