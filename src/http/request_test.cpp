#include "http/request.h"

#include <gtest/gtest.h>

namespace sotto::http {
namespace {

// contracts: voipnow 1.5.
TEST(RequestTest, FormMayStartWithAnAmpersand) {
  Request request;
  request.headers.add("content-type", "application/x-www-form-urlencoded; charset=UTF-8");
  request.body = "&grant_type=client_credentials&client_id=a%20b+c";
  const auto form = request.form();
  ASSERT_TRUE(form);
  EXPECT_EQ(*form, (text::Parameters{{"grant_type", "client_credentials"}, {"client_id", "a b c"}}));
}

TEST(RequestTest, MultipartFormHasTheSameFields) {
  Request request;
  request.headers.add("Content-Type", "multipart/form-data; boundary=\"x y\"");
  request.body =
      "preamble\r\n--x y\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\none\r\nline\r\n--x y\r\n"
      "content-disposition: form-data; name=b; filename=\"f;g\"\r\nContent-Type: text/plain\r\n\r\n\r\n--x "
      "y--\r\n";
  const auto form = request.form();
  ASSERT_TRUE(form) << form.error().detail;
  EXPECT_EQ(*form, (text::Parameters{{"a", "one\r\nline"}, {"b", ""}}));
}

TEST(RequestTest, BrokenMultipartIsInvalid) {
  for (const char* body : {"", "--b", "--b\r\n", "--b\r\n\r\nx\r\n--b--",
                           "--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--",
                           "--b\r\nContent-Disposition: form-data; name=a\r\n\r\nx", "--bx"}) {
    Request request;
    request.headers.add("Content-Type", "multipart/form-data; boundary=b");
    request.body = body;
    EXPECT_FALSE(request.form()) << body;
  }
}

TEST(RequestTest, AnotherBodyIsNoForm) {
  Request request;
  request.headers.add("Content-Type", "application/json");
  ASSERT_FALSE(request.form());
  EXPECT_EQ(request.form().error().code, ErrorCode::Unsupported);
}

TEST(HeadersTest, CanonicalNames) {
  EXPECT_EQ(canonical_header_name("content-type"), "Content-Type");
  EXPECT_EQ(canonical_header_name("www-authenticate"), "WWW-Authenticate");
  EXPECT_EQ(canonical_header_name("X-Twilio-Signature"), "X-Twilio-Signature");
}

TEST(HeadersTest, TokensAndParameters) {
  const Headers headers{{"Connection", "keep-alive, Upgrade"}};
  EXPECT_TRUE(headers.has_token("connection", "upgrade"));
  EXPECT_FALSE(headers.has_token("connection", "up"));
  EXPECT_EQ(media_type("Text/HTML ; charset=x"), "text/html");
  EXPECT_EQ(header_parameter("form-data; name=\"a\\\"b;c\"; x=1", "name"), "a\"b;c");
}

}  // namespace
}  // namespace sotto::http
