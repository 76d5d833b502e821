#include "media/dtls_identity.h"

#include <algorithm>
#include <array>

#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

namespace sotto::media {
namespace {

constexpr long kDay = 24 * 60 * 60;
constexpr long kValidDays = 365;
// Best first; RFC 7714 and 5764.
constexpr const char* kProfiles = "SRTP_AEAD_AES_128_GCM:SRTP_AES128_CM_SHA1_80";
constexpr const char* kCiphers = "ECDHE+AESGCM:ECDHE+CHACHA20:ECDHE+AES128";

template <auto kFree>
struct FreeBy {
  template <typename T>
  void operator()(T* object) const noexcept {
    kFree(object);
  }
};
using Key = std::unique_ptr<EVP_PKEY, FreeBy<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, FreeBy<X509_free>>;

Certificate make_certificate(EVP_PKEY* key) {
  Certificate certificate(X509_new());
  uint64_t serial = 0;
  if (certificate == nullptr || RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof(serial)) != 1)
    return nullptr;
  X509* const x509 = certificate.get();
  X509_NAME* const name = X509_get_subject_name(x509);
  const auto* const common = reinterpret_cast<const unsigned char*>("sotto");
  const bool made = X509_set_version(x509, X509_VERSION_3) == 1 &&
                    ASN1_INTEGER_set_uint64(X509_get_serialNumber(x509), serial >> 1) == 1 &&
                    X509_gmtime_adj(X509_getm_notBefore(x509), -kDay) != nullptr &&
                    X509_gmtime_adj(X509_getm_notAfter(x509), kValidDays * kDay) != nullptr &&
                    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, common, -1, -1, 0) == 1 &&
                    X509_set_issuer_name(x509, name) == 1 && X509_set_pubkey(x509, key) == 1 &&
                    X509_sign(x509, key, EVP_sha256()) > 0;
  return made ? std::move(certificate) : nullptr;
}

// Any certificate will do at first: its fingerprint decides once the handshake is over.
int accept_any(int, X509_STORE_CTX*) {
  return 1;
}

bool prepare(SSL_CTX* context, X509* certificate, EVP_PKEY* key) {
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, accept_any);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_options(context, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION);
  // The last of these returns 0 for success.
  return SSL_CTX_set_min_proto_version(context, DTLS1_2_VERSION) == 1 &&
         SSL_CTX_set_cipher_list(context, kCiphers) == 1 &&
         SSL_CTX_use_certificate(context, certificate) == 1 && SSL_CTX_use_PrivateKey(context, key) == 1 &&
         SSL_CTX_set_tlsext_use_srtp(context, kProfiles) == 0;
}

std::string der_of(X509* certificate) {
  unsigned char* bytes = nullptr;
  const int length = i2d_X509(certificate, &bytes);
  if (length <= 0) return {};
  std::string der(reinterpret_cast<const char*>(bytes), static_cast<size_t>(length));
  OPENSSL_free(bytes);
  return der;
}

}  // namespace

std::string fingerprint_of(std::string_view digest, const std::string& der) {
  std::string name(digest);
  std::erase(name, '-');  // OpenSSL says SHA256
  const EVP_MD* const md = EVP_get_digestbyname(name.c_str());
  std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
  unsigned int size = 0;
  if (md == nullptr || EVP_Digest(der.data(), der.size(), bytes.data(), &size, md, nullptr) != 1) return {};
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string text(digest);
  for (unsigned int i = 0; i < size; ++i) {
    text += i == 0 ? ' ' : ':';
    text += kHex[bytes[i] >> 4];
    text += kHex[bytes[i] & 0x0F];
  }
  return text;
}

void DtlsIdentity::Free::operator()(ssl_ctx_st* context) const noexcept {
  SSL_CTX_free(context);
}

Result<std::unique_ptr<DtlsIdentity>> DtlsIdentity::create() {
  const Key key(EVP_EC_gen("P-256"));
  const Certificate certificate = key == nullptr ? nullptr : make_certificate(key.get());
  std::unique_ptr<ssl_ctx_st, Free> context(SSL_CTX_new(DTLS_method()));
  if (certificate == nullptr || context == nullptr || !prepare(context.get(), certificate.get(), key.get())) {
    return fail(ErrorCode::Internal, "dtls: no certificate can be made");
  }
  std::string fingerprint = fingerprint_of("sha-256", der_of(certificate.get()));
  std::unique_ptr<DtlsIdentity> self(new DtlsIdentity(std::move(context), std::move(fingerprint)));
  return self;
}

}  // namespace sotto::media
