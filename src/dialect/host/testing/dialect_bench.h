#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "call/testing/fake_ports.h"
#include "dialect/host/dialect.h"
#include "dialect/host/documents.h"
#include "dialect/host/services.h"
#include "flow/testing/bench.h"
#include "http/request_parser.h"
#include "net/run.h"
#include "store/testing/fixture.h"

// What a dialect stands on, with fakes below the core and a real store, for tests of its requests and calls
// without a socket. Calls run in World's virtual time; the loop, the store and what a dialect times by itself
// in real time.
namespace sotto::dialect::testing {

class DialectBench {
 public:
  explicit DialectBench(directory::Entities entities)
      : engine(world.switchboard, documents, world.timers, world.clock, {}) {
    auto opened = store::Store::open({"sqlite:" + folder_.file("bench.db"),
                                      [this](store::Store::Task task) { loop.post(std::move(task)); },
                                      {}});
    CHECK(opened.has_value());
    store_ = std::move(*opened);
    auto directory = store::LiveDirectory::create(*store_, loop.clock(), std::move(entities), {});
    CHECK(directory.has_value());
    directory_ = std::move(*directory);
    outbox_ = std::make_unique<webhook::Outbox>(loop, world.random, *store_, client_,
                                                webhook::FetchSettings{}, webhook::OutboxSettings{});
  }
  ~DialectBench() {
    net::run(loop, outbox_->stop(std::chrono::seconds(0)));
    // What still awaits an app is cancelled while the client is there.
    loop.stop();
    loop.run();
    store_.reset();
  }
  DialectBench(const DialectBench&) = delete;

  Services services(HostSettings settings = {.public_url = "http://pbx.example", .recordings_folder = {}}) {
    return {loop,     world.random, world.switchboard,   engine, *store_, *directory_,
            fetcher_, *outbox_,     std::move(settings), {},     {}};
  }
  // As src/app does it; the dialect lives as long as the calls.
  template <typename Kind>
  Kind& add(std::unique_ptr<Kind> made) {
    Kind& dialect = *made;
    dialects_.push_back(std::move(made));
    documents.add(std::string(dialect.name()), dialect);
    world.switchboard.add_sink(dialect);
    engine.add_observer(dialect);
    dialect.add_routes(router);
    return dialect;
  }

  struct Sent {
    http::Method method = http::Method::Get;
    std::string target;
    std::string body;
    http::Headers headers;
  };
  // The request as it would arrive; its answer, or the router's own.
  http::Response send(const Sent& sent) {
    bool done = false;
    http::Response answer;
    start(sent, [&](http::Response response) {
      answer = std::move(response);
      done = true;
    });
    loop.run_until([&] { return done; });
    return answer;
  }
  // The same without waiting, for answers that wait for something.
  void start(const Sent& sent, std::function<void(http::Response)> answered) {
    http::RequestHead head;
    http::Request request;
    if (!http::parse_target(sent.target, head)) return answered(http::Response::empty(400));
    const http::Router::Match match = router.match(sent.method, head.path);
    if (match.handler == nullptr) {
      return answered(router.mount_of(head.path).render_error({match.status, "", sent.method, head.path}));
    }
    request.method = sent.method;
    request.target = head.target;
    request.path = head.path;
    request.query_text = head.query_text;
    request.host = "pbx.example";
    request.headers = sent.headers;
    request.body = sent.body;
    request.parameters = match.parameters;
    loop.tasks().spawn(answer((*match.handler)(std::move(request)), std::move(answered)));
  }
  // Lets the loop do what has been posted to it.
  void settle() {
    for (int round = 0; round < 3; ++round) {
      bool turned = false;
      loop.post([&] { turned = true; });
      loop.run_until([&] { return turned; });
    }
  }

  net::Loop loop;

 private:
  std::vector<std::unique_ptr<Dialect>> dialects_;  // sinks of what follows

 public:
  call::testing::World world;
  DocumentsByDialect documents;
  flow::Engine engine;
  http::Router router;

 private:
  static asio::awaitable<void> answer(asio::awaitable<http::Response> task,
                                      std::function<void(http::Response)> answered) {
    http::Response response = co_await std::move(task);
    answered(std::move(response));
  }

  store::TestFolder folder_;
  http::Client client_{loop};
  webhook::Fetcher fetcher_{loop, client_, {}};
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<store::LiveDirectory> directory_;
  std::unique_ptr<webhook::Outbox> outbox_;
};

}  // namespace sotto::dialect::testing
