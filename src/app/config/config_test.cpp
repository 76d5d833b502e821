#include <fstream>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>

#include "app/config/keys.h"
#include "app/config/nearest.h"
#include "app/config/reader.h"
#include "app/config/server_settings.h"
#include "campaign/campaign_json.h"

namespace sotto::app::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Reading read(const std::string& toml, Overrides overrides = {}) {
  return read_config(toml, "sotto.toml", overrides);
}

TEST(Config, AnEmptyFileIsAllDefaults) {
  const Reading reading = read("");
  EXPECT_THAT(reading.errors, IsEmpty());
  EXPECT_EQ(net::to_string(reading.settings.server.sip), "127.0.0.1:5060");
  EXPECT_EQ(reading.settings.calls.room_wait_max, std::chrono::seconds(900));
  EXPECT_EQ(reading.settings.account.name, "main");
}

TEST(Config, ThePackagedFileIsTheExample) {
  std::ifstream file(SOTTO_SOURCE_DIR "/packaging/sotto.toml");
  std::stringstream content;
  content << file.rdbuf();
  EXPECT_EQ(content.str(), example_config()) << "run: sotto config example > packaging/sotto.toml";
  EXPECT_THAT(read(example_config()).errors, IsEmpty());
}

// Takes the "#" off every line that is a setting or a header.
std::string uncommented(const std::string& example) {
  std::stringstream in(example);
  std::string out;
  for (std::string line; std::getline(in, line);) {
    const bool setting = line.size() > 1 && line[0] == '#' && line[1] != ' ';
    out += (setting ? line.substr(1) : line) + "\n";
  }
  return out;
}

TEST(Config, EveryExampleIsAllowed) {
  // A number cannot ring a phone and be forwarded; the address of a listener wants an uncommon password.
  std::string whole = uncommented(example_config());
  whole.erase(whole.find("forward_to ="),
              whole.find('\n', whole.find("forward_to =")) - whole.find("forward_to ="));
  const Reading reading = read(whole);
  EXPECT_THAT(reading.errors, IsEmpty());
  ASSERT_EQ(reading.settings.campaigns.size(), 1);
  EXPECT_EQ(reading.settings.campaigns[0].hours->time_zone, "Europe/Berlin");
  EXPECT_EQ(reading.settings.trunks.at(0).hosts.size(), 2);
  const auto entities = configured_entities(reading.settings);
  EXPECT_EQ(entities.numbers.size(), 1);
  EXPECT_EQ(entities.phones.at(0).organisation, entities.organisations.at(0).id);
}

struct Mistake {
  const char* toml;
  const char* said;
};

class ConfigMistake : public testing::TestWithParam<Mistake> {};

TEST_P(ConfigMistake, NamesFileLineKeyFoundAndAllowed) {
  EXPECT_THAT(read(GetParam().toml).errors, ElementsAre(HasSubstr(GetParam().said)));
}

INSTANTIATE_TEST_SUITE_P(
    All, ConfigMistake,
    testing::Values(
        Mistake{"[server]\nsip = 5060\n",
                "sotto.toml:2: server.sip: found 5060; allowed is an address and a port"},
        Mistake{"[server]\nsip = \"localhost\"\n",
                "sotto.toml:2: server.sip: found \"localhost\"; allowed is"},
        Mistake{"[server]\n\nhttpp = \"127.0.0.1:1\"\n",
                "sotto.toml:3: server.httpp: is not known; did you mean http?"},
        Mistake{"[servers]\n", "sotto.toml:1: servers: is not known; did you mean server?"},
        Mistake{"[server]\nrtp_port_min = 99999\n",
                "server.rtp_port_min: found 99999; allowed is a whole number from 1024 to 65534"},
        Mistake{"[server]\nhttps = \"*:8443\"\n", "server.https: wants server.tls_certificate"},
        Mistake{"[webhooks]\npersist = \"yes\"\n",
                "webhooks.persist: found \"yes\"; allowed is true or false"},
        Mistake{"[log]\nlevel = \"loud\"\n",
                "log.level: found \"loud\"; allowed is \"debug\", \"info\", \"warning\" or \"error\""},
        Mistake{"[phone]\nuser = \"a\"\n", "sotto.toml:1: phone: found a table; allowed is [[phone]]"},
        Mistake{"\n[[phone]]\nextension = \"310\"\n",
                "sotto.toml:2: phone.user: missing; write user = \"alice\" or the like"},
        Mistake{"[[phone]]\nuser = \"a\"\n[[phone]]\nuser = \"a\"\n",
                "sotto.toml:4: phone.user: \"a\" is there twice, first at sotto.toml:2"},
        Mistake{"[[phone]]\nuser = \"a\"\norganisation = \"x\"\n",
                "sotto.toml:3: phone.organisation: found \"x\"; allowed is the id of an [[organisation]]"},
        Mistake{"[[phone]]\nuser = \"a\"\npassword = 5\n",
                "phone.password: found something else; allowed is"},
        Mistake{"[server]\nsip = \"*:5060\"\n[[phone]]\nuser = \"a\"\npassword = \"secret\"\n",
                "sotto.toml:5: phone.password: found one that can be guessed"},
        Mistake{"[[trunk]]\nname = \"t\"\n", "trunk.hosts: missing"},
        Mistake{"[[pool]]\nname = \"p\"\nnumbers = [\"12\"]\n", "sotto.toml:3: pool.numbers: found a list"},
        Mistake{"[[campaign]]\nname = \"c\"\nnumbers = [\"12025550101\"]\nagents = [\"a\"]\nwhisper = "
                "\"{who}\"\n",
                "sotto.toml:5: campaign.whisper: unknown placeholder"},
        Mistake{"[[campaign]]\nname = \"c\"\ntopic = \"t\"\nnumbers = [\"12025550101\"]\nagents = "
                "[\"a\"]\nhours = "
                "\"Mon 9-17\"\n",
                "sotto.toml:6: campaign.hours: found \"Mon 9-17\"; allowed is opening hours"},
        Mistake{"[server\n", "sotto.toml:1: "}));

