#include "crypto/keys.h"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "base/check.h"
#include "crypto/base64.h"

namespace sotto::crypto {
namespace {

constexpr int kRsaBitsMin = 2048;
constexpr int kRsaBitsMax = 8192;

template <auto Free>
struct Freer {
  template <typename T>
  void operator()(T* pointer) const {
    Free(pointer);
  }
};
using BioPtr = std::unique_ptr<BIO, Freer<BIO_free_all>>;
using KeyPtr = std::shared_ptr<EVP_PKEY>;
using KeyContextPtr = std::unique_ptr<EVP_PKEY_CTX, Freer<EVP_PKEY_CTX_free>>;
using DigestContextPtr = std::unique_ptr<EVP_MD_CTX, Freer<EVP_MD_CTX_free>>;
using BignumPtr = std::unique_ptr<BIGNUM, Freer<BN_free>>;
using ParamBuilderPtr = std::unique_ptr<OSSL_PARAM_BLD, Freer<OSSL_PARAM_BLD_free>>;
using ParamsPtr = std::unique_ptr<OSSL_PARAM, Freer<OSSL_PARAM_free>>;
using CertificatePtr = std::unique_ptr<X509, Freer<X509_free>>;

KeyPtr own(EVP_PKEY* key) {
  return KeyPtr(key, EVP_PKEY_free);
}

BioPtr reader(std::string_view text) {
  BioPtr bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  CHECK(bio != nullptr);
  return bio;
}

std::string contents(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return {data, static_cast<size_t>(size)};
}

// No prompt: a key that needs a passphrase is refused.
int no_passphrase(char*, int, int, void*) {
  return -1;
}

Result<KeyPtr> accept(KeyPtr key, std::string_view what) {
  ERR_clear_error();
  if (!key) return fail(ErrorCode::Invalid, std::string(what) + ": not a key in PEM form");
  if (EVP_PKEY_get_base_id(key.get()) != EVP_PKEY_RSA)
    return fail(ErrorCode::Unsupported, std::string(what) + ": not an RSA key");
  const int bits = EVP_PKEY_get_bits(key.get());
  if (bits < kRsaBitsMin || bits > kRsaBitsMax) {
    return fail(
        ErrorCode::OutOfRange,
        std::string(what) + ": an RSA key must have 2048 to 8192 bits, this one has " + std::to_string(bits));
  }
  return key;
}

BignumPtr number_from(std::string_view base64url) {
  const auto bytes = base64url_decode(base64url);
  if (!bytes || bytes->empty() || bytes->size() > kRsaBitsMax / 8) return nullptr;
  return BignumPtr(BN_bin2bn(reinterpret_cast<const unsigned char*>(bytes->data()),
                             static_cast<int>(bytes->size()), nullptr));
}

std::string number_of(EVP_PKEY* key, const char* name) {
  BIGNUM* raw = nullptr;
  CHECK(EVP_PKEY_get_bn_param(key, name, &raw) == 1);
  const BignumPtr number(raw);
  std::string bytes(static_cast<size_t>(BN_num_bytes(number.get())), '\0');
  BN_bn2bin(number.get(), reinterpret_cast<unsigned char*>(bytes.data()));
  return base64url_encode(bytes);
}

}  // namespace

Result<PublicKey> PublicKey::from_pem(std::string_view pem) {
  EVP_PKEY* raw = PEM_read_bio_PUBKEY(reader(pem).get(), nullptr, no_passphrase, nullptr);
  if (raw == nullptr) {
    const CertificatePtr certificate(PEM_read_bio_X509(reader(pem).get(), nullptr, no_passphrase, nullptr));
    if (certificate) raw = X509_get_pubkey(certificate.get());
  }
  auto key = accept(own(raw), "public key");
  if (!key) return fail(key.error());
  return PublicKey(std::move(*key));
}

Result<PublicKey> PublicKey::from_jwk(const RsaJwk& jwk) {
  const BignumPtr modulus = number_from(jwk.modulus);
  const BignumPtr exponent = number_from(jwk.exponent);
  if (!modulus) return fail(ErrorCode::Invalid, "jwk: n is not a base64url number");
  if (!exponent) return fail(ErrorCode::Invalid, "jwk: e is not a base64url number");
  const ParamBuilderPtr builder(OSSL_PARAM_BLD_new());
  CHECK(builder && OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, modulus.get()) == 1 &&
        OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, exponent.get()) == 1);
  const ParamsPtr params(OSSL_PARAM_BLD_to_param(builder.get()));
  const KeyContextPtr context(EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr));
  EVP_PKEY* raw = nullptr;
  CHECK(params && context && EVP_PKEY_fromdata_init(context.get()) == 1);
  if (EVP_PKEY_fromdata(context.get(), &raw, EVP_PKEY_PUBLIC_KEY, params.get()) != 1) raw = nullptr;
  auto key = accept(own(raw), "jwk");
  if (!key) return fail(key.error());
  return PublicKey(std::move(*key));
}

std::string PublicKey::to_pem() const {
  const BioPtr bio(BIO_new(BIO_s_mem()));
  CHECK(bio && PEM_write_bio_PUBKEY(bio.get(), key_.get()) == 1);
  return contents(bio.get());
}

RsaJwk PublicKey::to_jwk() const {
  return {number_of(key_.get(), OSSL_PKEY_PARAM_RSA_N), number_of(key_.get(), OSSL_PKEY_PARAM_RSA_E)};
}

bool PublicKey::verify_rs256(std::string_view data, std::string_view signature) const {
  const DigestContextPtr context(EVP_MD_CTX_new());
  CHECK(context && EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key_.get()) == 1);
  const int verified =
      EVP_DigestVerify(context.get(), reinterpret_cast<const unsigned char*>(signature.data()),
                       signature.size(), reinterpret_cast<const unsigned char*>(data.data()), data.size());
  ERR_clear_error();
  return verified == 1;
}

Result<PrivateKey> PrivateKey::generate_rsa(int bits) {
  if (bits < kRsaBitsMin || bits > kRsaBitsMax) {
    return fail(ErrorCode::OutOfRange, "RSA key: 2048 to 8192 bits are allowed, not " + std::to_string(bits));
  }
  EVP_PKEY* raw = EVP_RSA_gen(static_cast<unsigned int>(bits));
  if (raw == nullptr) return fail(ErrorCode::Internal, "RSA key: generation failed");
  return PrivateKey(own(raw));
}

Result<PrivateKey> PrivateKey::from_pem(std::string_view pem) {
  auto key =
      accept(own(PEM_read_bio_PrivateKey(reader(pem).get(), nullptr, no_passphrase, nullptr)), "private key");
  if (!key) return fail(key.error());
  return PrivateKey(std::move(*key));
}

std::string PrivateKey::to_pem() const {
  const BioPtr bio(BIO_new(BIO_s_mem()));
  CHECK(bio &&
        PEM_write_bio_PKCS8PrivateKey(bio.get(), key_.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1);
  return contents(bio.get());
}

PublicKey PrivateKey::public_key() const {
  // OpenSSL's public operations and writers use the public half only, so the key itself can be shared.
  return PublicKey(key_);
}

std::string PrivateKey::sign_rs256(std::string_view data) const {
  const DigestContextPtr context(EVP_MD_CTX_new());
  CHECK(context && EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key_.get()) == 1);
  std::string signature(static_cast<size_t>(EVP_PKEY_get_size(key_.get())), '\0');
  size_t size = signature.size();
  CHECK(EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                       reinterpret_cast<const unsigned char*>(data.data()), data.size()) == 1);
  signature.resize(size);
  return signature;
}

}  // namespace sotto::crypto
