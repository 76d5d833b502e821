#include "dialect/twilio/account_settings.h"

#include <gtest/gtest.h>

#include "dialect/twilio/sid.h"

namespace sotto::twilio {
namespace {

TEST(AccountSettings, what_is_missing_is_made_up) {
  base::SeededRandom random(1);
  const auto settings = parse_account_settings(*complete_account_settings("", random));
  EXPECT_TRUE(is_sid(settings->account_sid, "AC"));
  EXPECT_EQ(settings->auth_token.size(), 32U);
}

TEST(AccountSettings, what_is_given_is_kept) {
  base::SeededRandom random(1);
  const std::string given =
      R"({"account_sid":"AC00000000000000000000000000000001","auth_token":"secret","recordings_need_auth":false})";
  EXPECT_EQ(complete_account_settings(given, random).value(), given);
}

TEST(AccountSettings, what_clients_could_not_use_is_refused_by_name) {
  base::SeededRandom random(1);
  const auto refused = [&](std::string_view json) {
    return complete_account_settings(json, random).error().detail;
  };
  EXPECT_EQ(refused(R"({"account_sid":"AC12"})"),
            "twilio.account_sid: expected AC and 32 lower-case hex digits");
  EXPECT_EQ(refused(R"({"auth_token":"a b"})"), "twilio.auth_token: expected printable ASCII without spaces");
  EXPECT_NE(refused(R"({"auth_token":5})").find("twilio.auth_token"), std::string::npos);
  EXPECT_NE(refused("[]").find("twilio"), std::string::npos);
}

}  // namespace
}  // namespace sotto::twilio
