#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "crypto/jwt.h"

// A token that nobody signed must never be accepted, whatever its shape.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  namespace crypto = sotto::crypto;
  static const auto key = crypto::PublicKey::from_pem(
      "-----BEGIN PUBLIC KEY-----\n"
      "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAu1SU1LfVLPHCozMxH2Mo\n"
      "4lgOEePzNm0tRgeLezV6ffAt0gunVTLw7onLRnrq0/IzW7yWR7QkrmBL7jTKEn5u\n"
      "+qKhbwKfBstIs+bMY2Zkp18gnTxKLxoS2tFczGkPLPgizskuemMghRniWaoLcyeh\n"
      "kd3qqGElvW/VDL5AaWTg0nLVkjRo9z+40RQzuVaE8AkAFmxZzow3x+VJYKdjykkJ\n"
      "0iT9wCS0DRTXu269V264Vf/3jvredZiKRkgwlL9xNAwxXFg0x/XFw005UWVRIkdg\n"
      "cKWTjpBP2dPwVZ4WWC+9aGVd+Gyn1o0CLelf4rEjGoXbAAEgAqeGUxrcIlbjXfbc\n"
      "mwIDAQAB\n"
      "-----END PUBLIC KEY-----\n");
  const std::string_view token(reinterpret_cast<const char*>(data), size);
  const auto unverified = crypto::read_unverified_jwt(token);
  const auto by_secret = crypto::verify_jwt_hs256(token, "a secret the fuzzer does not know: 0f7c2b");
  CHECK(!by_secret);
  if (key) {
    const auto by_key = crypto::verify_jwt_rs256(token, *key);
    CHECK(!by_key || unverified);
  }
  return 0;
}
