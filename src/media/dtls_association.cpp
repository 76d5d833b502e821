#include "media/dtls_association.h"

#include <algorithm>
#include <array>
#include <cctype>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <sys/time.h>

namespace sotto::media {
namespace {

constexpr long kMtu = 1200;
constexpr size_t kRecordHeadBytes = 13;
constexpr std::string_view kExporter = "EXTRACTOR-dtls_srtp";

BIO* make_bio() {
  BIO* const bio = BIO_new(BIO_s_mem());
  // An empty one has nothing yet, rather than being at its end.
  if (bio != nullptr) BIO_set_mem_eof_return(bio, -1);
  return bio;
}

std::string last_error() {
  const unsigned long code = ERR_get_error();
  ERR_clear_error();
  const char* const reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  return reason == nullptr ? "dtls: handshake failed" : std::string("dtls: ") + reason;
}

std::optional<rtp::SrtpSuite> suite_of(const SRTP_PROTECTION_PROFILE* profile) {
  if (profile == nullptr) return std::nullopt;
  if (profile->id == SRTP_AEAD_AES_128_GCM) return rtp::SrtpSuite::Aead128Gcm;
  if (profile->id == SRTP_AES128_CM_SHA1_80) return rtp::SrtpSuite::Aes128CmSha1_80;
  return std::nullopt;
}

bool equal_in_any_case(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) {
    return std::tolower(static_cast<unsigned char>(x)) == std::tolower(static_cast<unsigned char>(y));
  });
}

}  // namespace

void DtlsAssociation::FreeSsl::operator()(ssl_st* ssl) const noexcept {
  SSL_free(ssl);
}

DtlsAssociation::DtlsAssociation(std::unique_ptr<ssl_st, FreeSsl> ssl, Role role, std::string fingerprint)
    : ssl_(std::move(ssl)),
      in_(SSL_get_rbio(ssl_.get())),
      out_(SSL_get_wbio(ssl_.get())),
      role_(role),
      fingerprint_(std::move(fingerprint)) {}

DtlsAssociation::~DtlsAssociation() = default;

Result<std::unique_ptr<DtlsAssociation>> DtlsAssociation::create(const DtlsIdentity& identity, Role role,
                                                                 std::string fingerprint) {
  std::unique_ptr<ssl_st, FreeSsl> ssl(SSL_new(identity.context()));
  BIO* const in = make_bio();
  BIO* const out = make_bio();
  if (ssl == nullptr || in == nullptr || out == nullptr) {
    BIO_free(in);
    BIO_free(out);
    return fail(ErrorCode::Internal, "dtls: no memory");
  }
  SSL_set_bio(ssl.get(), in, out);
  SSL_set_options(ssl.get(), SSL_OP_NO_QUERY_MTU);
  DTLS_set_link_mtu(ssl.get(), kMtu);
  if (role == Role::Client) {
    SSL_set_connect_state(ssl.get());
  } else {
    SSL_set_accept_state(ssl.get());
  }
  return std::unique_ptr<DtlsAssociation>(new DtlsAssociation(std::move(ssl), role, std::move(fingerprint)));
}

DtlsAssociation::Datagrams DtlsAssociation::start() {
  if (role_ == Role::Client) advance();
  return take_output();
}

DtlsAssociation::Datagrams DtlsAssociation::on_datagram(base::ByteView datagram) {
  if (state_ == State::Failed || datagram.empty()) return {};
  if (BIO_write(in_, datagram.data(), static_cast<int>(datagram.size())) <= 0) return {};
  advance();
  return take_output();
}

DtlsAssociation::Datagrams DtlsAssociation::on_time() {
  if (state_ != State::Shaking) return {};
  if (DTLSv1_handle_timeout(ssl_.get()) < 0) end(last_error());
  return take_output();
}

