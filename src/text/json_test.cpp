#include "text/json.h"

#include <gtest/gtest.h>

#include "text/json_field.h"

namespace sotto::text {
namespace {

std::string round_trip(std::string_view text) {
  const auto parsed = parse_json(text);
  return parsed ? to_text(*parsed) : parsed.error().detail;
}

TEST(Json, KeepsTheOrderOfMembersAndWritesCompactly) {
  EXPECT_EQ(round_trip(R"( { "z" : 1 , "a" : [ true , null , "x" ] , "m" : { } } )"),
            R"({"z":1,"a":[true,null,"x"],"m":{}})");
}

TEST(Json, WritesNumbersAsShortAsTheyRead) {
  EXPECT_EQ(round_trip("[0,-1,14155550100,0.4,1.5e3,1e300,9223372036854775807,18446744073709551615]"),
            "[0,-1,14155550100,0.4,1500,1e+300,9223372036854775807,18446744073709551616]");
}

TEST(Json, EscapesWhatMustBeEscapedAndLeavesUtf8) {
  EXPECT_EQ(round_trip(R"("\u00e4\/\"\\\n\u0001\ud83d\ude00")"), "\"ä/\\\"\\\\\\n\\u0001\xF0\x9F\x98\x80\"");
}

TEST(Json, WritesUtf8WhateverWasPutIntoIt) {
  EXPECT_EQ(to_text(Json("a\xFFz")), "\"a\xEF\xBF\xBDz\"");
  EXPECT_TRUE(parse_json(to_text(Json("\xC3\"\xED\xA0\x80"))));
}

TEST(Json, OfDuplicateKeysTheLastWins) {
  EXPECT_EQ(round_trip(R"({"a":1,"b":2,"a":3})"), R"({"b":2,"a":3})");
  EXPECT_EQ(round_trip(R"({"a":{"x":1,"x":2},"a":{"y":1}})"), R"({"a":{"y":1}})");
}

TEST(Json, SkipsAByteOrderMark) {
  EXPECT_EQ(round_trip("\xEF\xBB\xBF [ ]"), "[]");
}

TEST(Json, RefusesWhatIsNotJson) {
  for (const std::string_view bad : {"",
                                     " ",
                                     "{",
                                     "[1,]",
                                     "{\"a\":1,}",
                                     "{'a':1}",
                                     "01",
                                     "1 2",
                                     "nul",
                                     "[1]x",
                                     "\"\xff\"",
                                     "\"\xed\xa0\x80\"",
                                     "\"\\ud800\"",
                                     "\"\\u0000\"",
                                     "{\"\\u0000\":1}",
                                     "\"\n\"",
                                     "// c\n1",
                                     "NaN",
                                     "1e999",
                                     "+1"}) {
    const auto parsed = parse_json(bad);
    ASSERT_FALSE(parsed) << bad;
    EXPECT_EQ(parsed.error().code, ErrorCode::Invalid) << bad;
  }
}

TEST(Json, ErrorsTellTheByte) {
  EXPECT_NE(parse_json("{\"a\": tru}").error().detail.find("at byte 6"), std::string::npos)
      << parse_json("{\"a\": tru}").error().detail;
}

TEST(Json, RefusesWhatIsTooDeepOrTooLarge) {
  EXPECT_TRUE(parse_json(std::string(64, '[') + std::string(64, ']')));
  EXPECT_EQ(parse_json(std::string(65, '[') + std::string(65, ']')).error().code, ErrorCode::TooLarge);
  EXPECT_EQ(parse_json("[1,2,3]", {.bytes_max = 6}).error().code, ErrorCode::TooLarge);
}

TEST(Json, ABodyOfNothingButMembersIsReadInTime) {
  std::string body = "{";
  for (int i = 0; i < 100'000; ++i) body += "\"" + std::to_string(i % 50'000) + "\":0,";
  body.back() = '}';
  EXPECT_EQ(parse_json(body, {.bytes_max = 2'000'000})->object()->members().size(), 50'000u);
}

TEST(Json, ValuesAreBuiltFromPlainOnes) {
  const Json built = JsonObject{{"type", "UNAUTHORIZED"},
                                {"status", 401},
                                {"list", JsonArray{1, "two", false, nullptr}},
                                {"duration", std::optional<int>()},
                                {"rate", 0.5}};
  EXPECT_EQ(to_text(built),
            R"({"type":"UNAUTHORIZED","status":401,"list":[1,"two",false,null],"duration":null,"rate":0.5})");
  EXPECT_EQ(built["status"], Json(401));
  EXPECT_TRUE(built["absent"]["deeper"].is_null());
}

TEST(Json, MembersAreReplacedInPlace) {
  JsonObject object{{"a", 1}, {"b", 2}};
  object.set("a", 3);
  object.set("c", 4);
  object.erase("b");
  EXPECT_EQ(to_text(object), R"({"a":3,"c":4})");
}

TEST(JsonField, ErrorsNameTheField) {
  const Json document = *parse_json(R"({"voice":{"webhooks":[{"address":7}]}})");
  const JsonField root(document);
  EXPECT_EQ(root["voice"]["webhooks"].elements()[0]["address"].text().error().detail,
            "voice.webhooks[0].address: expected a string, found an integer");
  EXPECT_EQ(root["voice"]["name"].text().error(), (Error{ErrorCode::NotFound, "voice.name: is required"}));
  EXPECT_EQ(root["gone"]["deeper"].integer().error().code, ErrorCode::NotFound);
  EXPECT_EQ(JsonField(document, "ncco")["voice"].array().error().detail,
            "ncco.voice: expected an array, found an object");
}

TEST(JsonField, RangesAreChecked) {
  const Json document = *parse_json(R"({"page_size":101})");
  const auto refused = JsonField(document)["page_size"].integer(1, 100);
  EXPECT_EQ(refused.error(), (Error{ErrorCode::OutOfRange, "page_size: must be between 1 and 100"}));
}

// vonage.md §4.1: the leniency table.
TEST(JsonField, TakesTheFormsThatShippedCodeSends) {
  const Json document = *parse_json(
      R"({"startOnEnter":"false","t":"True","one":1,"timeout":"45","real":45.0,"level":"0.4","number":14155550100,"url":"a","urls":["a","b"],"none":null})");
  const JsonField root(document);
  EXPECT_EQ(root["startOnEnter"].lenient_boolean(), false);
  EXPECT_EQ(root["t"].lenient_boolean(), true);
  EXPECT_EQ(root["one"].lenient_boolean(), true);
  EXPECT_EQ(root["timeout"].lenient_integer(), 45);
  EXPECT_EQ(root["real"].lenient_integer(), 45);
  EXPECT_EQ(root["level"].lenient_number(), 0.4);
  EXPECT_EQ(root["number"].lenient_text(), "14155550100");
  EXPECT_EQ(root["url"].one_or_more().size(), 1u);
  EXPECT_EQ(root["urls"].one_or_more()[1].text(), "b");
  EXPECT_EQ(root["urls"].one_or_more()[1].path(), "urls[1]");
  EXPECT_TRUE(root["none"].one_or_more().empty());
}

TEST(JsonField, LeniencyEndsWhereMeaningIsLost) {
  const Json document = *parse_json(R"({"a":"4x","b":4.5,"c":"yes","d":[],"e":"inf","f":1e30,"g":2})");
  const JsonField root(document);
  EXPECT_FALSE(root["a"].lenient_integer());
  EXPECT_FALSE(root["b"].lenient_integer());
  EXPECT_FALSE(root["c"].lenient_boolean());
  EXPECT_FALSE(root["d"].lenient_text());
  EXPECT_FALSE(root["e"].lenient_number());
  EXPECT_FALSE(root["f"].lenient_integer());
  EXPECT_FALSE(root["g"].lenient_boolean());
}

}  // namespace
}  // namespace sotto::text
