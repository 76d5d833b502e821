#include "http/client.h"

#include <gtest/gtest.h>

#include "http/server.h"
#include "net/run.h"

namespace sotto::http {
namespace {
using namespace std::chrono_literals;

asio::awaitable<Response> show(Request request) {
  Response response = Response::text(200, std::string(to_string(request.method)) + " " + request.body);
  response.headers.add("X-Auth", std::string(request.headers.get("Authorization")));
  response.headers.add("X-Type", std::string(request.headers.get("Content-Type")));
  co_return response;
}

asio::awaitable<Response> redirect(Request request) {
  Response response = Response::empty(std::stoi(std::string(request.parameter("status"))));
  response.headers.add("Location", "/show");
  response.headers.add("Set-Cookie", "a=b");
  co_return response;
}

asio::awaitable<Response> loop_forever(Request) {
  Response response = Response::empty(302);
  response.headers.add("Location", "/forever");
  co_return response;
}

asio::awaitable<Response> large(Request) {
  co_return Response::text(200, std::string(100'000, 'x'));
}

asio::awaitable<Response> sleep_long(Request, net::Loop* loop) {
  co_await loop->sleep(1h);
  co_return Response();
}

struct ClientTest : testing::Test {
  ClientTest() {
    for (const Method method : {Method::Get, Method::Post, Method::Put, Method::Delete}) {
      router.add(method, "/show", show);
      router.add(method, "/redirect/{status:int}", redirect);
    }
    router.add(Method::Get, "/forever", loop_forever);
    router.add(Method::Get, "/large", large);
    router.add(Method::Get, "/sleep",
               [this](Request request) { return sleep_long(std::move(request), &loop); });
    server = *Server::start(loop, router, {.listen = *net::parse_endpoint("127.0.0.1:0")});
  }
  ~ClientTest() override { net::run(loop, server->stop(0s)); }

  std::string url(std::string_view path) {
    return "http://" + net::to_string(server->address()) + std::string(path);
  }
  FetchResult fetch(FetchRequest request) { return net::run(loop, client.fetch(std::move(request))); }
  FetchFault fault(FetchRequest request) {
    const FetchResult result = fetch(std::move(request));
    EXPECT_FALSE(result);
    return result ? FetchFault::Cancelled : result.error().fault;
  }

  net::Loop loop;
  Router router;
  std::unique_ptr<Server> server;
  Client client{loop};
};

TEST_F(ClientTest, SendsMethodHeadersAndBody) {
  for (const Method method : {Method::Post, Method::Put}) {
    const auto reply =
        fetch({.method = method, .url = url("/show"), .headers = {{"Content-Type", "a/b"}}, .body = "hi"});
    ASSERT_TRUE(reply) << reply.error().detail;
    EXPECT_EQ(reply->body, std::string(to_string(method)) + " hi");
    EXPECT_EQ(reply->headers.get("x-type"), "a/b");
  }
  const auto removed = fetch({.method = Method::Delete, .url = url("/show")});
  ASSERT_TRUE(removed);
  EXPECT_EQ(removed->body, "DELETE ");
}

TEST_F(ClientTest, EmptyPostHasALengthAndNoInventedType) {
  const auto reply = fetch({.method = Method::Post, .url = url("/show")});
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->body, "POST ");
  EXPECT_EQ(reply->headers.get("X-Type"), "");
}

TEST_F(ClientTest, UserAndPasswordComeFromTheRequestOrTheUrl) {
  const auto given = fetch({.url = url("/show"), .user = "u", .password = "p:w"});
  ASSERT_TRUE(given);
  EXPECT_EQ(given->headers.get("X-Auth"), "Basic dTpwOnc=");
  const auto in_url = fetch({.url = "http://u:pw@" + url("/show").substr(7)});
  ASSERT_TRUE(in_url);
  EXPECT_EQ(in_url->headers.get("X-Auth"), "Basic dTpwdw==");
}

TEST_F(ClientTest, RedirectsFollowTheChosenRule) {
  const auto answer = fetch({.url = url("/redirect/302")});
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 302);
  FetchRequest post{
      .method = Method::Post, .url = url("/redirect/302"), .body = "x", .redirects = Redirects::AsBrowser};
  const auto as_browser = fetch(post);
  ASSERT_TRUE(as_browser);
  EXPECT_EQ(as_browser->body, "GET ");
  EXPECT_EQ(as_browser->url, url("/show"));
  EXPECT_EQ(as_browser->redirects, 1u);
  EXPECT_EQ(as_browser->cookies, std::vector<std::string>{"a=b"});
  post.url = url("/redirect/307");
  const auto kept_by_status = fetch(post);
  ASSERT_TRUE(kept_by_status);
  EXPECT_EQ(kept_by_status->body, "POST x");
  post.url = url("/redirect/302");
  post.redirects = Redirects::KeepMethod;
  const auto kept = fetch(post);
  ASSERT_TRUE(kept);
  EXPECT_EQ(kept->body, "POST x");
}

TEST_F(ClientTest, FaultsAreToldApart) {
  EXPECT_EQ(fault({.url = url("/forever"), .redirects = Redirects::AsBrowser, .redirects_max = 3}),
            FetchFault::TooManyRedirects);
  EXPECT_EQ(fault({.url = url("/large"), .body_bytes_max = 1000}), FetchFault::TooLarge);
  EXPECT_EQ(fault({.url = url("/sleep"), .total_deadline = 50ms}), FetchFault::TotalTimeout);
  EXPECT_EQ(fault({.url = url("/show"), .private_targets = PrivateTargets::Refused}),
            FetchFault::PrivateTarget);
  EXPECT_EQ(fault({.url = "http://no-such-name.invalid/"}), FetchFault::HostName);
  EXPECT_EQ(fault({.url = "ftp://127.0.0.1/"}), FetchFault::BadUrl);
  EXPECT_EQ(fault({.url = "https" + url("/show").substr(4)}), FetchFault::TlsHandshake);
  auto closed = net::TcpListener::listen(loop, *net::parse_endpoint("127.0.0.1:0"));
  ASSERT_TRUE(closed);
  closed->close();
  EXPECT_EQ(fault({.url = "http://" + net::to_string(closed->address())}), FetchFault::Refused);
  EXPECT_EQ(client.stats().open, 0u);
}

asio::awaitable<void> fetch_and_note(Client& client, std::string url, bool& answered) {
  FetchRequest request{.url = std::move(url)};
  auto result = co_await client.fetch(std::move(request));
  answered = result.has_value();
}

TEST_F(ClientTest, CancelledTaskEndsItsTransfer) {
  net::TaskGroup group(loop.context());
  bool answered = false;
  group.spawn(fetch_and_note(client, url("/sleep"), answered));
  loop.run_until([&] { return server->stats().requests_open == 1; });
  group.close();
  net::run(loop, group.join());
  EXPECT_EQ(client.stats().open, 0u);
  EXPECT_FALSE(answered);
}

TEST_F(ClientTest, ConnectionIsUsedAgain) {
  ASSERT_TRUE(fetch({.url = url("/show")}));
  ASSERT_TRUE(fetch({.url = url("/show")}));
  EXPECT_EQ(server->stats().connections_total, 1u);
}

}  // namespace
}  // namespace sotto::http