std::optional<std::chrono::microseconds> DtlsAssociation::next_timeout() const {
  timeval left{};
  if (state_ != State::Shaking || DTLSv1_get_timeout(ssl_.get(), &left) != 1) return std::nullopt;
  return std::chrono::seconds(left.tv_sec) + std::chrono::microseconds(left.tv_usec);
}

void DtlsAssociation::advance() {
  ERR_clear_error();
  if (state_ == State::Done) {
    // A flight sent again, or the far end's farewell: reading answers the one and swallows the other.
    std::array<char, 64> nothing;
    [[maybe_unused]] const int read = SSL_read(ssl_.get(), nothing.data(), static_cast<int>(nothing.size()));
    ERR_clear_error();
    return;
  }
  const int done = SSL_do_handshake(ssl_.get());
  if (done == 1) return finish();
  const int error = SSL_get_error(ssl_.get(), done);
  if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE) end(last_error());
}

void DtlsAssociation::finish() {
  if (!is_expected_certificate()) return end("dtls: the certificate is not the one described");
  const auto keys = export_keys();
  if (!keys) return end(keys.error().detail);
  keys_ = *keys;
  state_ = State::Done;
}

void DtlsAssociation::end(std::string error) {
  state_ = State::Failed;
  error_ = std::move(error);
}

bool DtlsAssociation::is_expected_certificate() const {
  const std::unique_ptr<X509, decltype(&X509_free)> certificate(SSL_get1_peer_certificate(ssl_.get()),
                                                                X509_free);
  if (certificate == nullptr) return false;
  unsigned char* bytes = nullptr;
  const int length = i2d_X509(certificate.get(), &bytes);
  if (length <= 0) return false;
  const std::string der(reinterpret_cast<const char*>(bytes), static_cast<size_t>(length));
  OPENSSL_free(bytes);
  const std::string_view digest = std::string_view(fingerprint_).substr(0, fingerprint_.find(' '));
  return equal_in_any_case(fingerprint_of(digest, der), fingerprint_);
}

Result<DtlsAssociation::Keys> DtlsAssociation::export_keys() const {
  const auto suite = suite_of(SSL_get_selected_srtp_profile(ssl_.get()));
  if (!suite) return fail(ErrorCode::Unsupported, "dtls: no SRTP profile in common");
  std::array<std::byte, rtp::SrtpKey::kBytesMax * 2> material{};
  const auto used = std::span(material).first(2 * rtp::srtp_key_bytes(*suite));
  if (SSL_export_keying_material(ssl_.get(), reinterpret_cast<unsigned char*>(used.data()), used.size(),
                                 kExporter.data(), kExporter.size(), nullptr, 0, 0) != 1) {
    return fail(ErrorCode::Internal, last_error());
  }
  const auto keys = rtp::split_dtls_keys(*suite, used);
  if (!keys) return fail(keys.error());
  return role_ == Role::Client ? Keys{keys->client, keys->server} : Keys{keys->server, keys->client};
}

// OpenSSL writes record after record: as many go into a datagram as the path takes.
DtlsAssociation::Datagrams DtlsAssociation::take_output() {
  Datagrams datagrams;
  char* data = nullptr;
  const long size = BIO_get_mem_data(out_, &data);
  base::ByteView rest(reinterpret_cast<const std::byte*>(data), static_cast<size_t>(std::max(size, 0L)));
  while (rest.size() >= kRecordHeadBytes) {
    const size_t length = base::ByteReader(rest.subspan(kRecordHeadBytes - 2, 2)).u16();
    const base::ByteView record = rest.first(std::min(kRecordHeadBytes + length, rest.size()));
    rest = rest.subspan(record.size());
    const bool fits = !datagrams.empty() && datagrams.back().size() + record.size() <= kMtu;
    if (!fits) datagrams.emplace_back();
    datagrams.back().insert(datagrams.back().end(), record.begin(), record.end());
  }
  [[maybe_unused]] const int emptied = BIO_reset(out_);
  return datagrams;
}

}  // namespace sotto::media
