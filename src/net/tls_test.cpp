#include "net/tls.h"

#include <filesystem>

#include <gtest/gtest.h>
#include <unistd.h>

#include "net/run.h"
#include "net/test_certificate.h"

namespace sotto::net {
namespace {
using namespace std::chrono_literals;

asio::awaitable<void> echo_tls(Loop& loop, TcpListener& listener, std::shared_ptr<TlsContext> context) {
  while (true) {
    auto stream = co_await listener.accept();
    if (!stream) co_return;
    auto secured = co_await accept_tls(loop, context, std::move(*stream));
    if (!secured) continue;
    char buffer[32'768];
    while (true) {
      auto count = co_await (*secured)->read_some(buffer);
      if (!count || *count == 0) break;
      auto written = co_await (*secured)->write(std::string_view(buffer, *count));
      if (!written) break;
    }
  }
}

asio::awaitable<Result<std::string>> talk(Loop& loop, Endpoint where, std::shared_ptr<TlsContext> context,
                                          std::string host, std::string text) {
  auto stream = co_await connect_tcp(loop, where, 5s);
  if (!stream) co_return fail(stream.error());
  auto secured = co_await connect_tls(loop, context, std::move(*stream), host);
  if (!secured) co_return fail(secured.error());
  auto written = co_await (*secured)->write(text, "!");
  if (!written) co_return fail(written.error());
  std::string got;
  char buffer[4096];
  while (got.size() < text.size() + 1) {
    auto count = co_await (*secured)->read_some(buffer);
    if (!count || *count == 0) co_return fail(ErrorCode::Closed, "cut off");
    got.append(buffer, *count);
  }
  co_return got;
}

struct TlsTest : testing::Test {
  TlsTest() {
    std::filesystem::create_directories(folder);
    test::write_certificate("one.example", certificate, key);
    server = *TlsContext::server({certificate, key});
    listener.emplace(*TcpListener::listen(loop, *parse_endpoint("127.0.0.1:0")));
    tasks.spawn(echo_tls(loop, *listener, server));
  }
  ~TlsTest() override {
    tasks.close();
    run(loop, tasks.join());
    std::filesystem::remove_all(folder);
  }

  Result<std::string> ask(const std::string& host, const std::string& text = "hello") {
    const auto context = TlsContext::client({.ca_file = certificate});
    EXPECT_TRUE(context);
    return run(loop, talk(loop, listener->address(), *context, host, text));
  }

  const std::string folder =
      std::filesystem::temp_directory_path() / ("sotto_tls_test_" + std::to_string(::getpid()));
  const std::string certificate = folder + "/certificate.pem";
  const std::string key = folder + "/key.pem";
  Loop loop;
  TaskGroup tasks{loop.context()};
  std::shared_ptr<TlsContext> server;
  std::optional<TcpListener> listener;
};

TEST_F(TlsTest, VerifiedStreamCarriesTextBothWays) {
  EXPECT_EQ(ask("one.example").value_or(""), "hello!");
  const std::string large(20'000, 'x');
  EXPECT_EQ(ask("one.example", large).value_or(""), large + "!");
}

TEST_F(TlsTest, CertificateOfAnotherNameIsRefused) {
  const auto answer = ask("two.example");
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, ErrorCode::Unauthorized);
}

TEST_F(TlsTest, ReloadedCertificateServesTheNextHandshake) {
  test::write_certificate("two.example", certificate, key);
  ASSERT_TRUE(server->reload());
  EXPECT_EQ(ask("two.example").value_or(""), "hello!");
}

TEST_F(TlsTest, FailedReloadChangesNothing) {
  std::filesystem::rename(key, key + ".away");
  EXPECT_FALSE(server->reload());
  EXPECT_EQ(ask("one.example").value_or(""), "hello!");
}

}  // namespace
}  // namespace sotto::net
