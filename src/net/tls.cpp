#include "net/tls.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "base/limits.h"
#include "net/deadline.h"

namespace sotto::net {
namespace {

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);

std::string openssl_message() {
  const unsigned long code = ERR_peek_last_error();
  ERR_clear_error();
  if (code == 0) return "unexpected end";
  char text[256];
  ERR_error_string_n(code, text, sizeof(text));
  return text;
}

// "http/1.1" if the client offers it; else no agreement, which every client accepts.
int select_protocol(SSL*, const unsigned char** out, unsigned char* out_size, const unsigned char* in,
                    unsigned int in_size, void*) {
  static constexpr unsigned char kOurs[] = "\x08http/1.1";
  unsigned char* chosen = nullptr;
  if (SSL_select_next_proto(&chosen, out_size, kOurs, sizeof(kOurs) - 1, in, in_size) !=
      OPENSSL_NPN_NEGOTIATED) {
    return SSL_TLSEXT_ERR_NOACK;
  }
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

std::shared_ptr<SSL_CTX> make_context(const SSL_METHOD* method) {
  std::shared_ptr<SSL_CTX> context(SSL_CTX_new(method), SSL_CTX_free);
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  // Idle connections give their buffers back; a write may be repeated from another place of memory.
  SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                      SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  return context;
}

Result<std::shared_ptr<SSL_CTX>> load_server(const TlsServerOptions& options) {
  auto context = make_context(TLS_server_method());
  SSL_CTX_set_alpn_select_cb(context.get(), select_protocol, nullptr);
  if (SSL_CTX_use_certificate_chain_file(context.get(), options.certificate_file.c_str()) != 1) {
    return fail(ErrorCode::Invalid, "certificate " + options.certificate_file + ": " + openssl_message());
  }
  if (SSL_CTX_use_PrivateKey_file(context.get(), options.key_file.c_str(), SSL_FILETYPE_PEM) != 1 ||
      SSL_CTX_check_private_key(context.get()) != 1) {
    return fail(ErrorCode::Invalid, "key " + options.key_file + ": " + openssl_message());
  }
  return context;
}

// OpenSSL reads and writes the socket itself, which never blocks; we wait where it says that it would have.
class TlsStream final : public Stream {
 public:
  TlsStream(SSL_CTX* context, std::unique_ptr<TcpStream> stream)
      : local_(stream->local()),
        peer_(stream->peer()),
        socket_(stream->release()),
        ssl_(SSL_new(context), SSL_free) {
    SSL_set_fd(ssl_.get(), socket_.native_handle());
  }

  SSL* native() { return ssl_.get(); }

  asio::awaitable<Result<void>> handshake() {
    while (true) {
      ERR_clear_error();
      const int done = SSL_do_handshake(ssl_.get());
      if (done == 1) co_return Result<void>();
      auto waited = co_await wait_for(done);
      if (!waited) co_return waited;
    }
  }

  asio::awaitable<Result<size_t>> read_some(std::span<char> into) override {
    while (true) {
      if (!socket_.is_open()) co_return fail(ErrorCode::Closed, "the connection is closed");
      ERR_clear_error();
      size_t count = 0;
      const int done = SSL_read_ex(ssl_.get(), into.data(), into.size(), &count);
      if (done == 1) co_return count;
      if (SSL_get_error(ssl_.get(), done) == SSL_ERROR_ZERO_RETURN) co_return size_t{0};
      auto waited = co_await wait_for(done);
      if (!waited) co_return fail(waited.error());
    }
  }

  asio::awaitable<Result<void>> write(std::string_view first, std::string_view second) override {
    // One record rather than two where both are small.
    std::string joined;
    if (!first.empty() && first.size() + second.size() <= kRecordBytes) {
      joined.reserve(first.size() + second.size());
      joined.append(first).append(second);
      first = joined;
      second = {};
    }
    for (std::string_view part : {first, second}) {
      while (!part.empty()) {
        if (!socket_.is_open()) co_return fail(ErrorCode::Closed, "the connection is closed");
        ERR_clear_error();
        size_t count = 0;
        const int done = SSL_write_ex(ssl_.get(), part.data(), part.size(), &count);
        if (done == 1) {
          part.remove_prefix(count);
          continue;
        }
        auto waited = co_await wait_for(done);
        if (!waited) co_return waited;
      }
    }
    co_return Result<void>();
  }

  void cancel() override {
    boost::system::error_code ignored;  // nothing under way is what was wanted
    socket_.cancel(ignored);
  }

  void shutdown_write() override {
    if (!socket_.is_open()) return;
    ERR_clear_error();
    SSL_shutdown(ssl_.get());  // best effort: a peer that does not read does not get it
    ERR_clear_error();
    boost::system::error_code ignored;  // a peer that is gone needs no telling
    socket_.shutdown(TcpSocket::shutdown_send, ignored);
  }

  void close() override {
    boost::system::error_code ignored;  // the descriptor is released in any case
    socket_.close(ignored);
  }

  Endpoint local() const override { return local_; }
  Endpoint peer() const override { return peer_; }
  bool secure() const override { return true; }

 private:
  static constexpr size_t kRecordBytes = 16 * 1024;

  // Waits for what the last operation wanted, or tells why it failed.
  asio::awaitable<Result<void>> wait_for(int result) {
    const int reason = SSL_get_error(ssl_.get(), result);
    if (reason != SSL_ERROR_WANT_READ && reason != SSL_ERROR_WANT_WRITE) {
      if (SSL_get_verify_result(ssl_.get()) != X509_V_OK && reason == SSL_ERROR_SSL) {
        co_return fail(ErrorCode::Unauthorized,
                       X509_verify_cert_error_string(SSL_get_verify_result(ssl_.get())));
      }
      co_return fail(reason == SSL_ERROR_SSL ? ErrorCode::Invalid : ErrorCode::Closed, openssl_message());
    }
    const auto direction = reason == SSL_ERROR_WANT_READ ? TcpSocket::wait_read : TcpSocket::wait_write;
    auto [error] = co_await socket_.async_wait(direction, kAwait);
    if (!error) co_return Result<void>();
    const bool cancelled = error == asio::error::operation_aborted && socket_.is_open();
    co_return fail(cancelled ? ErrorCode::TimedOut : ErrorCode::Closed, error.message());
  }

  const Endpoint local_;
  const Endpoint peer_;
  TcpSocket socket_;
  std::unique_ptr<SSL, decltype(&SSL_free)> ssl_;
};

asio::awaitable<Result<std::unique_ptr<Stream>>> shake_hands(Loop& loop, std::unique_ptr<TlsStream> stream) {
  Deadline late(loop, base::limits::kTlsHandshakeMax, [&stream] { stream->close(); });
  auto done = co_await stream->handshake();
  if (late.late()) co_return fail(ErrorCode::TimedOut, "the TLS handshake took too long");
  if (!done) co_return fail(done.error());
  co_return std::unique_ptr<Stream>(std::move(stream));
}

}  // namespace

Result<std::shared_ptr<TlsContext>> TlsContext::server(TlsServerOptions options) {
  auto loaded = load_server(options);
  if (!loaded) return fail(loaded.error());
  std::shared_ptr<TlsContext> made(new TlsContext);
  made->server_ = std::move(options);
  made->context_ = std::move(*loaded);
  return made;
}

Result<std::shared_ptr<TlsContext>> TlsContext::client(TlsClientOptions options) {
  auto context = make_context(TLS_client_method());
  const bool loaded = options.ca_file.empty() ? SSL_CTX_set_default_verify_paths(context.get()) == 1
                                              : SSL_CTX_load_verify_locations(
                                                    context.get(), options.ca_file.c_str(), nullptr) == 1;
  if (!loaded) return fail(ErrorCode::Invalid, "authorities " + options.ca_file + ": " + openssl_message());
  SSL_CTX_set_verify(context.get(), options.verify ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, nullptr);
  std::shared_ptr<TlsContext> made(new TlsContext);
  made->client_ = std::move(options);
  made->context_ = std::move(context);
  return made;
}

Result<void> TlsContext::reload() {
  auto loaded = load_server(server_);
  if (!loaded) return fail(loaded.error());
  context_ = std::move(*loaded);
  return {};
}

asio::awaitable<Result<std::unique_ptr<Stream>>> accept_tls(Loop& loop, std::shared_ptr<TlsContext> context,
                                                            std::unique_ptr<TcpStream> stream) {
  auto tls = std::make_unique<TlsStream>(context->native(), std::move(stream));
  SSL_set_accept_state(tls->native());
  co_return co_await shake_hands(loop, std::move(tls));
}

asio::awaitable<Result<std::unique_ptr<Stream>>> connect_tls(Loop& loop, std::shared_ptr<TlsContext> context,
                                                             std::unique_ptr<TcpStream> stream,
                                                             std::string host) {
  auto tls = std::make_unique<TlsStream>(context->native(), std::move(stream));
  SSL_set_connect_state(tls->native());
  boost::system::error_code not_an_address;
  asio::ip::make_address(host, not_an_address);
  if (not_an_address) {
    SSL_set_tlsext_host_name(tls->native(), host.c_str());
    SSL_set1_host(tls->native(), host.c_str());
  } else {
    X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(tls->native()), host.c_str());
  }
  co_return co_await shake_hands(loop, std::move(tls));
}

}  // namespace sotto::net
