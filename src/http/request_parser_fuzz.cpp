#include "base/check.h"
#include "http/request_parser.h"
#include "http/router.h"
#include "text/form.h"

// A connection's bytes through the parser, the router and the body readers, in one piece and byte by byte:
// both must come to the same requests. Sockets are all that is left out.
namespace sotto::http {
namespace {

asio::awaitable<Response> answer(Request) {
  co_return Response::empty(204);
}

const Router& test_router() {
  static Router router;
  static const bool filled = [] {
    for (const char* pattern :
         {"/v1/calls", "/v1/calls/{uuid:uuid}", "/v1/calls/{uuid}/stream", "/files/{path*}",
          "/2010-04-01/Accounts/{sid}/Calls/{call}.json", "/pages/{page:int}", "/a/{b}/{c*}"}) {
      router.add(Method::Get, pattern, answer);
      router.add(Method::Post, pattern, answer);
    }
    return true;
  }();
  static_cast<void>(filled);
  return router;
}

std::string describe(RequestParser& parser) {
  const RequestHead& head = parser.head();
  return head.method_name + ' ' + head.path + '?' + head.query_text + ' ' + head.host + '\n' + parser.body();
}

std::vector<std::string> parse_all(std::string_view bytes, size_t step) {
  RequestParser parser({4096, 4096});
  std::vector<std::string> seen;
  std::string buffer;
  while (seen.size() < 100) {
    const size_t count = std::min(step, bytes.size());
    buffer += bytes.substr(0, count);
    bytes.remove_prefix(count);
    std::string_view input = buffer;
    const auto before = parser.state();
    const auto state = parser.advance(input);
    const bool took = input.size() < buffer.size() || state != before;
    buffer.erase(0, buffer.size() - input.size());
    if (state == RequestParser::State::Refused) {
      seen.push_back(std::to_string(parser.refusal().status));
      return seen;
    }
    if (state == RequestParser::State::Done) {
      seen.push_back(describe(parser));
      parser.restart();
    } else if (bytes.empty() && !took) {
      return seen;
    }
  }
  return seen;
}

}  // namespace
}  // namespace sotto::http

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace sotto::http;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  CHECK(parse_all(bytes, bytes.size()) == parse_all(bytes, 1));
  RequestParser parser({});
  std::string_view input = bytes;
  while (parser.state() == RequestParser::State::Head || parser.state() == RequestParser::State::Body) {
    const auto before = parser.state();
    if (parser.advance(input) == before) break;
  }
  Request request;
  request.headers = parser.head().headers;
  request.body = parser.body();
  request.query_text = parser.head().query_text;
  const auto match = test_router().match(parser.head().method, parser.head().path);
  CHECK(match.handler != nullptr || match.status >= 400);
  static_cast<void>(request.query());
  static_cast<void>(request.form());
  return 0;
}
