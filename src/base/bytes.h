#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <vector>

namespace sotto::base {

using Bytes = std::vector<std::byte>;
using ByteView = std::span<const std::byte>;

inline ByteView as_bytes(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

inline std::string_view as_text(ByteView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// Reads network byte order from a view. A read past the end yields 0 and sets failed(), which stays set:
// a parser reads a whole structure and asks once.
class ByteReader {
 public:
  explicit ByteReader(ByteView bytes) : bytes_(bytes) {}

  uint8_t u8() { return static_cast<uint8_t>(take_number(1)); }
  uint16_t u16() { return static_cast<uint16_t>(take_number(2)); }
  uint32_t u24() { return static_cast<uint32_t>(take_number(3)); }
  uint32_t u32() { return static_cast<uint32_t>(take_number(4)); }
  uint64_t u64() { return take_number(8); }
  ByteView take(size_t count) {
    if (count > bytes_.size()) {
      failed_ = true;
      count = 0;
    }
    const ByteView taken = bytes_.first(count);
    bytes_ = bytes_.subspan(count);
    return taken;
  }
  ByteView rest() { return take(bytes_.size()); }
  size_t left() const { return bytes_.size(); }
  bool failed() const { return failed_; }

 private:
  uint64_t take_number(size_t count) {
    uint64_t value = 0;
    for (const std::byte byte : take(count)) value = value << 8 | std::to_integer<uint64_t>(byte);
    return value;
  }

  ByteView bytes_;
  bool failed_ = false;
};

// Writes network byte order into a caller's buffer. A write past the end is dropped and sets failed().
class ByteWriter {
 public:
  explicit ByteWriter(std::span<std::byte> buffer) : buffer_(buffer) {}

  void u8(uint8_t value) { put_number(value, 1); }
  void u16(uint16_t value) { put_number(value, 2); }
  void u24(uint32_t value) { put_number(value, 3); }
  void u32(uint32_t value) { put_number(value, 4); }
  void u64(uint64_t value) { put_number(value, 8); }
  void put(ByteView bytes) {
    if (bytes.size() > buffer_.size() - written_) {
      failed_ = true;
      return;
    }
    if (!bytes.empty()) std::memcpy(buffer_.data() + written_, bytes.data(), bytes.size());
    written_ += bytes.size();
  }
  size_t written() const { return written_; }
  bool failed() const { return failed_; }

 private:
  void put_number(uint64_t value, size_t count) {
    if (count > buffer_.size() - written_) {
      failed_ = true;
      return;
    }
    for (size_t i = count; i-- > 0;) buffer_[written_++] = static_cast<std::byte>(value >> (8 * i));
  }

  std::span<std::byte> buffer_;
  size_t written_ = 0;
  bool failed_ = false;
};

}  // namespace sotto::base
