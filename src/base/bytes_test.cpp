#include "base/bytes.h"

#include <array>

#include <gtest/gtest.h>

#include "base/random.h"

namespace sotto::base {
namespace {

TEST(Bytes, EveryWidthIsWrittenAndReadInNetworkOrder) {
  std::array<std::byte, 18> buffer{};
  ByteWriter writer(buffer);
  writer.u8(0x01);
  writer.u16(0x0203);
  writer.u24(0x040506);
  writer.u32(0x0708090a);
  writer.u64(0x0b0c0d0e0f101112);
  ASSERT_FALSE(writer.failed());
  ASSERT_EQ(writer.written(), buffer.size());
  for (size_t i = 0; i < buffer.size(); ++i) EXPECT_EQ(std::to_integer<size_t>(buffer[i]), i + 1);

  ByteReader reader(buffer);
  EXPECT_EQ(reader.u8(), 0x01);
  EXPECT_EQ(reader.u16(), 0x0203);
  EXPECT_EQ(reader.u24(), 0x040506u);
  EXPECT_EQ(reader.u32(), 0x0708090au);
  EXPECT_EQ(reader.u64(), 0x0b0c0d0e0f101112u);
  EXPECT_EQ(reader.left(), 0u);
  EXPECT_FALSE(reader.failed());
}

TEST(Bytes, AReadPastTheEndGivesZeroAndStaysFailed) {
  ByteReader reader(as_bytes("abc"));
  EXPECT_EQ(reader.u32(), 0u);
  EXPECT_TRUE(reader.failed());
  EXPECT_EQ(reader.left(), 3u);
  EXPECT_EQ(as_text(reader.take(2)), "ab");
  EXPECT_TRUE(reader.failed());
  EXPECT_TRUE(reader.take(2).empty());
  EXPECT_EQ(as_text(reader.rest()), "c");
}

TEST(Bytes, AWritePastTheEndIsDroppedWholeAndStaysFailed) {
  std::array<std::byte, 3> buffer{};
  ByteWriter writer(buffer);
  writer.u16(0x0102);
  writer.u16(0x0304);
  EXPECT_TRUE(writer.failed());
  EXPECT_EQ(writer.written(), 2u);
  EXPECT_EQ(buffer[2], std::byte{0});
  writer.put(as_bytes("xy"));
  EXPECT_EQ(writer.written(), 2u);
  writer.put(as_bytes("z"));
  EXPECT_EQ(writer.written(), 3u);
  EXPECT_TRUE(writer.failed());
}

TEST(Bytes, EmptyViewsAreFine) {
  ByteReader reader(ByteView{});
  EXPECT_TRUE(reader.rest().empty());
  EXPECT_FALSE(reader.failed());
  ByteWriter writer(std::span<std::byte>{});
  writer.put({});
  EXPECT_FALSE(writer.failed());
}

TEST(Bytes, RandomSequencesOfWritesReadBack) {
  SeededRandom random(3);
  for (int round = 0; round < 200; ++round) {
    std::array<std::byte, 64> buffer{};
    ByteWriter writer(buffer);
    std::vector<std::pair<size_t, uint64_t>> numbers;
    while (!writer.failed()) {
      const uint64_t value = random.next();
      switch (random.below(3)) {
        case 0: writer.u8(static_cast<uint8_t>(value)), numbers.emplace_back(1, value & 0xff); break;
        case 1: writer.u32(static_cast<uint32_t>(value)), numbers.emplace_back(4, value & 0xffffffff); break;
        default: writer.u64(value), numbers.emplace_back(8, value); break;
      }
    }
    numbers.pop_back();  // the one that did not fit
    ByteReader reader(ByteView(buffer).first(writer.written()));
    for (const auto& [width, value] : numbers) {
      EXPECT_EQ(width == 1 ? reader.u8() : width == 4 ? reader.u32() : reader.u64(), value);
    }
    EXPECT_EQ(reader.left(), 0u);
    EXPECT_FALSE(reader.failed());
  }
}

}  // namespace
}  // namespace sotto::base
