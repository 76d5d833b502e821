#include "net/web_socket.h"

#include <openssl/evp.h>

#include "base/limits.h"

namespace sotto::net {
namespace {

constexpr uint16_t kNoCloseCode = 1005;
constexpr uint16_t kProtocolError = 1002;
constexpr uint16_t kTooBig = 1009;

std::string base64(std::string_view bytes) {
  std::string out(4 * ((bytes.size() + 2) / 3), '\0');
  EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                  reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()));
  return out;
}

std::string close_payload(uint16_t code, std::string_view reason) {
  std::string payload{static_cast<char>(code >> 8), static_cast<char>(code & 0xFF)};
  return payload.append(reason.substr(0, 123));
}

// The value of a header in a response head, or empty.
std::string_view header_in(std::string_view head, std::string_view name) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? c + 32 : c; };
  for (size_t at = head.find("\r\n"); at != std::string_view::npos; at = head.find("\r\n", at + 2)) {
    const std::string_view line = head.substr(at + 2, head.find("\r\n", at + 2) - at - 2);
    if (line.size() <= name.size() || line[name.size()] != ':') continue;
    const bool same = std::equal(name.begin(), name.end(), line.begin(),
                                 [&](char a, char b) { return lower(a) == lower(b); });
    if (!same) continue;
    std::string_view value = line.substr(name.size() + 1);
    while (value.starts_with(' ')) value.remove_prefix(1);
    while (value.ends_with(' ')) value.remove_suffix(1);
    return value;
  }
  return {};
}

std::string handshake_request(const WebSocketTarget& target, const std::string& key) {
  std::string request = "GET " + target.target + " HTTP/1.1\r\nHost: " + target.host +
                        "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13"
                        "\r\nSec-WebSocket-Key: " +
                        key + "\r\n";
  if (!target.subprotocol.empty()) request += "Sec-WebSocket-Protocol: " + target.subprotocol + "\r\n";
  for (const auto& [name, value] : target.headers) request += name + ": " + value + "\r\n";
  return request + "\r\n";
}

Result<void> check_handshake(std::string_view head, const WebSocketTarget& target, const std::string& key) {
  if (!head.starts_with("HTTP/1.1 101")) {
    return fail(ErrorCode::Forbidden,
                "the server answered " + std::string(head.substr(0, head.find("\r\n"))));
  }
  if (header_in(head, "Sec-WebSocket-Accept") != web_socket_accept(key)) {
    return fail(ErrorCode::Invalid, "the server's Sec-WebSocket-Accept is wrong");
  }
  if (header_in(head, "Sec-WebSocket-Protocol") != target.subprotocol) {
    return fail(ErrorCode::Invalid, "the server chose another subprotocol");
  }
  return {};
}

}  // namespace

std::string web_socket_accept(std::string_view key) {
  const std::string text = std::string(key) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  EVP_Digest(text.data(), text.size(), digest, &size, EVP_sha1(), nullptr);
  return base64({reinterpret_cast<const char*>(digest), size});
}

WebSocket::WebSocket(Side side, std::unique_ptr<Stream> stream, std::string received, std::string subprotocol)
    : side_(side),
      subprotocol_(std::move(subprotocol)),
      stream_(std::move(stream)),
      received_(std::move(received)) {}

WebSocket::~WebSocket() = default;

asio::awaitable<Result<WebSocket::Message>> WebSocket::read() {
  Message message;
  char buffer[8192];
  while (true) {
    std::string_view input = received_;
    auto frame = net::take_frame(input, side_ == Side::Server, base::limits::kWebSocketMessageBytesMax);
    if (!frame) {
      const uint16_t code = frame.error().code == ErrorCode::TooLarge ? kTooBig : kProtocolError;
      co_return co_await break_off(code, frame.error());
    }
    received_.erase(0, received_.size() - input.size());
    if (*frame) {
      auto whole = co_await take_frame(std::move(**frame), message);
      if (!whole) co_return fail(whole.error());
      if (*whole) co_return message;
      continue;
    }
    auto count = co_await stream_->read_some(buffer);
    if (!count) co_return fail(count.error());
    if (*count == 0) co_return fail(ErrorCode::Closed, "the peer closed the connection");
    received_.append(buffer, *count);
  }
}

