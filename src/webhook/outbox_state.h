#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

#include <boost/asio/steady_timer.hpp>

#include "base/timers.h"
#include "net/task_group.h"
#include "webhook/outbox.h"
#include "webhook/send_turns.h"

namespace sotto::webhook {

// What Outbox hides. outbox.cpp sends, outbox_rows.cpp keeps the store in step.
struct Outbox::State final : base::TimerSink {
  struct Entry {
    std::string id;
    Message message;
    Outbox::OnReply on_reply;
    base::WallTime created;
    int64_t attempts = 0;
    bool stored = true;  // or going to be
    size_t size = 0;
  };

  // The messages that wait for each other. In memory are the oldest of them, or none.
  struct Stream {
    enum class Phase : uint8_t {
      Idle,     // advance() decides what is next
      Ready,    // waits for its turn to send
      Sending,  // the first of `loaded`
      Paused,   // until its timer
      Wanting,  // has none in memory, and waits for room there
      Reading,  // them from the store
    };
    std::string name;
    uint64_t serial = 0;
    Phase phase = Phase::Idle;
    std::deque<Entry> loaded;
    bool more_stored = false;   // there are, or may be, some behind `loaded` that are in the store alone
    uint64_t more_version = 0;  // counts the occasions to set that
    size_t writes = 0;          // on their way to the store
    base::TimerId pause = base::TimerId::None;  // or the patience with what is being sent
    // While one is being sent: where its sender finds it, also when it is set apart.
    std::shared_ptr<Stream*> sender;
    size_t apart = 0;     // how many of it are set apart: in the store they still stand in this one
    uint64_t parent = 0;  // the stream that this one was set apart from
  };

  static constexpr uint64_t kListing = 0;  // the timer of listing streams; those of streams are their serials

  State(net::Loop& loop, base::Random& random, store::Store& store, http::Client& client, FetchSettings fetch,
        OutboxSettings settings)
      : loop_(loop),
        random_(random),
        store_(store),
        client_(client),
        fetch_(fetch),
        settings_(settings),
        sends_ended_(loop.context()),
        tasks_(loop.context()) {}
  ~State() override;

  void deliver(Message message, OnReply on_reply);
  void resume();
  asio::awaitable<Result<void>> replay(std::string id);
  asio::awaitable<void> stop(base::Duration grace);

  // Streams.
  Stream& stream_of(const std::string& name);
  void advance(Stream& stream);
  void pause(Stream& stream, base::Duration delay);
  void more_in_store(Stream& stream);
  void pop_front(Stream& stream);
  void set_apart(Stream& stream);
  void forget(Stream& stream);
  void forget_loaded(Stream& stream);
  void on_timer(uint64_t token) override;

  // Sending.
  void start_sends();
  asio::awaitable<void> send(std::shared_ptr<Stream*> sender);
  http::FetchRequest request_of(const Entry& entry) const;
  void settle(Stream& stream, const http::FetchResult& result);
  std::optional<base::Duration> pause_after(Entry& entry, const http::FetchResult& result);
  void report(Entry& entry, const http::FetchResult& result);

  // The store.
  void write(Stream& stream, store::Store::Change change);
  bool add(Stream& stream, const Entry& entry);
  void add_unloaded(Stream* stream, const Entry& entry, const std::string& name);
  void bury(Stream& stream, const std::string& id, const std::string& reason);
  void unstored(Stream& stream, const std::string& id, const Error& error);
  void lost(const std::string& id, const Error& error);
  bool has_room(size_t size) const;
  void make_room();
  void read_wanted();
  void read(Stream& stream);
  std::optional<uint64_t> version_of(const Stream& stream) const;
  void on_rows(Stream& stream, std::optional<uint64_t> version, Result<std::vector<store::Delivery>> rows);
  void take_row(Stream& stream, store::Delivery row);
  void list_streams();
  void ask_streams(uint64_t version, int64_t after);
  void list_later();
  void on_streams(uint64_t version, int64_t after, Result<std::vector<store::PendingStream>> found);
  template <typename Function>
  auto if_alive(Function function) {
    return [alive = std::weak_ptr<const char>(alive_), function = std::move(function)](auto&&... arguments) {
      if (!alive.expired()) function(std::forward<decltype(arguments)>(arguments)...);
    };
  }

  // Constant after construction; the references outlive this.
  net::Loop& loop_;
  base::Random& random_;
  store::Store& store_;
  http::Client& client_;
  const FetchSettings fetch_;
  const OutboxSettings settings_;
  std::unordered_map<std::string, Signer> signers_;

  OutboxStats stats_;
  size_t bytes_ = 0;  // of the entries in memory
  std::unordered_map<std::string, Stream> streams_;
  std::unordered_map<uint64_t, Stream*> by_serial_;
  uint64_t next_serial_ = kListing + 1;
  SendTurns turns_{base::limits::kOutboxSendsMax, base::limits::kOutboxSendsPerReceiverMax};

  std::deque<uint64_t> wanted_;  // streams in phase Wanting
  size_t reads_ = 0;
  base::TimePoint make_room_not_before_{};

  // Streams that are in the store and not in `streams_`, as after a start.
  bool unlisted_ = false;
  bool listing_ = false;
  uint64_t unlisted_version_ = 0;
  size_t unlisted_writes_ = 0;
  base::TimerId list_again_ = base::TimerId::None;

  bool stopping_ = false;
  asio::steady_timer sends_ended_;
  net::TaskGroup tasks_;
  // What the store calls back may outlive this.
  const std::shared_ptr<const char> alive_ = std::make_shared<const char>();
};

}  // namespace sotto::webhook
