#pragma once

#include "crypto/jwt.h"
#include "crypto/keys.h"
#include "dialect/host/testing/dialect_bench.h"
#include "dialect/vonage/account.h"
#include "dialect/vonage/application.h"
#include "dialect/vonage/vonage.h"

// One account with an application and a number linked to it, for tests of the REST interface without a
// socket.
namespace sotto::vonage::testing {

inline constexpr const char* kApplication = "00000000-0000-0000-0000-000000000007";
inline constexpr const char* kBasic = "Basic YWJjZDEyMzQ6czNjcmV0UzNjcmV0";  // abcd1234:s3cretS3cret

// Made once: it takes a while.
inline const crypto::PrivateKey& private_key() {
  static const crypto::PrivateKey key = *crypto::PrivateKey::generate_rsa();
  return key;
}

inline directory::Entities entities() {
  directory::Entities all;
  directory::Account account;
  account.id = {0, 1};
  account.name = "main";
  account.settings[std::string(kDialect)] =
      to_json(AccountSettings{"abcd1234", "s3cretS3cret", "signature", "2026-01-01T00:00:00Z"});
  all.accounts = {account};
  ApplicationSettings settings =
      read_application(*text::parse_json(R"({"name":"test","capabilities":{"voice":{"webhooks":{
        "answer_url":{"address":"http://127.0.0.1:9/answer"},"event_url":{"address":"http://127.0.0.1:9/event"}}}}})"),
                       true)
          .settings;
  settings.public_key = private_key().public_key().to_pem();
  directory::Application application;
  application.id = {0, 7};
  application.account = account.id;
  application.name = "test";
  application.dialect = kDialect;
  application.settings[std::string(kDialect)] = to_json(settings);
  all.applications = {application};
  directory::Number number;
  number.id = {0, 9};
  number.digits = "12025550101";
  number.country = "US";
  number.owner = account.id;
  number.assignment = directory::ToApplication{application.id};
  all.numbers = {number};
  return all;
}

class AccountBench : public dialect::testing::DialectBench {
 public:
  // In the database, where requests may change them.
  AccountBench() : DialectBench({}) {
    const directory::Entities all = entities();
    store::LiveDirectory::Change change;
    change.put = {all.accounts[0], all.applications[0], all.numbers[0]};
    bool done = false;
    services().directory.change(std::move(change), [&](Result<void> changed) {
      CHECK(changed.has_value());
      done = true;
    });
    loop.run_until([&] { return done; });
    add(std::make_unique<Vonage>(services()));
  }

  int64_t now() {
    return std::chrono::duration_cast<std::chrono::seconds>(loop.clock().wall().time_since_epoch()).count();
  }
  text::JsonObject claims() { return {{"application_id", kApplication}, {"iat", now()}, {"jti", "1"}}; }
  std::string bearer(text::JsonObject claims) {
    return "Bearer " + crypto::sign_jwt_rs256(text::to_text(text::Json(std::move(claims))), private_key());
  }
  http::Response ask(http::Method method, std::string target, const std::string& authorization,
                     std::string body = {}) {
    Sent sent{method, std::move(target), std::move(body), {}};
    if (!authorization.empty()) sent.headers.add("Authorization", authorization);
    return send(sent);
  }
};

}  // namespace sotto::vonage::testing
