#include "dialect/twilio/overrides.h"

#include <gtest/gtest.h>

namespace sotto::twilio {
namespace {

using namespace std::chrono_literals;

// twilio.md §1.4: what a URL says without a fragment, or with one that is none of these.
TEST(Overrides, AreTheVendorsUnlessTheFragmentSaysOtherwise) {
  for (const char* url : {"http://h/a", "http://h/a#", "http://h/a#top", "http://h/a#x=1&sni=y&e=dublin"}) {
    const auto overrides = parse_overrides(url);
    ASSERT_TRUE(overrides) << url;
    EXPECT_EQ(overrides->connect, 5s) << url;
    EXPECT_EQ(overrides->total, 15s) << url;
    EXPECT_EQ(overrides->retry.pauses.size(), 1u) << url;
    EXPECT_TRUE(overrides->retry.on_connect) << url;
    EXPECT_FALSE(overrides->retry.on_timeout || overrides->retry.on_4xx || overrides->retry.on_5xx) << url;
  }
}

TEST(Overrides, EachOneIsRead) {
  const auto all = parse_overrides("https://h/a?b=c#ct=100&rt=4000&tt=3000&rc=5&rp=4xx,5xx,rt");
  ASSERT_TRUE(all);
  EXPECT_EQ(all->connect, 100ms);
  EXPECT_EQ(all->read, 4000ms);
  EXPECT_EQ(all->total, 3000ms);
  EXPECT_EQ(all->retry.pauses.size(), 5u);
  EXPECT_TRUE(all->retry.on_4xx && all->retry.on_5xx && all->retry.on_timeout);
  EXPECT_FALSE(all->retry.on_connect);
  // The sum of connecting and reading is the most that it can take.
  EXPECT_EQ(parse_overrides("http://h/#ct=1000&rt=2000")->total, 3s);
  const auto every = parse_overrides("http://h/#rc=0&rp=all");
  ASSERT_TRUE(every);
  EXPECT_TRUE(every->retry.pauses.empty());
  EXPECT_TRUE(every->retry.on_4xx && every->retry.on_5xx && every->retry.on_timeout &&
              every->retry.on_connect);
}

TEST(Overrides, EachMalformedOneIsRefusedByItsName) {
  for (const char* bad :
       {"ct=99", "ct=10001", "ct=", "ct=x", "ct=1e3", "rt=99", "rt=15001", "tt=0", "tt=15001", "rc=-1",
        "rc=6", "rc=many", "rp=3xx", "rp=ct,", "rp=", "rp=all,always"}) {
    const auto overrides = parse_overrides(std::string("http://h/a#") + bad);
    ASSERT_FALSE(overrides) << bad;
    EXPECT_EQ(overrides.error().detail.substr(0, 2), std::string(bad).substr(0, 2));
  }
}

TEST(Overrides, TheFragmentIsNeverSent) {
  EXPECT_EQ(without_fragment("http://h/a?b=c#rc=2"), "http://h/a?b=c");
  EXPECT_EQ(without_fragment("http://h/a"), "http://h/a");
}

}  // namespace
}  // namespace sotto::twilio
