#include <gtest/gtest.h>

#include "media/address.h"
#include "media/stream_ring.h"
#include "media/tap_ring.h"

namespace sotto::media {
namespace {

TEST(StreamRing, TakesWhatFitsAndGivesItBackInOrder) {
  StreamRing ring(8000, std::chrono::milliseconds(10));
  std::vector<int16_t> in(100);
  for (size_t i = 0; i < in.size(); ++i) in[i] = static_cast<int16_t>(i);
  std::vector<int16_t> out(60);
  EXPECT_EQ(ring.write(in), 80U);
  EXPECT_EQ(ring.read(out), 60U);
  EXPECT_EQ(out[59], 59);
  EXPECT_EQ(ring.write(std::span(in).subspan(80)), 20U);
  EXPECT_EQ(ring.read(out), 40U);
  EXPECT_EQ(out[39], 99);
  EXPECT_FALSE(ring.finished());
  ring.close();
  EXPECT_TRUE(ring.finished());
}

TEST(StreamRing, ClearSkipsWhatWasNotPlayed) {
  StreamRing ring(8000, std::chrono::milliseconds(10));
  ring.write(std::vector<int16_t>(50, 1));
  ring.clear();
  ring.write(std::vector<int16_t>(10, 2));
  std::vector<int16_t> out(80);
  EXPECT_EQ(ring.read(out), 10U);
  EXPECT_EQ(out[0], 2);
}

TEST(TapRing, WhatIsLostIsReadAsSilence) {
  TapRing ring(2, 8000);
  TapReader reader(std::shared_ptr<TapRing>(&ring, [](TapRing*) {}));
  size_t committed = 0;
  for (; !ring.begin_block().empty(); ++committed) ring.commit_block();
  EXPECT_EQ(committed, 200U);
  ring.skip_block();
  ring.skip_block();
  for (size_t i = 0; i < committed; ++i) reader.release();
  EXPECT_TRUE(reader.front().samples.empty());
  ring.begin_block()[160] = 7;
  ring.commit_block();
  ring.finish();
  EXPECT_FALSE(reader.finished());
  EXPECT_EQ(reader.front().silent_before, 2U);
  EXPECT_EQ(reader.front().samples[160], 7);
  reader.release();
  EXPECT_TRUE(reader.finished());
}

TEST(SocketAddress, ParsesAndWritesBothFamilies) {
  EXPECT_EQ(SocketAddress::parse("192.0.2.1", 4000)->text(), "192.0.2.1:4000");
  EXPECT_EQ(SocketAddress::parse("2001:db8::1", 4000)->with_port(4001).text(), "[2001:db8::1]:4001");
  EXPECT_FALSE(SocketAddress::parse("example.com", 1));
  EXPECT_EQ(*SocketAddress::parse("192.0.2.1", 1), *SocketAddress::parse("192.0.2.1", 1));
  EXPECT_FALSE(*SocketAddress::parse("192.0.2.1", 1) == *SocketAddress::parse("192.0.2.1", 2));
}

}  // namespace
}  // namespace sotto::media
