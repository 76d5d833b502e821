#include "crypto/packet_cipher.h"

#include <string>

#include <gtest/gtest.h>

#include "crypto/digest.h"

namespace sotto::crypto {
namespace {

base::Bytes bytes_of(std::string_view hex) {
  const std::string raw = from_hex(hex).value();
  const base::ByteView view = base::as_bytes(raw);
  return {view.begin(), view.end()};
}

template <size_t kSize>
std::array<std::byte, kSize> array_of(std::string_view hex) {
  const base::Bytes bytes = bytes_of(hex);
  std::array<std::byte, kSize> array{};
  std::copy_n(bytes.begin(), kSize, array.begin());
  return array;
}

std::string hex_of(base::ByteView bytes) {
  return to_hex(base::as_text(bytes));
}

// RFC 3711 B.2.
TEST(AesCounter, MakesTheRfcsKeyStream) {
  auto cipher = AesCounter::create(bytes_of("2b7e151628aed2a6abf7158809cf4f3c"));
  ASSERT_TRUE(cipher);
  base::Bytes stream(48);
  cipher->apply(array_of<16>("f0f1f2f3f4f5f6f7f8f9fafbfcfd0000"), stream);
  EXPECT_EQ(hex_of(stream),
            "e03ead0935c95e80e166b16dd92b4eb4d23513162b02d0f72a43a2fe4a5f97ab"
            "41e95b3bb0a2e8dd477901e4fca894c0");
  base::Bytes late(48);
  cipher->apply(array_of<16>("f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff"), late);
  EXPECT_EQ(hex_of(late),
            "ec8cdf7398607cb0f2d21675ea9ea1e4362b7c3c6773516318a077d7fc5073ae"
            "6a2cc3787889374fbeb4c81b17ba6c44");
  EXPECT_FALSE(AesCounter::create(bytes_of("00")));
}

// RFC 7714 §16.1.1 and §17.1.
TEST(AesGcm, SealsAsTheRfcDoesAndOpensThatOnly) {
  const auto iv = array_of<12>("51753c6580c2726f20718414");
  const base::Bytes header = bytes_of("8040f17b8041f8d35501a0b2");
  const std::string said =
      "47616c6c696120657374206f6d6e697320646976697361"
      "20696e207061727465732074726573";
  auto cipher = AesGcm::create(bytes_of("000102030405060708090a0b0c0d0e0f"));
  ASSERT_TRUE(cipher);
  base::Bytes body = bytes_of(said);
  std::array<std::byte, AesGcm::kTagBytes> tag{};
  cipher->seal(iv, {.first = header, .second = {}}, body, tag);
  EXPECT_EQ(hex_of(body), "f24de3a3fb34de6cacba861c9d7e4bcabe633bd50d294e6f42a5f47a51c7d19b36de3adf8833");
  EXPECT_EQ(hex_of(tag), "899d7f27beb16a9152cf765ee4390cce");
  base::Bytes again = body;
  const base::ByteView halves = header;
  EXPECT_TRUE(cipher->open(iv, {.first = halves.first(5), .second = halves.subspan(5)}, again, tag));
  EXPECT_EQ(hex_of(again), said);
  tag[15] ^= std::byte{1};
  EXPECT_FALSE(cipher->open(iv, {.first = header, .second = {}}, body, tag));
}

}  // namespace
}  // namespace sotto::crypto