TEST(Config, AllErrorsAreTold) {
  EXPECT_EQ(read("[server]\nsip = 1\nhttp = 2\nfoo = 3\n").errors.size(), 3);
}

TEST(Config, EnvironmentWinsOverTheFileAndFlagsOverBoth) {
  Overrides overrides;
  overrides.environment = {{"SOTTO_SERVER_HTTP", "127.0.0.1:9000"},
                           {"SOTTO_SERVER_SIP", "127.0.0.1:9001"},
                           {"SOTTO_SERVER_RTP_PORT_MIN", "30000"},
                           {"SOTTO_SERVER_RTP_PORT_MAX", "31000"},
                           {"SOTTO_WEBHOOKS_PERSIST", "true"},
                           {"SOTTO_ACCOUNT_TWILIO_AUTH_TOKEN", "t"},
                           {"SOTTO_URL", "http://x"},
                           {"HOME", "/root"}};
  overrides.flags = {{"--sip", "server", "sip", "127.0.0.1:9002"}};
  const Reading reading =
      read("[server]\nhttp = \"127.0.0.1:1\"\n[account.twilio]\naccount_sid = \"AC1\"\n", overrides);
  EXPECT_THAT(reading.errors, IsEmpty());
  EXPECT_EQ(reading.settings.server.http.port, 9000);
  EXPECT_EQ(reading.settings.server.sip.port, 9002);
  EXPECT_EQ(reading.settings.server.rtp_port_min, 30000);
  EXPECT_TRUE(reading.settings.webhooks.persist);
  EXPECT_EQ(reading.settings.account.dialects.at("twilio"), R"({"account_sid":"AC1","auth_token":"t"})");
}

TEST(Config, AVariableThatIsWrongIsNamed) {
  Overrides overrides;
  overrides.environment = {{"SOTTO_SERVER_HTPP", "x"}, {"SOTTO_CALLS_LENGTH_MAX_S", "long"}};
  EXPECT_THAT(
      read("", overrides).errors,
      ElementsAre(
          HasSubstr("SOTTO_CALLS_LENGTH_MAX_S: calls.length_max_s: found \"long\"; allowed is a whole"),
          HasSubstr("SOTTO_SERVER_HTPP: server.htpp: is not known; did you mean http?")));
}

TEST(Config, APasswordBecomesItsDigestsAtOnce) {
  const Reading reading = read("[[phone]]\nuser = \"alice\"\npassword = \"x\"\n");
  ASSERT_THAT(reading.errors, IsEmpty());
  const PhoneSection& phone = reading.settings.phones.at(0);
  EXPECT_TRUE(phone.password.empty());
  EXPECT_EQ(phone.phone.ha1.at("MD5"), "da6b45289285f2a1aad97b672743bf4d");
  EXPECT_EQ(phone.phone.ha1.at("SHA-256").size(), 64);
}

TEST(Config, WhatWaitsForARestartIsTold) {
  const Settings running = read("[server]\nsip = \"127.0.0.1:5060\"\n").settings;
  EXPECT_THAT(tables_that_wait(running, read("[retention]\nrecords_days = 365\n").settings), IsEmpty());
  const Settings changed =
      read(
          "[server]\nsip = \"127.0.0.1:5070\"\n[calls]\nroom_wait_max_s = 5\n[media]\nroom_band = \"wide\"\n")
          .settings;
  EXPECT_THAT(tables_that_wait(running, changed), testing::ElementsAre("server", "calls", "media"));
}

