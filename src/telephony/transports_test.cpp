#include "telephony/transports.h"

#include <filesystem>

#include <gtest/gtest.h>
#include <unistd.h>

#include "net/deadline.h"
#include "net/run.h"
#include "net/tcp.h"
#include "net/test_certificate.h"
#include "telephony/addresses.h"

namespace sotto::telephony {
namespace {
using namespace std::chrono_literals;

const std::string kMessage = "OPTIONS sip:a@b SIP/2.0\r\nContent-Length: 4\r\n\r\nbody";

struct TransportsTest : testing::Test {
  struct Side {
    std::vector<std::pair<sip::Flow, std::string>> messages;
    std::vector<uint32_t> closed;
    std::unique_ptr<Transports> transports;
  };

  net::Loop loop;
  std::string folder = testing::TempDir() + "sotto_transports_" + std::to_string(::getpid());
  Side ours, theirs;

  void SetUp() override { std::filesystem::create_directories(folder); }
  void TearDown() override { std::filesystem::remove_all(folder); }

  void open(Side& side, std::optional<net::Endpoint> tls = {}) {
    Transports::Settings settings;
    settings.listen = *net::parse_endpoint("127.0.0.1:0");
    if (tls) {
      net::test::write_certificate("sip.example.com", folder + "/c.pem", folder + "/k.pem");
      settings.tls = tls;
      settings.certificate = {folder + "/c.pem", folder + "/k.pem"};
    }
    if (std::filesystem::exists(folder + "/c.pem")) settings.authorities = {folder + "/c.pem", true};
    auto opened = Transports::open(loop, settings,
                                   {[&side](const sip::Flow& flow, base::ByteView bytes) {
                                      side.messages.emplace_back(flow, base::as_text(bytes));
                                    },
                                    [&side](uint32_t connection) { side.closed.push_back(connection); }});
    ASSERT_TRUE(opened) << opened.error().detail;
    side.transports = std::move(*opened);
  }
  sip::Flow flow_to(const net::Endpoint& where, sip::Protocol protocol) {
    return {protocol, 0, to_sip(where)};
  }
  void wait(const std::function<bool()>& done) {
    bool late = false;
    net::Deadline deadline(loop, 5s, [&late] { late = true; });
    loop.run_until([&] { return late || done(); });
    EXPECT_FALSE(late);
  }
  // One connection of ours to theirs, with what theirs saw of it.
  sip::Flow connected(sip::Protocol protocol, const net::Endpoint& where) {
    EXPECT_TRUE(ours.transports->send(flow_to(where, protocol), base::as_bytes(kMessage)));
    wait([&] { return !theirs.messages.empty() || !ours.closed.empty(); });
    return theirs.messages.empty() ? sip::Flow{} : theirs.messages.back().first;
  }
};

TEST_F(TransportsTest, DatagramsGoBothWaysAndTcpListensOnTheSamePort) {
  open(ours);
  open(theirs);
  const auto flow = connected(sip::Protocol::Udp, theirs.transports->udp_address());
  EXPECT_EQ(to_net(flow.peer), ours.transports->udp_address());
  EXPECT_EQ(theirs.messages.back().second, kMessage);
  EXPECT_EQ(ours.transports->local_host_port(flow), net::to_string(ours.transports->udp_address()));
}

TEST_F(TransportsTest, AConnectionIsReusedBothWays) {
  open(ours);
  open(theirs);
  const auto back = connected(sip::Protocol::Tcp, theirs.transports->udp_address());
  ASSERT_NE(back.connection, 0u);
  ASSERT_TRUE(ours.transports->send(flow_to(theirs.transports->udp_address(), sip::Protocol::Tcp),
                                    base::as_bytes(kMessage + kMessage)));
  ASSERT_TRUE(theirs.transports->send(back, base::as_bytes(kMessage)));
  wait([&] { return theirs.messages.size() == 3 && ours.messages.size() == 1; });
  EXPECT_EQ(ours.transports->streams().connections(), 1u);
  EXPECT_EQ(theirs.transports->streams().counters().accepted, 1u);
}

TEST_F(TransportsTest, AClosedConnectionIsToldAndItsFlowFails) {
  open(ours);
  open(theirs);
  const auto back = connected(sip::Protocol::Tcp, theirs.transports->udp_address());
  ours.transports.reset();
  wait([&] { return !theirs.closed.empty(); });
  EXPECT_EQ(theirs.closed.front(), back.connection);
  EXPECT_FALSE(theirs.transports->connect(back));
  EXPECT_FALSE(theirs.transports->send(back, base::as_bytes(kMessage)));
}

TEST_F(TransportsTest, WhereNobodyListensTheConnectionClosesUnused) {
  open(ours);
  const auto flow =
      ours.transports->connect(flow_to(*net::parse_endpoint("127.0.0.1:1"), sip::Protocol::Tcp));
  ASSERT_TRUE(flow);
  wait([&] { return !ours.closed.empty(); });
  EXPECT_EQ(ours.closed.front(), flow->connection);
}

TEST_F(TransportsTest, TlsVerifiesTheNameThatIsExpected) {
  open(theirs, *net::parse_endpoint("127.0.0.1:0"));
  open(ours);
  const net::Endpoint where = *theirs.transports->tls_address();
  connected(sip::Protocol::Tls, where);
  EXPECT_EQ(ours.closed.size(), 1u) << "the certificate does not name the address";
  ours.closed.clear();
  ours.transports->streams().expect_name(to_sip(where), "sip.example.com");
  const auto back = connected(sip::Protocol::Tls, where);
  EXPECT_EQ(back.protocol, sip::Protocol::Tls);
  EXPECT_EQ(theirs.transports->local_host_port(back), net::to_string(where));
}

asio::awaitable<std::string> exchange(net::Loop& loop, net::Endpoint where, std::string bytes,
                                      size_t expected) {
  auto stream = co_await net::connect_tcp(loop, where, 5s);
  if (!stream) co_return stream.error().detail;
  auto written = co_await (*stream)->write(bytes);
  if (!written) co_return written.error().detail;
  std::string got;
  char buffer[256];
  while (got.size() < expected) {
    auto count = co_await (*stream)->read_some(buffer);
    if (!count || *count == 0) co_return got + "closed";
    got.append(buffer, *count);
  }
  co_return got;
}

TEST_F(TransportsTest, APingIsAnsweredAndBytesWithoutABoundaryCloseTheConnection) {
  open(ours);
  const net::Endpoint where = ours.transports->udp_address();
  EXPECT_EQ(net::run(loop, exchange(loop, where, "\r\n\r\n", 2)), "\r\n");
  EXPECT_EQ(net::run(loop, exchange(loop, where, "OPTIONS sip:a@b SIP/2.0\r\n\r\n", 1)), "closed");
  EXPECT_EQ(ours.transports->streams().counters().broken, 1u);
  EXPECT_TRUE(ours.messages.empty());
}

asio::awaitable<std::string> exchange_by_web_socket(net::WebSocket& socket,
                                                    std::vector<std::string> messages) {
  for (const std::string& message : messages) {
    auto sent = co_await socket.send(net::WebSocket::Kind::Text, message);
    if (!sent) co_return sent.error().detail;
  }
  auto got = co_await socket.read();
  co_return got ? got->data : got.error().detail;
}

asio::awaitable<void> accept_one(net::TcpListener& from, std::unique_ptr<net::TcpStream>& into) {
  auto stream = co_await from.accept();
  if (stream) into = std::move(*stream);
}

TEST_F(TransportsTest, AWebSocketCarriesOneMessageInEachOfItsOwn) {
  open(ours);
  auto listener = net::TcpListener::listen(loop, *net::parse_endpoint("127.0.0.1:0"));
  ASSERT_TRUE(listener);
  std::unique_ptr<net::TcpStream> accepted;
  loop.tasks().spawn(accept_one(*listener, accepted));
  auto connecting = net::connect_tcp(loop, listener->address(), 5s);
  auto tcp = net::run(loop, std::move(connecting));
  ASSERT_TRUE(tcp);
  wait([&] { return accepted != nullptr; });
  net::WebSocket client(net::WebSocket::Side::Client, std::move(*tcp), {}, "sip");
  loop.tasks().spawn(ours.transports->streams().serve(std::make_unique<net::WebSocket>(
      net::WebSocket::Side::Server, std::move(accepted), std::string(), "sip")));
  auto pinging = exchange_by_web_socket(client, {kMessage, "\r\n\r\n"});
  EXPECT_EQ(net::run(loop, std::move(pinging)), "\r\n");
  ASSERT_EQ(ours.messages.size(), 1u);
  const sip::Flow flow = ours.messages.front().first;
  EXPECT_EQ(flow.protocol, sip::Protocol::Ws);
  ASSERT_TRUE(ours.transports->send(flow, base::as_bytes(kMessage)));
  auto reading = exchange_by_web_socket(client, {});
  EXPECT_EQ(net::run(loop, std::move(reading)), kMessage);
  client.close_now();
  wait([&] { return !ours.closed.empty(); });
  EXPECT_EQ(ours.closed.front(), flow.connection);
}

}  // namespace
}  // namespace sotto::telephony
