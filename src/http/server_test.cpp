#include "http/server.h"

#include <gtest/gtest.h>

#include "http/testing/exchange.h"
#include "net/run.h"

namespace sotto::http {
namespace {
using namespace std::chrono_literals;

asio::awaitable<Response> echo(Request request) {
  co_return Response::json(
      200, request.method == Method::Get ? request.path + "?" + request.query_text : request.body);
}

asio::awaitable<Response> show_id(Request request) {
  co_return Response::text(200, std::string(request.parameter("id")));
}

asio::awaitable<Response> remove_it(Request) {
  co_return Response::empty(204);
}

asio::awaitable<Response> throw_something(Request) {
  throw std::runtime_error("a bug");
  co_return Response();
}

asio::awaitable<Response> leak_header(Request request) {
  Response response = Response::text(200, "x");
  response.headers.add("location", std::string(*text::find_parameter(*request.query(), "to")));
  co_return response;
}

asio::awaitable<void> write_three(BodyWriter& writer) {
  for (const char* piece : {"one ", "two ", "three"}) {
    auto written = co_await writer.write(piece);
    if (!written) co_return;
  }
}

asio::awaitable<Response> stream_three(Request request) {
  Response response = Response::text(200, "");
  response.stream = write_three;
  if (request.query_text == "length") response.stream_length = 13;
  co_return response;
}

size_t count_of(std::string_view text, std::string_view part) {
  size_t count = 0;
  for (size_t at = text.find(part); at != std::string_view::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

struct ServerTest : testing::Test {
  ServerTest() {
    router.add(Method::Get, "/v1/things", echo);
    router.add(Method::Post, "/v1/things", echo);
    router.add(Method::Get, "/v1/things/{id}", show_id);
    router.add(Method::Delete, "/v1/things/{id}", remove_it);
    router.add(Method::Get, "/throw", throw_something);
    router.add(Method::Get, "/redirect", leak_header);
    router.add(Method::Get, "/stream", stream_three);
    router.add(Method::Post, "/small", echo);
    router.mount("/small", {.body_bytes_max = 16});
  }

  ~ServerTest() override {
    if (server) net::run(loop, server->stop(0s));
  }

  void start(ServerOptions options = {}) {
    options.listen = *net::parse_endpoint("127.0.0.1:0");
    server = *Server::start(loop, router, std::move(options));
  }

  std::string send(std::vector<std::string> pieces) {
    if (!server) start();
    return net::run(loop, exchange(loop, server->address(), std::move(pieces)));
  }

  net::Loop loop;
  Router router;
  std::unique_ptr<Server> server;
};

TEST_F(ServerTest, AnswersAndClosesWhenAsked) {
  const std::string got = send({"GET /v1/things?a=b HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"});
  EXPECT_TRUE(got.starts_with("HTTP/1.1 200 OK\r\nDate: ")) << got;
  EXPECT_NE(got.find("\r\nContent-Type: application/json; charset=utf-8\r\n"), std::string::npos);
  EXPECT_NE(got.find("\r\nConnection: close\r\n"), std::string::npos);
  EXPECT_TRUE(got.ends_with("\r\n\r\n/v1/things?a=b")) << got;
}

TEST_F(ServerTest, PipelinedRequestsAreAnsweredInOrder) {
  const std::string got =
      send({"GET /v1/things/1 HTTP/1.1\r\nHost: x\r\n\r\nPOST /v1/things HTTP/1.1\r\nHost: x\r\n"
            "Content-Length: 3\r\n\r\ntwoGET /v1/things/3 HTTP/1.1\r\nHost: x\r\n"
            "Connection: close\r\n\r\n"});
  EXPECT_EQ(count_of(got, "HTTP/1.1 200"), 3u);
  const size_t first = got.find("\r\n\r\n1HTTP");
  const size_t second = got.find("\r\n\r\ntwoHTTP");
  EXPECT_LT(first, second) << got;
  EXPECT_TRUE(got.ends_with("\r\n\r\n3"));
}

TEST_F(ServerTest, RequestMayComeByteByByte) {
  std::vector<std::string> pieces;
  for (const char c :
       std::string("POST /v1/things HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"
                   "Connection: close\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nTrailer: x\r\n\r\n")) {
    pieces.emplace_back(1, c);
  }
  EXPECT_TRUE(send(std::move(pieces)).ends_with("\r\n\r\nabcde"));
}

// contracts: vonage 7.1. npm nexmo 2.9.1 and both old CLIs send a DELETE's body without framing.
TEST_F(ServerTest, DeleteWithUnframedBodyIsAnsweredOnceAndClosed) {
  const std::string head =
      "DELETE /v1/things/7 HTTP/1.1\r\nHost: x\r\nConnection: keep-alive\r\n"
      "Content-Type: application/json\r\n\r\n";
  for (const auto& pieces : {std::vector<std::string>{head + "{}"}, std::vector<std::string>{head, "{}"}}) {
    const std::string got = send(pieces);
    EXPECT_TRUE(got.starts_with("HTTP/1.1 204 No Content\r\n")) << got;
    EXPECT_NE(got.find("\r\nConnection: close\r\n\r\n"), std::string::npos);
    EXPECT_EQ(count_of(got, "HTTP/1.1"), 1u) << got;
    EXPECT_EQ(got.find("Content-Length"), std::string::npos);
  }
}

TEST_F(ServerTest, JunkAfterAnUnframedGetIsDroppedSilently) {
  const std::string head = "GET /v1/things/7 HTTP/1.1\r\nHost: x\r\n\r\n";
  EXPECT_EQ(count_of(send({head + "{\"a\":1}"}), "HTTP/1.1"), 1u);
  EXPECT_EQ(count_of(send({head, "{\"a\":1}"}), "HTTP/1.1"), 1u);
}

TEST_F(ServerTest, JunkOnANewConnectionIsABadRequest) {
  EXPECT_TRUE(send({"\x16\x03\x01 hello\r\n\r\n"}).starts_with("HTTP/1.1 400 "));
}

// contracts: voipnow 1.1.
TEST_F(ServerTest, AbsoluteTargetTrailingAndRepeatedSlashes) {
  for (const char* target : {"http://host.example/v1/things/7", "/v1/things/7/", "//v1///things/7",
                             "/v1/things/%37", "https://u@host.example:8443//v1/things/7/?x=1"}) {
    const std::string got =
        send({"GET " + std::string(target) + " HTTP/1.1\r\nHost: y\r\nConnection: close\r\n\r\n"});
    EXPECT_TRUE(got.ends_with("\r\n\r\n7")) << target << "\n" << got;
  }
}

TEST_F(ServerTest, UnknownPathAndMethodUseTheRendererOfTheirPrefix) {
  router.mount("/v1", {.render_error = [](const Problem& problem) {
                 return Response::json(
                     problem.status,
                     "{\"type\":\"" + std::string(to_string(problem.method)) + problem.path + "\"}");
               }});
  const std::string missing = send({"GET /v1/no HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"});
  EXPECT_TRUE(missing.starts_with("HTTP/1.1 404 ")) << missing;
  EXPECT_TRUE(missing.ends_with("{\"type\":\"GET/v1/no\"}")) << missing;
  const std::string wrong =
      send({"PUT /v1/things HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"});
  EXPECT_TRUE(wrong.starts_with("HTTP/1.1 405 ")) << wrong;
  EXPECT_NE(wrong.find("\r\nAllow: GET, POST\r\n"), std::string::npos) << wrong;
  const std::string other = send({"GET /v2 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"});
  EXPECT_TRUE(other.ends_with("{\"error\":\"there is nothing at this path\"}")) << other;
}

TEST_F(ServerTest, HeadHasTheLengthButNoBody) {
  const std::string got = send({"HEAD /v1/things/1234 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"});
  EXPECT_NE(got.find("Content-Length: 4\r\n"), std::string::npos);
  EXPECT_TRUE(got.ends_with("\r\n\r\n"));
}

TEST_F(ServerTest, OversizedBodyIsRefusedBeforeItComes) {
  const std::string got = send(
      {"POST /small HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000000\r\n\r\n" + std::string(100'000, 'x')});
  EXPECT_TRUE(got.starts_with("HTTP/1.1 413 ")) << got;
  EXPECT_EQ(got.find("<reset>"), std::string::npos);
}

TEST_F(ServerTest, OversizedChunksAreRefused) {
  const std::string got =
      send({"POST /small HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
            "10\r\n0123456789abcdef\r\n1\r\nx\r\n"});
  EXPECT_TRUE(got.starts_with("HTTP/1.1 413 ")) << got;
}

TEST_F(ServerTest, OversizedHeadIsRefused) {
  const std::string got = send({"GET / HTTP/1.1\r\nHost: x\r\nX-Long: " + std::string(40'000, 'x')});
  EXPECT_TRUE(got.starts_with("HTTP/1.1 431 ")) << got;
}

TEST_F(ServerTest, CompressedBodyIsUnsupported) {
  EXPECT_TRUE(send({"POST /v1/things HTTP/1.1\r\nHost: x\r\nContent-Encoding: gzip\r\nContent-Length: 1\r\n"
                    "Connection: close\r\n\r\nx"})
                  .starts_with("HTTP/1.1 415 "));
}

TEST_F(ServerTest, ExpectContinueIsEncouraged) {
  const std::string got =
      send({"POST /v1/things HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n"
            "Connection: close\r\n\r\n",
            "hi"});
  EXPECT_TRUE(got.starts_with("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK")) << got;
}

TEST_F(ServerTest, HandlerThatThrowsIsA500AndTheServerGoesOn) {
  const std::string got =
      send({"GET /throw HTTP/1.1\r\nHost: x\r\n\r\nGET /v1/things/1 HTTP/1.1\r\nHost: x\r\n"
            "Connection: close\r\n\r\n"});
  EXPECT_TRUE(got.starts_with("HTTP/1.1 500 ")) << got;
  EXPECT_TRUE(got.ends_with("\r\n\r\n1"));
}

TEST_F(ServerTest, HeaderValuesCannotBreakOut) {
  const std::string got =
      send({"GET /redirect?to=a%0D%0AEvil:%20x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"});
  EXPECT_NE(got.find("\r\nLocation: a  Evil: x\r\n"), std::string::npos) << got;
}

TEST_F(ServerTest, StreamedBodyIsChunkedOrHasALength) {
  const std::string chunked = send({"GET /stream HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"});
  EXPECT_TRUE(chunked.ends_with("\r\n\r\n4\r\none \r\n4\r\ntwo \r\n5\r\nthree\r\n0\r\n\r\n")) << chunked;
  const std::string sized = send({"GET /stream?length HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"});
  EXPECT_NE(sized.find("Content-Length: 13\r\n"), std::string::npos);
  EXPECT_TRUE(sized.ends_with("\r\n\r\none two three"));
}

TEST_F(ServerTest, SlowHeadAndSlowBodyTimeOut) {
  start({.head_time_max = 40ms, .body_time_max = 40ms});
  EXPECT_TRUE(send({"GET / HTTP/1.1\r\nHo"}).starts_with("HTTP/1.1 408 "));
  EXPECT_TRUE(send({"POST /v1/things HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nabc"})
                  .starts_with("HTTP/1.1 408 "));
  EXPECT_EQ(server->stats().timeouts, 2u);
}

TEST_F(ServerTest, IdleConnectionIsClosedSilently) {
  start({.idle_time_max = 40ms});
  EXPECT_EQ(send({""}), "");
}

asio::awaitable<void> hold_open(net::Loop& loop, net::Endpoint where,
                                std::vector<std::unique_ptr<net::Stream>>& held) {
  auto stream = co_await net::connect_tcp(loop, where, 5s);
  EXPECT_TRUE(stream);
  held.push_back(std::move(*stream));
}

TEST_F(ServerTest, IdleConnectionsMakeRoomForHealthyClients) {
  start({.connections_max = 50});
  std::vector<std::unique_ptr<net::Stream>> held;
  for (int i = 0; i < 200; ++i) net::run(loop, hold_open(loop, server->address(), held));
  EXPECT_TRUE(
      send({"GET /v1/things/1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"}).ends_with("\r\n\r\n1"));
  EXPECT_LE(server->stats().connections, 51u);
  EXPECT_GE(server->stats().connections_dropped, 150u);
}

}  // namespace
}  // namespace sotto::http
