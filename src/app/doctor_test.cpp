#include "app/doctor.h"

#include <boost/asio/ip/udp.hpp>
#include <gtest/gtest.h>

#include "net/run.h"

namespace sotto::app {
namespace {

const Finding& find(const std::vector<Finding>& findings, const std::string& check) {
  static const Finding kNone;
  for (const Finding& each : findings) {
    if (each.check == check) return each;
  }
  ADD_FAILURE() << "no finding about " << check;
  return kNone;
}

struct DoctorTest : testing::Test {
  std::vector<Finding> examine_all() { return net::run(loop, examine(loop, client, what)); }

  net::Loop loop;
  http::Client client{loop};
  Checkup what{.sip = *net::parse_endpoint("127.0.0.1:5060"),
               .http = *net::parse_endpoint("127.0.0.1:8080"),
               .data_folder = "/tmp",
               .rtp_port_min = 20'000,
               .rtp_port_max = 29'999,
               .open_files_max = 65'536};
};

TEST_F(DoctorTest, PortsAndFilesForTheSoundOfManyLegs) {
  EXPECT_EQ(find(examine_all(), "sound ports").health, Health::Good);
  what.open_files_max = 1024;
  EXPECT_EQ(find(examine_all(), "sound ports").health, Health::Warning);
  what.open_files_max = 65'536;
  what.rtp_port_max = 20'009;
  const auto findings = examine_all();
  EXPECT_NE(find(findings, "sound ports").found.find("5 legs"), std::string::npos);
  EXPECT_FALSE(find(findings, "sound ports").fix.empty());
}

TEST_F(DoctorTest, EveryFindingThatIsNotGoodHasItsFix) {
  what.sip = *net::parse_endpoint("*:5060");
  what.http = *net::parse_endpoint("*:8080");
  what.certificate_file = "/nowhere/certificate.pem";
  what.espeak = false;
  const auto findings = examine_all();
  for (const Finding& each : findings) EXPECT_EQ(each.fix.empty(), each.health == Health::Good) << each.check;
  EXPECT_EQ(find(findings, "advertised address").health, Health::Warning);
  EXPECT_EQ(find(findings, "http address").health, Health::Warning);
  EXPECT_EQ(find(findings, "certificate").health, Health::Problem);
  EXPECT_EQ(find(findings, "speech in other languages").health, Health::Warning);
}

TEST_F(DoctorTest, ATrunkThatAnswersIsGoodAndOneThatDoesNotIsNot) {
  asio::ip::udp::socket peer(loop.context(), asio::ip::udp::endpoint(asio::ip::address_v4::loopback(), 0));
  std::array<char, 2048> asked;
  asio::ip::udp::endpoint from;
  peer.async_receive_from(asio::buffer(asked), from, [&](const boost::system::error_code&, size_t size) {
    EXPECT_TRUE(std::string_view(asked.data(), size).starts_with("OPTIONS sip:127.0.0.1:"));
    peer.send_to(asio::buffer(std::string("SIP/2.0 200 OK\r\n\r\n")), from);
  });
  asio::ip::udp::socket silent(loop.context(), asio::ip::udp::endpoint(asio::ip::address_v4::loopback(), 0));
  what.trunks = {{"good", {"127.0.0.1:" + std::to_string(peer.local_endpoint().port())}},
                 {"silent", {"127.0.0.1:" + std::to_string(silent.local_endpoint().port())}},
                 {"inbound", {}}};
  const auto findings = examine_all();
  EXPECT_NE(find(findings, "trunk good").found.find("SIP/2.0 200 OK"), std::string::npos);
  EXPECT_EQ(find(findings, "trunk good").health, Health::Good);
  EXPECT_EQ(find(findings, "trunk silent").health, Health::Problem);
  EXPECT_EQ(find(findings, "trunk inbound").health, Health::Good);
}

TEST_F(DoctorTest, AWebhookThatNobodyServesIsAProblem) {
  what.webhook_urls = urls_in(*text::parse_json(
      R"({"a":{"address":"http://127.0.0.1:1/answer"},"b":["http://127.0.0.1:1/answer","httpx"]})"));
  ASSERT_EQ(what.webhook_urls.size(), 1);
  EXPECT_EQ(find(examine_all(), "webhook").health, Health::Problem);
}

}  // namespace
}  // namespace sotto::app
