#pragma once

#include <list>

#include "http/request_parser.h"
#include "http/server.h"

namespace sotto::http {

// One accepted connection: reads requests, has them answered, one after the other. Lives in Server::serve().
class Connection final : BodyWriter {
 public:
  Connection(Server& server, std::unique_ptr<net::Stream> stream);
  ~Connection();

  // Returns when the connection has ended.
  asio::awaitable<void> run();

  // Called by the server's sweep: ends whatever takes longer than it may.
  void check_time(base::TimePoint now);
  bool idle() const { return phase_ == Phase::Idle && keep_alive_; }
  // Ends it where it is idle, else after the present answer.
  void drain();

 private:
  enum class Phase : uint8_t { Idle, Head, Body, Handling, Writing, Lingering, Handed };

  void enter(Phase phase);
  asio::awaitable<bool> read_more();
  asio::awaitable<bool> read_head();
  asio::awaitable<bool> read_body(size_t bytes_max);
  asio::awaitable<void> answer_request();
  asio::awaitable<Response> call_handler(const Handler& handler, Request request);
  asio::awaitable<void> hand_over(const WebSocketRoute& route, Request request);
  asio::awaitable<void> refuse(int status, std::string detail, std::string path);
  asio::awaitable<void> send(Response response, bool with_body);
  asio::awaitable<void> stream_body(const Response& response);
  asio::awaitable<Result<void>> write(std::string_view piece) override;
  asio::awaitable<void> linger();
  Request take_request();
  Response render(const Problem& problem) const;
  bool followed_by_junk() const;
  void append_head(const Response& response, std::string_view content_length);

  Server& server_;                       // outlives this
  std::unique_ptr<net::Stream> stream_;  // none once a WebSocket has it
  std::list<Connection*>::iterator place_;
  RequestParser parser_;
  Phase phase_ = Phase::Idle;
  base::TimePoint deadline_;
  std::string buffer_;  // received and not yet taken
  std::string out_;     // the head being sent
  bool timed_out_ = false;
  bool keep_alive_ = true;
  bool head_only_ = false;          // of the streamed answer: HEAD
  bool chunked_ = false;            // of the streamed answer
  bool previous_unframed_ = false;  // the request before had no framing headers
};

}  // namespace sotto::http
