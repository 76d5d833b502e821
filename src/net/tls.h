#pragma once

#include <memory>
#include <string>

#include "net/tcp.h"

typedef struct ssl_ctx_st SSL_CTX;

namespace sotto::net {

struct TlsServerOptions {
  std::string certificate_file;  // PEM, the leaf first, then its chain
  std::string key_file;          // PEM
};

struct TlsClientOptions {
  std::string ca_file;  // PEM; empty: the system's authorities
  bool verify = true;
};

// Certificates and rules for TLS 1.2 and 1.3 connections. Control thread.
class TlsContext {
 public:
  // Fails with NotFound or Invalid, naming the file.
  static Result<std::shared_ptr<TlsContext>> server(TlsServerOptions options);
  static Result<std::shared_ptr<TlsContext>> client(TlsClientOptions options);

  // Reads the server's files again. New handshakes use what they hold now, connections go on with what they
  // have. When it fails nothing changes.
  Result<void> reload();

  SSL_CTX* native() const { return context_.get(); }
  bool verifies() const { return client_.verify; }

 private:
  TlsContext() = default;
  TlsServerOptions server_;
  TlsClientOptions client_;
  std::shared_ptr<SSL_CTX> context_;
};

// Both take the stream's socket over. Fail: TimedOut after limits::kTlsHandshakeMax, Unauthorized for a
// certificate that does not verify, Closed, Invalid. An HTTP client is offered "http/1.1" by ALPN.
asio::awaitable<Result<std::unique_ptr<Stream>>> accept_tls(Loop& loop, std::shared_ptr<TlsContext> context,
                                                            std::unique_ptr<TcpStream> stream);
// `host` is what the certificate must name, and SNI, unless it is an address.
asio::awaitable<Result<std::unique_ptr<Stream>>> connect_tls(Loop& loop, std::shared_ptr<TlsContext> context,
                                                             std::unique_ptr<TcpStream> stream,
                                                             std::string host);

}  // namespace sotto::net
