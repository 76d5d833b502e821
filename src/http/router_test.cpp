#include "http/router.h"

#include <gtest/gtest.h>

namespace sotto::http {
namespace {

asio::awaitable<Response> nothing(Request) {
  co_return Response();
}

struct RouterTest : testing::Test {
  RouterTest() {
    for (const char* pattern :
         {"/v1/calls", "/v1/calls/{uuid}", "/v1/calls/{uuid}/talk", "/Accounts/{sid}/Calls/{call}.json",
          "/Accounts/{sid}/Calls/{call}", "/users/me", "/users/{id:int}", "/users/{name}", "/console/{path*}",
          "/files/{id:uuid}"}) {
      router.add(Method::Get, pattern, nothing);
    }
    router.add(Method::Put, "/users/{name}", nothing);
  }

  // The parameters as text, or the status.
  std::string find(std::string_view path, Method method = Method::Get) {
    const auto match = router.match(method, path);
    if (!match.handler) return std::to_string(match.status) + (match.allow.empty() ? "" : " " + match.allow);
    std::string found;
    for (const auto& [name, value] : match.parameters) found += name + "=" + value + ";";
    return found;
  }

  Router router;
};

TEST_F(RouterTest, ParametersArePercentDecodedPerSegment) {
  EXPECT_EQ(find("/v1/calls"), "");
  EXPECT_EQ(find("/v1/calls/%2A%40a%2Fb+c"), "uuid=*@a/b+c;");
  EXPECT_EQ(find("/v1/c%61lls/*/talk"), "uuid=*;");
}

TEST_F(RouterTest, TextAroundAParameterWinsOverNone) {
  EXPECT_EQ(find("/Accounts/AC1/Calls/CA2.json"), "sid=AC1;call=CA2;");
  EXPECT_EQ(find("/Accounts/AC1/Calls/CA2"), "sid=AC1;call=CA2;");
  EXPECT_EQ(find("/Accounts/AC1/Calls/.json"), "sid=AC1;call=.json;");
}

TEST_F(RouterTest, TextThenTypedThenAny) {
  EXPECT_EQ(find("/users/me"), "");
  EXPECT_EQ(find("/users/42"), "id=42;");
  EXPECT_EQ(find("/users/ann"), "name=ann;");
  EXPECT_EQ(find("/users/me", Method::Put), "name=me;");
  EXPECT_EQ(find("/files/x"), "404");
  EXPECT_EQ(find("/files/8e0c4b1e-6a0f-4f6e-9c5c-1f2d3a4b5c6d"), "id=8e0c4b1e-6a0f-4f6e-9c5c-1f2d3a4b5c6d;");
}

TEST_F(RouterTest, RestTakesEverySegmentButNoDots) {
  EXPECT_EQ(find("/console/a/b%20c/d.js"), "path=a/b c/d.js;");
  EXPECT_EQ(find("/console"), "404");
  EXPECT_EQ(find("/console/../v1/calls"), "404");
  EXPECT_EQ(find("/console/a/%2e%2e/b"), "404");
}

TEST_F(RouterTest, RefusalsHaveTheirStatus) {
  EXPECT_EQ(find("/V1/calls"), "404");
  EXPECT_EQ(find("/v1/calls", Method::Delete), "405 GET");
  EXPECT_EQ(find("/users/42", Method::Post), "405 GET, PUT");
  EXPECT_EQ(find("/v1/calls/%zz"), "400");
  EXPECT_EQ(find("/v1/calls/a%00b"), "400");
  EXPECT_EQ(find("/v1/calls", Method::Head), "");
}

TEST_F(RouterTest, LongestMountedPrefixCounts) {
  router.mount("/v1", {.body_bytes_max = 1});
  router.mount("/v1/calls", {.body_bytes_max = 2});
  EXPECT_EQ(router.mount_of("/v1/calls/x").body_bytes_max, 2u);
  EXPECT_EQ(router.mount_of("/v1/callsx").body_bytes_max, 1u);
  EXPECT_EQ(router.mount_of("/v10").body_bytes_max, base::limits::kHttpBodyBytesMax);
}

}  // namespace
}  // namespace sotto::http
