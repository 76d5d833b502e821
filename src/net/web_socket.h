#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/random.h"
#include "net/stream.h"
#include "net/web_socket_frame.h"

namespace sotto::net {

// One WebSocket (RFC 6455), either side, after its handshake. Control thread. Pings are answered while a read
// is under way. No extensions.
class WebSocket {
 public:
  enum class Side : uint8_t { Server, Client };
  enum class Kind : uint8_t { Text, Binary };
  struct Message {
    Kind kind = Kind::Text;
    std::string data;
  };

  // `received` is what came after the handshake. The subprotocol is the one agreed on, or empty.
  WebSocket(Side side, std::unique_ptr<Stream> stream, std::string received, std::string subprotocol);
  ~WebSocket();

  // The next whole message. Fails: Closed when the peer closed it (close_code() says how) or is gone,
  // TooLarge over limits::kWebSocketMessageBytesMax, Invalid when it broke the protocol; the socket is closed
  // then. One reader at a time.
  asio::awaitable<Result<Message>> read();

  // Several tasks may send at once. Returns when the message is written or, while another task writes, is
  // queued behind it; fails with Exhausted, and drops the message, when limits::kWebSocketQueuedBytesMax are
  // queued.
  asio::awaitable<Result<void>> send(Kind kind, std::string data);
  asio::awaitable<Result<void>> ping();

  // Says goodbye; the reader gets Closed when the peer has answered. The caller or close_now() sees to the
  // end of it.
  asio::awaitable<void> close(uint16_t code, std::string reason);
  void close_now();  // ends a read or write under way with Closed

  uint16_t close_code() const { return close_code_; }  // 1005: none was given; 1006: gone without a word
  const std::string& subprotocol() const { return subprotocol_; }
  size_t queued_bytes() const { return queued_.size(); }
  Endpoint peer() const { return stream_->peer(); }
  Endpoint local() const { return stream_->local(); }
  bool secure() const { return stream_->secure(); }

 private:
  asio::awaitable<Result<void>> send_frame(Opcode opcode, std::string data);
  asio::awaitable<Result<bool>> take_frame(Frame frame, Message& message);
  asio::awaitable<Result<Message>> break_off(uint16_t code, Error why);

  const Side side_;
  const std::string subprotocol_;
  std::unique_ptr<Stream> stream_;
  base::SystemRandom random_;  // masks
  std::string received_;
  std::string queued_;  // frames behind the one that is being written
  Message partial_;     // of a fragmented message
  bool in_fragments_ = false;
  bool writing_ = false;
  bool close_sent_ = false;
  uint16_t close_code_ = 1006;
};

// What a server answers to Sec-WebSocket-Key.
std::string web_socket_accept(std::string_view key);

struct WebSocketTarget {
  std::string host;  // of the Host header, with its port where it is not the scheme's own
  std::string target = "/";
  std::string subprotocol;                                   // offered, and required back; empty: none
  std::vector<std::pair<std::string, std::string>> headers;  // more of them, such as Authorization
};

// The client's handshake on a connected stream, within the caller's deadline. Fails: Forbidden with the
// status when the server answers anything but 101, Invalid for a wrong answer, Closed.
asio::awaitable<Result<std::unique_ptr<WebSocket>>> connect_web_socket(std::unique_ptr<Stream> stream,
                                                                       WebSocketTarget target);

}  // namespace sotto::net
