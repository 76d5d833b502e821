#include "stream/framing.h"

#include <gtest/gtest.h>

#include "audio/g711.h"
#include "crypto/base64.h"

namespace sotto::stream {
namespace {

using namespace std::chrono_literals;
using Kind = net::WebSocket::Kind;

std::unique_ptr<Framing> make(const std::string& protocol, const std::string& parameters,
                              Ways ways = Ways::Both) {
  const auto parsed = parse_parameters({protocol, parameters});
  EXPECT_TRUE(parsed) << parsed.error().detail;
  return make_framing(*parsed, {"0a", {"inbound", "outbound"}}, ways);
}

template <typename T>
T read(Framing& framing, Kind kind, const std::string& data) {
  Received received = framing.read({kind, data});
  T* found = std::get_if<T>(&received);
  EXPECT_NE(found, nullptr) << data;
  return found == nullptr ? T{} : std::move(*found);
}

TEST(Parameters, WrongOnesAreRefusedByName) {
  EXPECT_EQ(parse_parameters({"raw-l16", {}})->rate_hz, 16'000U);
  EXPECT_EQ(parse_parameters({"json-mulaw", {}})->rate_hz, 8'000U);
  EXPECT_EQ(parse_parameters({"morse", {}}).error().code, ErrorCode::Unsupported);
  const std::pair<const char*, const char*> kWrong[] = {
      {R"({"rate":44100})", "rate"},
      {R"({"greeting":"x"})", "greeting"},
      {R"({"custom":{}})", "custom"},
      {R"({"buffer_ms":0})", "buffer_ms"},
      {R"({"handshake":{"A":1}})", "handshake.A"},
      {R"({"handshake":{"A":"b\r\nC: d"}})", "handshake.A"},
      {R"({"handshake":{"A b":"c"}})", "handshake.A b"},
  };
  for (const auto& [parameters, field] : kWrong) {
    const auto refused = parse_parameters({"raw-l16", parameters});
    ASSERT_FALSE(refused) << parameters;
    EXPECT_TRUE(refused.error().detail.starts_with(field)) << refused.error().detail;
  }
  EXPECT_TRUE(parse_parameters({"raw-l16", R"({"note":[1],"greeting":null})"}));
  EXPECT_FALSE(parse_parameters({"raw-l16", "[]"}));
  EXPECT_FALSE(parse_parameters({"raw-l16", "{"}));
}

// vonage.md §9, points 2 to 6.
TEST(RawL16, GreetsThenSendsLittleEndianFrames) {
  const auto framing = make("raw-l16", R"({"greeting":{"event":"websocket:connected","a":{"b":1}}})");
  const auto opening = framing->opening();
  ASSERT_EQ(opening.size(), 1U);
  EXPECT_EQ(opening[0].data, R"({"event":"websocket:connected","a":{"b":1}})");
  std::vector<int16_t> samples(320, 0);
  samples[0] = 0x1234;
  samples[1] = -2;
  const Frame frame = framing->sound(0, samples, 0ms);
  EXPECT_EQ(frame.kind, Kind::Binary);
  EXPECT_EQ(frame.data.size(), 640U);
  EXPECT_EQ(frame.data.substr(0, 4), "\x34\x12\xFE\xFF");
  EXPECT_EQ(framing->digit('5', 260ms)->data, R"({"event":"websocket:dtmf","digit":"5","duration":260})");
  EXPECT_FALSE(framing->closing());
}

TEST(RawL16, WhateverTheFramesSizesTheBytesAreOneStream) {
  const auto framing = make("raw-l16", {});
  EXPECT_EQ(read<Samples>(*framing, Kind::Binary, std::string("\x01\x02\x03", 3)).samples,
            (std::vector<int16_t>{0x0201}));
  EXPECT_EQ(read<Samples>(*framing, Kind::Binary, "").samples, std::vector<int16_t>{});
  EXPECT_EQ(read<Samples>(*framing, Kind::Binary, std::string("\x04\x05\x06", 3)).samples,
            (std::vector<int16_t>{0x0403, 0x0605}));
}

TEST(RawL16, CommandsComeBackAndOtherTextIsIgnored) {
  const auto framing = make("raw-l16", {});
  read<Clear>(*framing, Kind::Text, R"({"action":"clear"})");
  EXPECT_EQ(framing->cleared({"x"})[0].data, R"({"event":"websocket:cleared"})");
  const Mark mark = read<Mark>(*framing, Kind::Text, R"({"action":"notify","payload":{"n":[1]}})");
  EXPECT_EQ(framing->reached(mark.name).data, R"({"event":"websocket:notify","payload":{"n":[1]}})");
  read<Ignored>(*framing, Kind::Text, R"({"action":"dance"})");
  read<Ignored>(*framing, Kind::Text, "7");
  EXPECT_EQ(read<Broken>(*framing, Kind::Text, "{").code, "malformed");
}

// twilio.md §2.10.
TEST(JsonMulaw, NumbersItsMessagesAsText) {
  const auto framing =
      make("json-mulaw", R"({"stream_prefix":"S","account":"A","call":"C","custom":{"k":"v"}})");
  const auto opening = framing->opening();
  ASSERT_EQ(opening.size(), 2U);
  EXPECT_EQ(opening[0].data, R"({"event":"connected","protocol":"Call","version":"1.0.0"})");
  EXPECT_EQ(
      opening[1].data,
      R"({"event":"start","sequenceNumber":"1","start":{"streamSid":"S0a","accountSid":"A","callSid":"C",)"
      R"("tracks":["inbound","outbound"],"customParameters":{"k":"v"},"mediaFormat":)"
      R"({"encoding":"audio/x-mulaw","sampleRate":8000,"channels":1}},"streamSid":"S0a"})");
  const std::vector<int16_t> silence(160, 0);
  framing->sound(0, silence, 0ms);
  framing->sound(1, silence, 0ms);
  const Frame frame = framing->sound(0, silence, 20ms);
  const auto media = text::parse_json(frame.data);
  ASSERT_TRUE(media);
  EXPECT_EQ(*(*media)["sequenceNumber"].text(), "4");
  EXPECT_EQ(*(*media)["media"]["track"].text(), "inbound");
  EXPECT_EQ(*(*media)["media"]["chunk"].text(), "2");
  EXPECT_EQ(*(*media)["media"]["timestamp"].text(), "20");
  EXPECT_EQ(crypto::base64_decode(*(*media)["media"]["payload"].text())->size(), 160U);
  EXPECT_EQ(
      framing->digit('1', 100ms)->data,
      R"({"event":"dtmf","sequenceNumber":"5","dtmf":{"track":"inbound_track","digit":"1"},"streamSid":"S0a"})");
  EXPECT_EQ(
      framing->closing()->data,
      R"({"event":"stop","sequenceNumber":"6","stop":{"accountSid":"A","callSid":"C"},"streamSid":"S0a"})");
}

TEST(JsonMulaw, TakesMediaMarksAndClear) {
  const auto framing = make("json-mulaw", {});
  EXPECT_EQ(read<Samples>(*framing, Kind::Text, R"({"event":"media","media":{"payload":"//8="}})").samples,
            (std::vector<int16_t>{0, 0}));
  EXPECT_EQ(read<Mark>(*framing, Kind::Text, R"({"event":"mark","streamSid":"0a","mark":{"name":"m"}})").name,
            "m");
  read<Clear>(*framing, Kind::Text, R"({"event":"clear","streamSid":"0a"})");
  EXPECT_EQ(framing->cleared({"m", "n"}).size(), 2U);
  for (const char* wrong :
       {R"({"event":"media","media":{"payload":"*"}})", R"({"event":"media"})", R"({"event":"mark"})",
        R"({"event":"clear","streamSid":"0b"})", R"({"event":"dance"})", R"({})", "[]"}) {
    EXPECT_EQ(read<Broken>(*framing, Kind::Text, wrong).code, "invalid") << wrong;
  }
  EXPECT_EQ(read<Broken>(*framing, Kind::Text, "nonsense").code, "malformed");
  EXPECT_EQ(read<Broken>(*framing, Kind::Binary, "xx").code, "malformed");
}

TEST(JsonMulaw, OneWayTakesNothingAndTellsNoDigits) {
  const auto framing = make("json-mulaw", {}, Ways::One);
  read<Ignored>(*framing, Kind::Text, R"({"event":"clear"})");
  EXPECT_FALSE(framing->digit('1', 100ms));
}

}  // namespace
}  // namespace sotto::stream
