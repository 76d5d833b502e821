#include "base/keyed_hash.h"

#include <array>
#include <bit>
#include <cstring>

namespace sotto::base {
namespace {

constexpr size_t kWord = sizeof(uint64_t);

// The bytes of `text`, at most eight, as a number whose first byte is the lowest.
uint64_t read_word(std::string_view text) {
  std::array<char, kWord> bytes{};
  std::memcpy(bytes.data(), text.data(), text.size());
  const auto word = std::bit_cast<uint64_t>(bytes);
  return std::endian::native == std::endian::little ? word : __builtin_bswap64(word);
}

struct State {
  uint64_t v0, v1, v2, v3;

  void round() {
    v0 += v1;
    v1 = std::rotl(v1, 13) ^ v0;
    v0 = std::rotl(v0, 32);
    v2 += v3;
    v3 = std::rotl(v3, 16) ^ v2;
    v0 += v3;
    v3 = std::rotl(v3, 21) ^ v0;
    v2 += v1;
    v1 = std::rotl(v1, 17) ^ v2;
    v2 = std::rotl(v2, 32);
  }
  void add(uint64_t word) {
    v3 ^= word;
    round();
    round();
    v0 ^= word;
  }
};

}  // namespace

uint64_t KeyedHash::operator()(std::string_view text) const {
  State state{low_ ^ 0x736f6d6570736575, high_ ^ 0x646f72616e646f6d, low_ ^ 0x6c7967656e657261,
              high_ ^ 0x7465646279746573};
  const uint64_t length = uint64_t{text.size()} << 56;
  for (; text.size() >= kWord; text.remove_prefix(kWord)) state.add(read_word(text.substr(0, kWord)));
  state.add(length | read_word(text));
  state.v2 ^= 0xff;
  for (int i = 0; i < 4; ++i) state.round();
  return state.v0 ^ state.v1 ^ state.v2 ^ state.v3;
}

}  // namespace sotto::base
