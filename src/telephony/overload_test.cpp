// The whole stack on a real socket, with more INVITEs than it may keep waiting.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "telephony/test_stack.h"

namespace sotto::telephony {
namespace {
using test::BarePhone;

constexpr int kInvites = 2500;

// Sends whatever it is given without looking at what comes back, until it is asked.
struct Flooder {
  explicit Flooder(const net::Endpoint& server) : socket(::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0)) {
    const int bytes = 4 << 20;
    ::setsockopt(socket, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes));
    sockaddr_in far{};
    far.sin_family = AF_INET;
    far.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    far.sin_port = htons(server.port);
    // Who is challenged as often as this gets no answers any more: an address of its own.
    sockaddr_in own{};
    own.sin_family = AF_INET;
    own.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1);
    EXPECT_EQ(::bind(socket, reinterpret_cast<const sockaddr*>(&own), sizeof(own)), 0);
    EXPECT_EQ(::connect(socket, reinterpret_cast<const sockaddr*>(&far), sizeof(far)), 0);
  }
  ~Flooder() { ::close(socket); }
  void invite(int number) const {
    const std::string n = std::to_string(number);
    const std::string text =
        "INVITE sip:12025550101@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1;rport;branch=z9hG4bK" + n +
        "\r\nFrom: <sip:flood@127.0.0.1>;tag=" + n +
        "\r\nTo: <sip:12025550101@127.0.0.1>\r\nCall-ID: flood-" + n +
        "\r\nCSeq: 1 INVITE\r\nContact: <sip:flood@127.0.0.1>\r\nX-Weight: " + std::string(400, 'x') +
        "\r\nContent-Length: 0\r\n\r\n";
    static_cast<void>(::send(socket, text.data(), text.size(), 0));  // what does not fit is lost
  }
  // Of the answers that have come: how many are 503, and whether all of those say when to try again.
  void read() {
    char buffer[2048];
    for (ssize_t size = 0; (size = ::recv(socket, buffer, sizeof(buffer), 0)) > 0;) {
      const std::string_view text(buffer, static_cast<size_t>(size));
      if (!text.starts_with("SIP/2.0 503 ")) continue;
      ++refused;
      all_say_when = all_say_when && text.find("\r\nRetry-After: 5\r\n") != std::string_view::npos;
    }
  }

  const int socket;
  size_t refused = 0;
  bool all_say_when = true;
};

struct OverloadTest : test::World {
  OverloadTest() { server.set(entities); }
  test::Server server{loop};
  BarePhone ann{loop, "ann"};
  BarePhone bob{loop, "bob"};
};

TEST_F(OverloadTest, AFloodIsRefusedCallsThatAreUpGoOnAndThenAllIsAsBefore) {
  bob.respond_with = 200;
  bob.register_at(server, sip::Protocol::Udp, "secret");
  wait([&] { return bob.heard("response 200"); });
  const auto leg = server.dial(base::Address{base::Address::Kind::User, "bob", {}});
  wait([&] { return server.leg(leg)->answered() && bob.heard("confirmed"); });

  Flooder flooder(server.address());
  for (int i = 0; i < kInvites; ++i) flooder.invite(i);
  ASSERT_TRUE(bob.agent->hang_up(bob.last));
  const auto counts = [&] { return server.stack->user_agent().counts(); };
  wait([&] { return server.ends.contains(leg); });
  EXPECT_TRUE(counts().overloaded);
  EXPECT_GT(counts().refused_overload, 0u);
  EXPECT_GT(counts().dropped_overload, 0u);
  wait([&] {
    flooder.read();
    return flooder.refused >= counts().refused_overload;
  });
  EXPECT_TRUE(flooder.all_say_when);

  const auto later = server.dial(base::Address{base::Address::Kind::User, "bob", {}});
  wait([&] { return server.leg(later)->answered(); });
  const size_t before = server.legs.size();
  ann.register_at(server, sip::Protocol::Udp, "secret");
  wait([&] { return ann.heard("response 200"); });
  ann.call(server, "12025550101", "secret");
  wait([&] { return server.legs.size() > before; });
}

}  // namespace
}  // namespace sotto::telephony