TEST(Config, MediaThreadsAreAsManyAsIsSaidOrAsTheMachineAllows) {
  const auto threads = [](const std::string& toml) {
    return server_settings(read(toml).settings).media.threads;
  };
  EXPECT_EQ(threads("[media]\nthreads = 3\n"), 3U);
  EXPECT_GE(threads(""), 1U);
  EXPECT_EQ(media::default_threads(0), 1U);
  EXPECT_EQ(media::default_threads(1), 1U);
  EXPECT_EQ(media::default_threads(2), 2U);
  EXPECT_EQ(media::default_threads(64), 4U);
  cpu_set_t all, one;
  ASSERT_EQ(::sched_getaffinity(0, sizeof(all), &all), 0);
  CPU_ZERO(&one);
  for (int cpu = 0; CPU_COUNT(&one) == 0; ++cpu) {
    if (CPU_ISSET(cpu, &all)) CPU_SET(cpu, &one);
  }
  ASSERT_EQ(::sched_setaffinity(0, sizeof(one), &one), 0);
  EXPECT_EQ(threads(""), 1U) << "of the machine's processors it may use one";
  ASSERT_EQ(::sched_setaffinity(0, sizeof(all), &all), 0);
  for (const char* wrong : {"0", "17", "\"all\""}) {
    const Reading reading = read("[media]\nthreads = " + std::string(wrong) + "\n");
    ASSERT_EQ(reading.errors.size(), 1U) << wrong;
    EXPECT_THAT(reading.errors[0], HasSubstr("a whole number from 1 to 16"));
  }
}

TEST(Config, IdsAreTheSameAtEveryStart) {
  const std::string toml = "[[phone]]\nuser = \"alice\"\n";
  EXPECT_EQ(configured_entities(read(toml).settings).phones[0].id,
            configured_entities(read(toml).settings).phones[0].id);
}

TEST(Config, AgentsAreToldByTheirShape) {
  using AddressKind = base::Address::Kind;
  EXPECT_EQ(parse_agent("sip:a@b")->kind, AddressKind::Sip);
  EXPECT_EQ(parse_agent("+12025550101")->text, "12025550101");
  EXPECT_EQ(parse_agent("0042*310")->kind, AddressKind::Phone);
  EXPECT_EQ(parse_agent("310")->kind, AddressKind::Phone);
  EXPECT_EQ(parse_agent("alice")->kind, AddressKind::User);
  EXPECT_FALSE(parse_agent("a@b"));
  const Reading reading = read(
      "[[phone]]\nuser = \"310\"\n[[campaign]]\nname = \"c\"\ntopic = \"t\"\nnumbers = [\"12025550101\"]\n"
      "agents = [\"310\"]\n");
  ASSERT_THAT(reading.errors, IsEmpty());
  EXPECT_EQ(reading.settings.campaigns[0].agents[0].kind, AddressKind::User);
}

TEST(Config, ACampaignAsDataComesBackAsItWas) {
  std::string whole = uncommented(example_config());
  whole = whole.substr(whole.find("[[campaign]]"));
  const Reading reading = read(whole);
  ASSERT_THAT(reading.errors, IsEmpty());
  const auto back = read_campaign(campaign::to_json(reading.settings.campaigns[0]));
  ASSERT_TRUE(back) << back.error().detail;
  EXPECT_EQ(*back, reading.settings.campaigns[0]);
}

TEST(Config, ACampaignAsDataIsToldWhatIsWrong) {
  const auto refused = read_campaign(*text::parse_json(R"({"name":"c","number":1})"));
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().detail, HasSubstr("campaign.number: is not known; did you mean numbers?"));
  EXPECT_THAT(refused.error().detail, HasSubstr("campaign.agents: missing"));
}

TEST(Config, NumbersOfPoolsAreForSale) {
  const Reading reading = read("[[pool]]\nname = \"demo\"\nnumbers = [\"+1 202-555-0101\"]\n");
  ASSERT_THAT(reading.errors, IsEmpty());
  const auto numbers = numbers_for_sale(reading.settings.pools, {});
  ASSERT_EQ(numbers.size(), 1);
  EXPECT_EQ(numbers[0].digits, "12025550101");
  EXPECT_EQ(numbers[0].pool, "demo");
  EXPECT_FALSE(numbers[0].owner);
}

TEST(Nearest, FindsWhatWasMeant) {
  EXPECT_EQ(nearest("whisper_time", {"whisper", "whisper_times"}), "whisper_times");
  EXPECT_EQ(nearest("colour", {"sip", "http"}), "");
}

}  // namespace
}  // namespace sotto::app::config
