#pragma once

#include <functional>
#include <string>
#include <vector>

#include "http/server.h"
#include "net/run.h"

namespace sotto::webhook {

// An app's server: notes what arrives and answers as told.
class Receiver {
 public:
  struct Arrival {
    http::Method method;
    std::string path;
    std::string body;
    http::Headers headers;
  };
  // The status to answer with; 0 never answers.
  using Answer = std::function<int(const Arrival& arrival, size_t count)>;

  explicit Receiver(net::Loop& loop, net::Endpoint listen = *net::parse_endpoint("127.0.0.1:0"))
      : loop_(loop) {
    const auto handler = [this](http::Request request) { return handle(std::move(request)); };
    for (const http::Method method : {http::Method::Get, http::Method::Post})
      router_.add(method, "/{path*}", handler);
    server_ = *http::Server::start(loop, router_, {.listen = listen});
  }
  ~Receiver() { net::run(loop_, server_->stop(std::chrono::seconds(0))); }

  void set_answer(Answer answer) { answer_ = std::move(answer); }
  net::Endpoint address() const { return server_->address(); }
  std::string url(std::string_view path) const {
    return "http://" + net::to_string(server_->address()) + std::string(path);
  }
  size_t open() const { return server_->stats().requests_open; }
  const std::vector<Arrival>& arrivals() const { return arrivals_; }
  std::vector<std::string> bodies() const {
    std::vector<std::string> all;
    for (const Arrival& each : arrivals_) all.push_back(each.body);
    return all;
  }

 private:
  asio::awaitable<http::Response> handle(http::Request request) {
    arrivals_.push_back({request.method, request.path, request.body, request.headers});
    const int status = answer_ ? answer_(arrivals_.back(), arrivals_.size()) : 200;
    if (status == 0) co_await loop_.sleep(std::chrono::hours(1));
    co_return http::Response::text(status == 0 ? 500 : status, "answer " + std::to_string(arrivals_.size()));
  }

  net::Loop& loop_;
  http::Router router_;
  Answer answer_;
  std::vector<Arrival> arrivals_;
  std::unique_ptr<http::Server> server_;
};

}  // namespace sotto::webhook
