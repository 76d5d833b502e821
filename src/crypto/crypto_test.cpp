#include <gtest/gtest.h>

#include "base/random.h"
#include "crypto/base64.h"
#include "crypto/digest.h"
#include "crypto/jwt.h"
#include "crypto/keys.h"
#include "crypto/password.h"

namespace sotto::crypto {
namespace {

const PrivateKey& test_key() {
  static const PrivateKey key = *PrivateKey::generate_rsa();
  return key;
}

TEST(Digest, GivesThePublishedDigestsOfAbc) {
  EXPECT_EQ(digest_hex(Digest::Md5, "abc"), "900150983cd24fb0d6963f7d28e17f72");
  EXPECT_EQ(digest_hex(Digest::Sha1, "abc"), "a9993e364706816aba3e25717850c26c9cd0d89d");
  EXPECT_EQ(digest_hex(Digest::Sha256, "abc"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(digest_hex(Digest::Sha512Slash256, "abc"),
            "53048e2681941ef99b2e29b76b4c7dabe4c2d0c634fc6d46e0e2f13107e7af23");
  EXPECT_EQ(digest_of(Digest::Sha512, "abc").size(), digest_size(Digest::Sha512));
}

TEST(Digest, HmacFollowsRfc4231) {
  EXPECT_EQ(to_hex(hmac(Digest::Sha256, "Jefe", "what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(to_hex(hmac(Digest::Sha1, "", "")), "fbdb1d1b18aa6c08324b7d64b71fb76370690e1d");
}

// twilio.md §3.10, vectors D1, V4 and V6.
TEST(Digest, HmacSha1GivesTwilioSignatures) {
  EXPECT_EQ(base64_encode(
                hmac(Digest::Sha1, "12345",
                     "https://mycompany.com/myapp.php?foo=1&bar=2CallSidCA1234567890ABCDECaller+12349013030"
                     "Digits1234From+12349013030To+18005551212")),
            "0/KCTR6DLpKmkAf8muzZqo1nDgQ=");
  EXPECT_EQ(base64_encode(
                hmac(Digest::Sha1, "2b7e151628aed2a6abf7158809cf4f3c", "https://app.example.com/eB2a3b1")),
            "kWSCBjKC/1m3Sx8//CqEMzeoBSo=");
}

TEST(Digest, HexGoesBothWaysAndRefusesOtherText) {
  EXPECT_EQ(to_hex(std::string_view("\x00\xff\x10", 3)), "00ff10");
  EXPECT_EQ(from_hex("00FF10"), std::string("\x00\xff\x10", 3));
  EXPECT_FALSE(from_hex("0"));
  EXPECT_FALSE(from_hex("0g"));
}

TEST(Digest, ComparesInConstantTime) {
  EXPECT_TRUE(equal_in_constant_time("", ""));
  EXPECT_TRUE(equal_in_constant_time("secret", "secret"));
  EXPECT_FALSE(equal_in_constant_time("secret", "secreT"));
  EXPECT_FALSE(equal_in_constant_time("secret", "secrets"));
}

TEST(Base64, FollowsTheVectorsOfRfc4648) {
  const std::pair<std::string_view, std::string_view> vectors[] = {
      {"", ""}, {"f", "Zg=="}, {"fo", "Zm8="}, {"foo", "Zm9v"}, {"foob", "Zm9vYg=="}, {"foobar", "Zm9vYmFy"}};
  for (const auto& [plain, encoded] : vectors) {
    EXPECT_EQ(base64_encode(plain), encoded);
    EXPECT_EQ(base64_decode(encoded), plain);
  }
  EXPECT_EQ(base64url_encode("\xfb\xff"), "-_8");
  EXPECT_EQ(base64url_decode("-_8"), "\xfb\xff");
  EXPECT_EQ(base64_decode("Zg"), "f");
}

TEST(Base64, RefusesWhatNoEncoderWrites) {
  for (const std::string_view bad : {"Z", "Zg=", "Zg===", "Zh==", "Z g=", "Zm9v=", "=", "-_8=", "Zg==Zg=="}) {
    EXPECT_FALSE(base64_decode(bad)) << bad;
  }
  EXPECT_FALSE(base64url_decode("+/8"));
}

TEST(Password, RecognisesOnlyTheRightOne) {
  base::SeededRandom random(1);
  const std::string stored = hash_password("correct horse", random);
  EXPECT_TRUE(verify_password("correct horse", stored));
  EXPECT_FALSE(verify_password("correct horsf", stored));
  EXPECT_NE(stored, hash_password("correct horse", random));
}

TEST(Password, RefusesStoredTextThatIsNotItsOwn) {
  for (const std::string_view bad :
       {"", "scrypt", "scrypt$16384$$", "md5$1$AA$AA", "scrypt$x$AA$AA", "scrypt$1099511627776$AAAA$AAAA"}) {
    EXPECT_FALSE(verify_password("", bad)) << bad;
  }
}

TEST(Password, TokensAreSafeInHeadersAndFormsAndFoundByFingerprint) {
  base::SeededRandom random(2);
  const std::string token = make_token(random);
  EXPECT_EQ(token.size(), 43u);
  EXPECT_EQ(token.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
            std::string::npos);
  EXPECT_NE(token, make_token(random));
  EXPECT_EQ(token_fingerprint(token).size(), 64u);
}

TEST(Keys, PemsAreInTheFormsThatVendorsHandOut) {
  const std::string private_pem = test_key().to_pem();
  const std::string public_pem = test_key().public_key().to_pem();
  EXPECT_TRUE(private_pem.starts_with("-----BEGIN PRIVATE KEY-----\n"));
  EXPECT_TRUE(public_pem.starts_with("-----BEGIN PUBLIC KEY-----\n"));
  const auto again = PrivateKey::from_pem(private_pem);
  const auto public_again = PublicKey::from_pem(public_pem);
  ASSERT_TRUE(again && public_again);
  EXPECT_TRUE(public_again->verify_rs256("text", again->sign_rs256("text")));
  EXPECT_FALSE(public_again->verify_rs256("texT", again->sign_rs256("text")));
  EXPECT_FALSE(public_again->verify_rs256("text", ""));
}

TEST(Keys, JwkGoesBothWays) {
  const RsaJwk jwk = test_key().public_key().to_jwk();
  EXPECT_EQ(jwk.exponent, "AQAB");
  const auto key = PublicKey::from_jwk(jwk);
  ASSERT_TRUE(key);
  EXPECT_EQ(key->to_pem(), test_key().public_key().to_pem());
  EXPECT_FALSE(PublicKey::from_jwk({"!", "AQAB"}));
  EXPECT_FALSE(PublicKey::from_jwk({"AQAB", "AQAB"}));
}

TEST(Keys, RefusesWeakOtherAndBrokenKeys) {
  EXPECT_FALSE(PrivateKey::generate_rsa(1024));
  EXPECT_EQ(PublicKey::from_pem("no key").error().code, ErrorCode::Invalid);
  EXPECT_FALSE(PublicKey::from_pem(""));
  EXPECT_FALSE(PublicKey::from_pem(test_key().to_pem()));
  EXPECT_EQ(PublicKey::from_pem("-----BEGIN PUBLIC KEY-----\n"
                                "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEEVs/o5+uQbTjL3chynL4wXgUg2R9\n"
                                "q9UU8I5mEovUf86QZ7kOBIjJwqnzD1omageEHWwHdBO6B+dFabmdT9POxg==\n"
                                "-----END PUBLIC KEY-----\n")
                .error()
                .code,
            ErrorCode::Unsupported);
}

TEST(Jwt, Rs256GoesBothWays) {
  const std::string token = sign_jwt_rs256(R"({"application_id":"a"})", test_key());
  EXPECT_EQ(verify_jwt_rs256(token, test_key().public_key()).value(), R"({"application_id":"a"})");
  EXPECT_EQ(read_unverified_jwt(token)->claims, R"({"application_id":"a"})");
}

// The token of RFC 7515 appendix A.1.
TEST(Jwt, Hs256VerifiesTheTokenOfRfc7515) {
  const auto key = base64url_decode(
      "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow");
  const auto claims = verify_jwt_hs256(
      "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9."
      "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ."
      "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
      *key);
  ASSERT_TRUE(claims);
  EXPECT_TRUE(claims->starts_with(R"({"iss":"joe",)"));
}

TEST(Jwt, RefusesAnHs256TokenKeyedWithThePublicPem) {
  const std::string forged = sign_jwt_hs256("{}", test_key().public_key().to_pem());
  const auto refused = verify_jwt_rs256(forged, test_key().public_key());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::Unauthorized);
}

TEST(Jwt, RefusesEveryOtherAlgorithmAndHeaderTrick) {
  const auto with_header = [](std::string_view header) {
    const std::string text = base64url_encode(header) + "." + base64url_encode("{}");
    return text + "." + base64url_encode(test_key().sign_rs256(text));
  };
  const PublicKey key = test_key().public_key();
  EXPECT_TRUE(verify_jwt_rs256(with_header(R"( { "typ" : "JWT" , "kid" : 7, "alg" : "RS256" } )"), key));
  for (const std::string_view header :
       {R"({"alg":"none"})", R"({"alg":"HS256"})", R"({"alg":"rs256"})", R"({"alg":"RS256","crit":"b64"})",
        R"({"alg":"RS256","alg":"RS256"})", R"({"\u0061lg":"RS256"})", R"({"alg":RS256})", R"({"typ":"JWT"})",
        "{}", "", R"({"alg":"RS256"}x)", R"({"alg":"RS256","a":{}})", R"({"alg":"RS256",})"}) {
    EXPECT_FALSE(verify_jwt_rs256(with_header(header), key)) << header;
  }
}

TEST(Jwt, RefusesTokensOfTheWrongShape) {
  for (const std::string_view token : {"", ".", "..", "a.b", "a.b.c.d", "e30.e30.", "!.e30.e30"}) {
    EXPECT_FALSE(verify_jwt_hs256(token, "secret")) << token;
  }
  EXPECT_EQ(verify_jwt_hs256(std::string(20'000, 'a'), "secret").error().code, ErrorCode::TooLarge);
}

TEST(Jwt, AnEmptySecretOpensNothing) {
  EXPECT_FALSE(verify_jwt_hs256(sign_jwt_hs256("{}", ""), ""));
}

TEST(Jwt, CarriesTheHeaderOfTwilioAccessTokens) {
  const std::string header = R"({"alg":"HS256","typ":"JWT","cty":"twilio-fpa;v=1"})";
  const std::string token = sign_jwt_hs256("{}", "secret", header);
  EXPECT_EQ(read_unverified_jwt(token)->header, header);
  EXPECT_TRUE(verify_jwt_hs256(token, "secret"));
}

}  // namespace
}  // namespace sotto::crypto
