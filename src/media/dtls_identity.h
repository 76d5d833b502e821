#pragma once

#include <memory>
#include <string>

#include "base/result.h"

struct ssl_ctx_st;

namespace sotto::media {

// A fresh self-signed certificate with its key, and what all handshakes of one server share. RFC 8122: the
// other side knows us by the fingerprint in our description, so nobody else need sign it.
class DtlsIdentity {
 public:
  static Result<std::unique_ptr<DtlsIdentity>> create();

  const std::string& fingerprint() const { return fingerprint_; }  // "sha-256 AA:BB...", as in SDP
  ssl_ctx_st* context() const { return context_.get(); }

 private:
  struct Free {
    void operator()(ssl_ctx_st* context) const noexcept;
  };
  DtlsIdentity(std::unique_ptr<ssl_ctx_st, Free> context, std::string fingerprint)
      : context_(std::move(context)), fingerprint_(std::move(fingerprint)) {}

  const std::unique_ptr<ssl_ctx_st, Free> context_;
  const std::string fingerprint_;
};

// Of a certificate in DER, by the digest that SDP names: "sha-256" and so on; empty for one that we lack.
std::string fingerprint_of(std::string_view digest, const std::string& der);

}  // namespace sotto::media
