#include "crypto/hmac_sha1.h"

#include <gtest/gtest.h>

#include "crypto/digest.h"

namespace sotto::crypto {
namespace {

std::string hex_of(base::ByteView bytes) {
  return to_hex(base::as_text(bytes));
}

// RFC 2202 §3.
TEST(HmacSha1, MakesTheRfcsCodesAgainAndAgain) {
  const HmacSha1 code(base::Bytes(20, std::byte{0x0B}));
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(hex_of(code.code_of(base::as_bytes("Hi "), base::as_bytes("There"))),
              "b617318655057264e28bc0b6fb378c8ef146be00");
  }
  const HmacSha1 jefe(base::as_bytes("Jefe"));
  EXPECT_EQ(hex_of(jefe.code_of(base::as_bytes("what do ya want for nothing?"), {})),
            "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
}

}  // namespace
}  // namespace sotto::crypto
