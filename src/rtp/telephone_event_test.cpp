#include "rtp/telephone_event.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace sotto::rtp {
namespace {

using namespace std::chrono_literals;

struct Sent {
  uint32_t timestamp;
  bool marker;
  EventPayload payload;
};

// Runs packets through a receiver, 20 ms apart, and writes what came out: "+5" began, "-5:480" ended after
// 480 ticks.
std::string received(const std::vector<Sent>& packets, uint32_t clock_rate_hz = 8'000) {
  EventReceiver receiver(clock_rate_hz);
  base::TimePoint now{1s};
  std::string text;
  const auto note = [&](const EventReceiver::Changes& changes) {
    for (const auto& change : changes) {
      const bool began = change.kind == EventReceiver::Change::Kind::Began;
      text += began ? "+" : "-";
      text += digit_of_event(change.event);
      text += began ? " " : ":" + std::to_string(change.duration) + " ";
    }
  };
  for (const Sent& packet : packets) {
    note(receiver.on_packet(packet.timestamp, packet.marker, packet.payload, now));
    note(receiver.on_time(now));
    now += 20ms;
  }
  note(receiver.on_time(now + 1s));
  return text;
}

// What a sender makes of digits; `lose(i)` says which packets get lost.
template <typename Lose>
std::vector<Sent> sent(const std::string& digits, uint32_t clock_rate_hz, base::Duration length, Lose lose) {
  EventSender sender(clock_rate_hz);
  for (const char digit : digits) EXPECT_TRUE(sender.queue(*event_of_digit(digit), length, 100ms));
  std::vector<Sent> packets;
  uint32_t timestamp = 0xFFFFFF00U;
  for (size_t i = 0; !sender.idle(); ++i) {
    const auto packet = sender.step(timestamp, clock_rate_hz / 50);
    timestamp += clock_rate_hz / 50;
    if (packet && !lose(packets.size() + i))
      packets.push_back({packet->timestamp, packet->marker, *parse_event(packet->payload)});
  }
  return packets;
}

const auto kNone = [](size_t) { return false; };

TEST(TelephoneEvent, PayloadSurvivesARoundTrip) {
  std::array<std::byte, 4> bytes{};
  write_event({.event = 11, .end = true, .volume = 63, .duration = 0xABCD}, bytes);
  const auto event = parse_event(bytes);
  ASSERT_TRUE(event);
  EXPECT_EQ(event->event, 11);
  EXPECT_TRUE(event->end);
  EXPECT_EQ(event->volume, 63);
  EXPECT_EQ(event->duration, 0xABCD);
  EXPECT_FALSE(parse_event(std::span(bytes).first(3)));
}

TEST(TelephoneEvent, DigitsAndEventsMapBothWays) {
  for (const char digit : std::string("0123456789*#ABCD"))
    EXPECT_EQ(digit_of_event(*event_of_digit(digit)), digit);
  EXPECT_EQ(event_of_digit('a'), 12);
  EXPECT_FALSE(event_of_digit('x'));
  EXPECT_EQ(digit_of_event(16), '\0');
}

TEST(TelephoneEvent, WhatIsSentIsReceivedAtEveryClock) {
  for (const uint32_t rate : {8'000U, 16'000U, 48'000U}) {
    const std::string ticks = std::to_string(rate / 10);
    EXPECT_EQ(received(sent("1#1", rate, 100ms, kNone), rate),
              "+1 -1:" + ticks + " +# -#:" + ticks + " +1 -1:" + ticks + " ");
  }
}

TEST(TelephoneEvent, OneLongerThanASegmentIsOneDigit) {
  EXPECT_EQ(received(sent("7", 8'000, 10s, kNone), 8'000), "+7 -7:80000 ");
  EXPECT_EQ(received(sent("7", 48'000, 3s, kNone), 48'000), "+7 -7:144000 ");
}

TEST(TelephoneEvent, TheSenderMarksTheFirstPacketAndRepeatsTheEnd) {
  const auto packets = sent("5", 8'000, 60ms, kNone);
  ASSERT_EQ(packets.size(), 5U);
  EXPECT_TRUE(packets[0].marker);
  EXPECT_FALSE(packets[1].marker);
  EXPECT_EQ(packets[0].payload.duration, 160);
  EXPECT_FALSE(packets[1].payload.end);
  for (size_t i = 2; i < 5; ++i) {
    EXPECT_TRUE(packets[i].payload.end);
    EXPECT_EQ(packets[i].payload.duration, 480);
    EXPECT_EQ(packets[i].timestamp, packets[0].timestamp);
  }
}

TEST(TelephoneEvent, AStoppedSenderEndsWhatSounds) {
  EventSender sender(8'000);
  sender.queue(5, 10s, 0ms);
  sender.queue(6, 10s, 0ms);
  sender.step(0, 160);
  sender.stop();
  const auto packet = sender.step(160, 160);
  ASSERT_TRUE(packet);
  EXPECT_TRUE(parse_event(packet->payload)->end);
  sender.step(320, 160);
  sender.step(480, 160);
  EXPECT_TRUE(sender.idle());
}

TEST(TelephoneEvent, AFullQueueRefuses) {
  EventSender sender(8'000);
  for (size_t i = 0; i < EventSender::kQueueMax; ++i) EXPECT_TRUE(sender.queue(1, 100ms, 100ms));
  EXPECT_FALSE(sender.queue(1, 100ms, 100ms));
}

TEST(TelephoneEvent, MarkersAreNotNeeded) {
  EXPECT_EQ(received({{0, false, {5, false, 10, 160}},
                      {0, false, {5, true, 10, 320}},
                      {800, false, {5, false, 10, 160}},
                      {800, false, {5, true, 10, 320}}}),
            "+5 -5:320 +5 -5:320 ");
}

TEST(TelephoneEvent, ALostEndIsMadeUpByTheNextDigitOrByTime) {
  EXPECT_EQ(received({{0, true, {5, false, 10, 160}}, {0, false, {5, false, 10, 320}}}), "+5 -5:320 ");
  EXPECT_EQ(received({{0, true, {5, false, 10, 160}},
                      {1'600, true, {6, false, 10, 160}},
                      {1'600, false, {6, true, 10, 320}}}),
            "+5 -5:160 +6 -6:320 ");
  EXPECT_EQ(received({{0, true, {5, false, 10, 160}},
                      {1'600, true, {5, false, 10, 160}},
                      {1'600, false, {5, true, 10, 320}}}),
            "+5 -5:160 +5 -5:320 ");
}

TEST(TelephoneEvent, AnEndAloneIsAWholeDigit) {
  EXPECT_EQ(received({{0, false, {9, true, 10, 800}}, {0, false, {9, true, 10, 800}}}), "+9 -9:800 ");
}

TEST(TelephoneEvent, LateAndRepeatedPacketsChangeNothing) {
  EXPECT_EQ(received({{0, true, {5, false, 10, 160}},
                      {0, true, {5, false, 10, 160}},
                      {0, false, {5, true, 10, 480}},
                      {0, false, {5, false, 10, 320}},
                      {0, false, {5, true, 10, 480}},
                      {1'600, true, {6, true, 10, 160}},
                      {0, false, {5, true, 10, 480}}}),
            "+5 -5:480 +6 -6:160 ");
}

TEST(TelephoneEvent, ASenderThatMovesTheTimestampWithEachPacketMakesOneDigit) {
  EXPECT_EQ(received({{0, true, {5, false, 10, 160}},
                      {160, false, {5, false, 10, 160}},
                      {320, false, {5, true, 10, 160}}}),
            "+5 -5:480 ");
}

TEST(TelephoneEvent, EveryLossThatLeavesOnePacketOfADigitKeepsTheDigit) {
  for (size_t phase = 0; phase < 3; ++phase) {
    const auto packets = sent("123456", 8'000, 100ms, [&](size_t i) { return i % 3 != phase; });
    std::string digits;
    for (const char letter : received(packets)) {
      if (!digits.empty() && digits.back() == '+') digits.back() = letter;
      if (letter == '+') digits += letter;
    }
    EXPECT_EQ(digits, "123456");
  }
}

}  // namespace
}  // namespace sotto::rtp
