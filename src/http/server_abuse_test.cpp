#include <cstdio>
#include <fstream>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <linux/close_range.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "http/server.h"
#include "http/testing/exchange.h"
#include "net/run.h"
#include "net/tcp.h"

// Clients that are slow, huge or too many: memory stays bounded, and who behaves is served meanwhile.
namespace sotto::http {
namespace {

using namespace std::chrono_literals;

asio::awaitable<Response> echo(Request request) {
  co_return Response::text(200, request.body);
}

size_t resident_bytes() {
  std::ifstream file("/proc/self/statm");
  size_t pages = 0;
  file >> pages >> pages;
  return pages * static_cast<size_t>(::sysconf(_SC_PAGESIZE));
}

void allow_sockets() {
  rlimit files{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &files), 0);
  files.rlim_cur = files.rlim_max;
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &files), 0);
}

// A process that opens connections, sends nothing and holds them until it is killed.
class Crowd {
 public:
  Crowd(uint16_t port, size_t count) {
    int ends[2];
    EXPECT_EQ(::pipe(ends), 0);
    child_ = ::fork();
    if (child_ == 0) {
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);
      ::dup2(ends[1], 3);
      ::close_range(4, ~0U, 0);
      hold(port, count);
    }
    ::close(ends[1]);
    done_ = ends[0];
  }
  ~Crowd() {
    ::kill(child_, SIGKILL);
    ::waitpid(child_, nullptr, 0);
    ::close(done_);
  }
  // How many it has.
  size_t size() const {
    size_t count = 0;
    EXPECT_EQ(::read(done_, &count, sizeof(count)), static_cast<ssize_t>(sizeof(count)));
    return count;
  }

 private:
  [[noreturn]] static void hold(uint16_t port, size_t count) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    size_t connected = 0;
    for (size_t i = 0; i < count; ++i) {
      const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
      if (socket >= 0 && ::connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0)
        ++connected;
    }
    if (::write(3, &connected, sizeof(connected)) != sizeof(connected)) ::_exit(1);
    while (true) ::pause();
  }

  pid_t child_ = 0;
  int done_ = -1;
};

struct ServerAbuse : testing::Test {
  ServerAbuse() { router.add(Method::Post, "/echo", echo); }
  ~ServerAbuse() override { net::run(loop, server->stop(0s)); }

  void start(ServerOptions options = {}) {
    options.listen = *net::parse_endpoint("127.0.0.1:0");
    server = *Server::start(loop, router, std::move(options));
  }
  void expect_healthy_client_is_served() {
    const std::string request =
        "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi";
    const auto began = loop.clock().now();
    const std::string got = net::run(loop, exchange(loop, server->address(), {request}));
    EXPECT_TRUE(got.ends_with("\r\n\r\nhi")) << got;
    EXPECT_LT(loop.clock().now() - began, 5s);
  }

  net::Loop loop;
  Router router;
  std::unique_ptr<Server> server;
};

TEST_F(ServerAbuse, TenThousandIdleConnectionsCostLittle) {
  constexpr size_t kConnections = 10'000;
  ASSERT_NO_FATAL_FAILURE(allow_sockets());
  start();
  const size_t before = resident_bytes();
  const Crowd crowd(server->address().port, kConnections);
  loop.run_until([&] { return server->stats().connections >= kConnections; });
  EXPECT_EQ(crowd.size(), kConnections);
  const size_t each = (resident_bytes() - std::min(before, resident_bytes())) / kConnections;
  std::printf("%zu bytes for an idle connection\n", each);
  EXPECT_LT(each, 40'000U);  // the sanitizer's share included
  expect_healthy_client_is_served();
  EXPECT_EQ(server->stats().connections, kConnections);
}

asio::awaitable<void> drip(net::Loop& loop, net::Endpoint where, size_t& ended) {
  auto stream = co_await net::connect_tcp(loop, where, 5s);
  EXPECT_TRUE(stream);
  const std::string head = "POST /echo HTTP/1.1\r\nHost: x\r\nX-Slow: " + std::string(10'000, 's');
  for (const char byte : head) {
    auto written = co_await (*stream)->write(std::string_view(&byte, 1));
    if (!written) break;
    co_await loop.sleep(20ms);
  }
  ++ended;
}

TEST_F(ServerAbuse, WhoSendsAByteNowAndThenIsPutOut) {
  constexpr size_t kSlow = 300;
  start({.head_time_max = 200ms});
  net::TaskGroup slow(loop.context());
  size_t ended = 0;
  for (size_t i = 0; i < kSlow; ++i) slow.spawn(drip(loop, server->address(), ended));
  loop.run_until([&] { return server->stats().connections == kSlow; });
  expect_healthy_client_is_served();
  loop.run_until([&] { return ended == kSlow; });
  EXPECT_EQ(server->stats().timeouts, kSlow);
  net::run(loop, slow.join());
}

// Sends `piece` until the server has enough of it, or a gigabyte is sent.
asio::awaitable<size_t> pour(net::Loop& loop, net::Endpoint where, std::string head, std::string piece) {
  auto stream = co_await net::connect_tcp(loop, where, 5s);
  EXPECT_TRUE(stream);
  co_await (*stream)->write(head);
  size_t sent = 0;
  while (sent < 1'000'000'000) {
    auto written = co_await (*stream)->write(piece);
    if (!written) break;
    sent += piece.size();
  }
  co_return sent;
}

TEST_F(ServerAbuse, AGigabyteIsNeitherReadNorKept) {
  start();
  const size_t before = resident_bytes();
  const std::string post = "POST /echo HTTP/1.1\r\nHost: x\r\n";
  const std::string piece(65'536, 'x');
  const size_t announced =
      net::run(loop, pour(loop, server->address(), post + "Content-Length: 1000000000\r\n\r\n", piece));
  const size_t chunked =
      net::run(loop, pour(loop, server->address(), post + "Transfer-Encoding: chunked\r\n\r\n",
                          "10000\r\n" + piece + "\r\n"));
  // What the kernel buffers on the way counts as sent.
  EXPECT_LT(announced, 32'000'000U);
  EXPECT_LT(chunked, 32'000'000U);
  EXPECT_LT(resident_bytes() - std::min(before, resident_bytes()), 32'000'000U);
  EXPECT_EQ(server->stats().answers_4xx, 2U);
  expect_healthy_client_is_served();
}

}  // namespace
}  // namespace sotto::http
