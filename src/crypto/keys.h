#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

struct evp_pkey_st;

// RSA keys as OpenSSL holds them. Immutable after creation; copies share one key; any thread.
namespace sotto::crypto {

// The numbers of a JSON web key (RFC 7517), base64url.
struct RsaJwk {
  std::string modulus;   // "n"
  std::string exponent;  // "e"
};

class PublicKey {
 public:
  // SPKI ("BEGIN PUBLIC KEY") or a certificate's key; RSA of 2,048 bits or more only.
  static Result<PublicKey> from_pem(std::string_view pem);
  static Result<PublicKey> from_jwk(const RsaJwk& jwk);

  std::string to_pem() const;
  RsaJwk to_jwk() const;
  // RSASSA-PKCS1-v1_5 with SHA-256 (the RS256 of RFC 7518).
  bool verify_rs256(std::string_view data, std::string_view signature) const;

 private:
  friend class PrivateKey;
  explicit PublicKey(std::shared_ptr<evp_pkey_st> key) : key_(std::move(key)) {}
  std::shared_ptr<evp_pkey_st> key_;
};

class PrivateKey {
 public:
  // Takes tenths of a second and OpenSSL's own random generator: worker threads only.
  static Result<PrivateKey> generate_rsa(int bits = 2048);
  // PKCS#8 or PKCS#1, unencrypted; RSA of 2,048 bits or more only.
  static Result<PrivateKey> from_pem(std::string_view pem);

  std::string to_pem() const;  // PKCS#8
  PublicKey public_key() const;
  std::string sign_rs256(std::string_view data) const;

 private:
  explicit PrivateKey(std::shared_ptr<evp_pkey_st> key) : key_(std::move(key)) {}
  std::shared_ptr<evp_pkey_st> key_;
};

}  // namespace sotto::crypto
