#include "text/uri.h"

#include <gtest/gtest.h>

#include "text/ascii.h"
#include "text/form.h"
#include "text/utf8.h"

namespace sotto::text {
namespace {

TEST(Uri, HasItsParts) {
  const auto uri = parse_uri("HTTPS://user:pw@Example.COM:8443/a/b%20c?x=1&y#frag");
  ASSERT_TRUE(uri);
  EXPECT_EQ(uri->scheme, "https");
  EXPECT_EQ(uri->user_info, "user:pw");
  EXPECT_EQ(uri->host, "example.com");
  EXPECT_EQ(uri->port, 8443);
  EXPECT_EQ(uri->path, "/a/b%20c");
  EXPECT_EQ(uri->query, "x=1&y");
  EXPECT_EQ(uri->fragment, "frag");
  EXPECT_EQ(uri->target(), "/a/b%20c?x=1&y");
  EXPECT_EQ(uri->authority(), "example.com:8443");
}

TEST(Uri, WritesWhatItRead) {
  for (const std::string_view text : {"http://a", "http://a/", "http://a?x", "http://[::1]:80/",
                                      "wss://a.b/c?d=%2B#e", "mailto:a@b", "http://a:/x"}) {
    const auto uri = parse_uri(text);
    ASSERT_TRUE(uri) << text;
    EXPECT_EQ(to_text(*uri), text == "http://a:/x" ? "http://a/x" : text);
  }
}

TEST(Uri, KnowsThePortsOfItsSchemes) {
  EXPECT_EQ(parse_uri("http://a")->effective_port(), 80);
  EXPECT_EQ(parse_uri("wss://a")->effective_port(), 443);
  EXPECT_EQ(parse_uri("http://a:81")->effective_port(), 81);
}

TEST(Uri, EncodesWhatShippedAppsForgetToEncode) {
  EXPECT_EQ(to_text(*parse_uri(" http://a/say?text=Hello World|{ä}\n")),
            "http://a/say?text=Hello%20World%7C%7B%C3%A4%7D");
}

TEST(Uri, RefusesWhatIsNoUri) {
  for (const std::string_view bad :
       {"", "a", "/a", "http:", "http://", "http:///x", "http://a:99999/", "http://a:x/", "http://[::1/",
        "http://a b/", "http://a\r\nX: y/", "http://[x]/", "1http://a", "http://:80/"}) {
    EXPECT_FALSE(parse_uri(bad)) << bad;
  }
  EXPECT_EQ(parse_uri("http://a/" + std::string(9000, 'x')).error().code, ErrorCode::TooLarge);
}

// The examples of RFC 3986 section 5.4.
TEST(Uri, ResolvesTheExamplesOfRfc3986) {
  const Uri base = *parse_uri("http://a/b/c/d;p?q");
  const std::pair<std::string_view, std::string_view> examples[] = {{"g", "http://a/b/c/g"},
                                                                    {"./g", "http://a/b/c/g"},
                                                                    {"g/", "http://a/b/c/g/"},
                                                                    {"/g", "http://a/g"},
                                                                    {"//g", "http://g"},
                                                                    {"?y", "http://a/b/c/d;p?y"},
                                                                    {"g?y", "http://a/b/c/g?y"},
                                                                    {"#s", "http://a/b/c/d;p?q#s"},
                                                                    {"g#s", "http://a/b/c/g#s"},
                                                                    {"g?y#s", "http://a/b/c/g?y#s"},
                                                                    {";x", "http://a/b/c/;x"},
                                                                    {"g;x", "http://a/b/c/g;x"},
                                                                    {"", "http://a/b/c/d;p?q"},
                                                                    {".", "http://a/b/c/"},
                                                                    {"./", "http://a/b/c/"},
                                                                    {"..", "http://a/b/"},
                                                                    {"../g", "http://a/b/g"},
                                                                    {"../..", "http://a/"},
                                                                    {"../../g", "http://a/g"},
                                                                    {"../../../g", "http://a/g"},
                                                                    {"/./g", "http://a/g"},
                                                                    {"/../g", "http://a/g"},
                                                                    {"g.", "http://a/b/c/g."},
                                                                    {"..g", "http://a/b/c/..g"},
                                                                    {"./../g", "http://a/b/g"},
                                                                    {"./g/.", "http://a/b/c/g/"},
                                                                    {"g/./h", "http://a/b/c/g/h"},
                                                                    {"g/../h", "http://a/b/c/h"},
                                                                    {"g;x=1/./y", "http://a/b/c/g;x=1/y"},
                                                                    {"g?y/./x", "http://a/b/c/g?y/./x"},
                                                                    {"g#s/../x", "http://a/b/c/g#s/../x"},
                                                                    {"https://h/x/../y", "https://h/y"}};
  for (const auto& [reference, target] : examples) {
    const auto resolved = resolve(base, reference);
    ASSERT_TRUE(resolved) << reference;
    EXPECT_EQ(to_text(*resolved), target) << reference;
  }
}

// vonage.md §3.1: parameters are merged into the query that the URL has already.
TEST(Uri, AppendsToTheQueryAndLeavesItVerbatim) {
  Uri uri = *parse_uri("http://a/answer?conference_id=1&x=%7e+y#f");
  append_query(uri, {{"to", "+1 415"}, {"SipHeader_X-Ä", ""}});
  EXPECT_EQ(to_text(uri), "http://a/answer?conference_id=1&x=%7e+y&to=%2B1%20415&SipHeader_X-%C3%84=#f");
  Uri bare = *parse_uri("http://a");
  append_query(bare, {{"b", "c"}});
  EXPECT_EQ(to_text(bare), "http://a?b=c");
  append_query(bare, {});
  EXPECT_EQ(to_text(bare), "http://a?b=c");
}

TEST(Uri, PercentCodingLeavesBrokenEscapes) {
  EXPECT_EQ(percent_encode("a b&ä~*"), "a%20b%26%C3%A4~%2A");
  EXPECT_EQ(percent_decode("a%20b%2g%"), "a b%2g%");
  EXPECT_EQ(percent_decode("%2A%40+"), "*@+");
}

TEST(Form, ReadsWhatClientsSend) {
  const auto form = parse_form("&To=%2B1415&From=a+b%20c&Empty=&Flag&&Twice=1&Twice=2&StartTime%3E=x&=v");
  ASSERT_TRUE(form);
  const Parameters expected = {{"To", "+1415"}, {"From", "a b c"}, {"Empty", ""},       {"Flag", ""},
                               {"Twice", "1"},  {"Twice", "2"},    {"StartTime>", "x"}, {"", "v"}};
  EXPECT_EQ(*form, expected);
  EXPECT_EQ(*find_parameter(*form, "Twice"), "1");
  EXPECT_EQ(find_parameter(*form, "twice"), nullptr);
}

TEST(Form, WritesWhatItCanRead) {
  const Parameters fields = {{"SpeechResult", "Grüße & 5=5"}, {"To", "+15005550010"}, {"Digits", ""}};
  EXPECT_EQ(encode_form(fields), "SpeechResult=Gr%C3%BC%C3%9Fe+%26+5%3D5&To=%2B15005550010&Digits=");
  EXPECT_EQ(parse_form(encode_form(fields)), fields);
}

TEST(Form, BytesThatAreNoUtf8AreReplaced) {
  EXPECT_EQ(parse_form("a=%FFb%00")->front().second,
            "\xEF\xBF\xBD"
            "b\xEF\xBF\xBD");
}

TEST(Form, RefusesTooManyFields) {
  std::string body;
  for (int i = 0; i < 1001; ++i) body += "a=1&";
  EXPECT_EQ(parse_form(body).error().code, ErrorCode::TooLarge);
}

TEST(Utf8, KnowsWellFormedText) {
  EXPECT_TRUE(is_utf8("aä€😀"));
  for (const std::string_view bad :
       {"\xff", "\xc0\x80", "\xe0\x80\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe2\x82", "\x80"}) {
    EXPECT_FALSE(is_utf8(bad));
    EXPECT_TRUE(is_utf8(to_valid_utf8(bad)));
  }
  EXPECT_EQ(latin1_to_utf8("\xe4"), "ä");
  EXPECT_EQ(count_characters("aä€😀"), 4u);
}

TEST(Ascii, TrimsCollapsesAndSplits) {
  EXPECT_EQ(trim(" \n a b\t"), "a b");
  EXPECT_EQ(collapse_space("\n  +1 415 \n 555 "), "+1 415 555");
  EXPECT_EQ(collapse_space(" \n"), "");
  EXPECT_EQ(split("a,,b", ',').size(), 3u);
  EXPECT_EQ(split("", ',').size(), 1u);
  EXPECT_TRUE(equal_ignoring_case("Content-Type", "content-type"));
}

}  // namespace
}  // namespace sotto::text