// True when `message` is whole.
asio::awaitable<Result<bool>> WebSocket::take_frame(Frame frame, Message& message) {
  if (frame.opcode == Opcode::Ping) {
    auto sent = co_await send_frame(Opcode::Pong, std::move(frame.payload));
    if (!sent) co_return fail(sent.error());
    co_return false;
  }
  if (frame.opcode == Opcode::Pong) co_return false;
  if (frame.opcode == Opcode::Close) {
    const auto byte = [&](size_t i) {
      return static_cast<uint16_t>(static_cast<unsigned char>(frame.payload[i]));
    };
    close_code_ = frame.payload.size() < 2 ? kNoCloseCode : static_cast<uint16_t>(byte(0) << 8 | byte(1));
    const bool legal = frame.payload.empty() || is_close_code(close_code_);
    if (!close_sent_) co_await close(legal && close_code_ != kNoCloseCode ? close_code_ : 1000, "");
    stream_->shutdown_write();
    co_return fail(ErrorCode::Closed, "the peer closed the WebSocket");
  }
  if ((frame.opcode == Opcode::Continuation) != in_fragments_) {
    Error why{ErrorCode::Invalid, "a fragment is out of place"};
    auto broken = co_await break_off(kProtocolError, std::move(why));
    co_return fail(broken.error());
  }
  if (!in_fragments_) partial_ = {frame.opcode == Opcode::Text ? Kind::Text : Kind::Binary, {}};
  if (partial_.data.size() + frame.payload.size() > base::limits::kWebSocketMessageBytesMax) {
    Error why{ErrorCode::TooLarge, "the message is too large"};
    auto broken = co_await break_off(kTooBig, std::move(why));
    co_return fail(broken.error());
  }
  if (partial_.data.empty()) {
    partial_.data = std::move(frame.payload);
  } else {
    partial_.data += frame.payload;
  }
  in_fragments_ = !frame.final;
  if (in_fragments_) co_return false;
  message = std::move(partial_);
  partial_ = {};
  co_return true;
}

asio::awaitable<Result<WebSocket::Message>> WebSocket::break_off(uint16_t code, Error why) {
  co_await close(code, why.detail);
  stream_->shutdown_write();
  co_return fail(std::move(why));
}

asio::awaitable<Result<void>> WebSocket::send(Kind kind, std::string data) {
  co_return co_await send_frame(kind == Kind::Text ? Opcode::Text : Opcode::Binary, std::move(data));
}

asio::awaitable<Result<void>> WebSocket::ping() {
  co_return co_await send_frame(Opcode::Ping, "");
}

asio::awaitable<void> WebSocket::close(uint16_t code, std::string reason) {
  if (close_sent_) co_return;
  auto sent = co_await send_frame(Opcode::Close, close_payload(code, reason));
  if (!sent) stream_->close();  // the reader learns that it is gone
}

void WebSocket::close_now() {
  stream_->close();
}

// The first to write writes on until nothing is queued, so that frames never mix and nobody waits in a line.
asio::awaitable<Result<void>> WebSocket::send_frame(Opcode opcode, std::string data) {
  if (close_sent_) co_return fail(ErrorCode::Closed, "the WebSocket is closed");
  if (queued_.size() + data.size() > base::limits::kWebSocketQueuedBytesMax) {
    co_return fail(ErrorCode::Exhausted, "the WebSocket's reader is too slow");
  }
  close_sent_ = opcode == Opcode::Close;
  std::optional<uint32_t> mask;
  if (side_ == Side::Client) mask = static_cast<uint32_t>(random_.next());
  append_frame(queued_, opcode, data, mask);
  if (writing_) co_return Result<void>();
  struct Writing {
    bool& flag;
    explicit Writing(bool& on) : flag(on) { flag = true; }
    ~Writing() { flag = false; }
  } writing(writing_);
  while (!queued_.empty()) {
    const std::string batch = std::exchange(queued_, {});
    auto written = co_await stream_->write(batch);
    if (!written) co_return written;
  }
  co_return Result<void>();
}

asio::awaitable<Result<std::unique_ptr<WebSocket>>> connect_web_socket(std::unique_ptr<Stream> stream,
                                                                       WebSocketTarget target) {
  base::SystemRandom random;
  std::byte nonce[16];
  random.fill(nonce);
  const std::string key = base64({reinterpret_cast<const char*>(nonce), sizeof(nonce)});
  const std::string request = handshake_request(target, key);
  auto written = co_await stream->write(request);
  if (!written) co_return fail(written.error());
  std::string received;
  char buffer[4096];
  while (received.find("\r\n\r\n") == std::string::npos) {
    if (received.size() > base::limits::kWebSocketHandshakeBytesMax) {
      co_return fail(ErrorCode::Invalid, "the server's answer is too large");
    }
    auto count = co_await stream->read_some(buffer);
    if (!count) co_return fail(count.error());
    if (*count == 0) co_return fail(ErrorCode::Closed, "the server closed the connection");
    received.append(buffer, *count);
  }
  const size_t head_end = received.find("\r\n\r\n");
  if (auto good = check_handshake(received.substr(0, head_end + 2), target, key); !good)
    co_return fail(good.error());
  co_return std::make_unique<WebSocket>(WebSocket::Side::Client, std::move(stream),
                                        received.substr(head_end + 4), target.subprotocol);
}

}  // namespace sotto::net
