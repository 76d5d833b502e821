#include "webhook/outbox.h"

#include <deque>
#include <unordered_map>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/ids.h"
#include "base/log.h"
#include "net/one_shot.h"
#include "webhook/send_turns.h"

namespace sotto::webhook {
namespace {

using namespace std::chrono_literals;
namespace limits = base::limits;

constexpr auto kStoreTrouble = 1s;  // before a failed query is made again
constexpr uint64_t kListing = 0;    // the timer of listing streams; those of streams are their serial numbers

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
  base::TimerId pause = base::TimerId::None;
};

// What the store tells, even to a waiter that has gone.
template <typename T>
using Answer = net::OneShot<Result<T>>;

std::string describe(const http::FetchResult& result) {
  if (result) return "answered " + std::to_string(result->status);
  return std::string(http::to_string(result.error().fault)) + ": " + result.error().detail;
}

bool acknowledged(const http::FetchResult& result) {
  return result && result->status >= 200 && result->status < 300;
}

// Whether it could still arrive if only it were tried often enough.
bool may_arrive(const http::FetchResult& result) {
  return result || (result.error().fault != http::FetchFault::BadUrl &&
                    result.error().fault != http::FetchFault::PrivateTarget);
}

}  // namespace

struct Outbox::State final : base::TimerSink {
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
  void forget_loaded(Stream& stream);
  void on_timer(uint64_t token) override;

  // Sending.
  void start_sends();
  asio::awaitable<void> send(Stream& stream);
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
  SendTurns turns_{limits::kOutboxSendsMax, limits::kOutboxSendsPerReceiverMax};

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

Outbox::State::~State() {
  loop_.timers().stop(list_again_);
  for (auto& [name, stream] : streams_) loop_.timers().stop(stream.pause);
}

// --- Streams
// -------------------------------------------------------------------------------------------------

Stream& Outbox::State::stream_of(const std::string& name) {
  Stream& stream = streams_[name];
  if (stream.serial == 0) {
    stream.name = name;
    stream.serial = next_serial_++;
    by_serial_.emplace(stream.serial, &stream);
  }
  return stream;
}

// The one place that decides what an idle stream does next. May forget it.
void Outbox::State::advance(Stream& stream) {
  if (stream.phase != Stream::Phase::Idle || stopping_) return;
  if (!stream.loaded.empty()) {
    stream.phase = Stream::Phase::Ready;
    turns_.add(receiver_of(stream.loaded.front().message.url), stream.serial);
    start_sends();
    return;
  }
  // A read sees only what is done, and must not bring back what is being erased.
  if (stream.writes > 0) return;
  if (stream.more_stored) {
    stream.phase = Stream::Phase::Wanting;
    wanted_.push_back(stream.serial);
    read_wanted();
    return;
  }
  by_serial_.erase(stream.serial);
  const std::string name = stream.name;
  streams_.erase(name);
  list_streams();
}

void Outbox::State::pause(Stream& stream, base::Duration delay) {
  stream.phase = Stream::Phase::Paused;
  stream.pause = loop_.timers().start(delay, *this, stream.serial);
}

void Outbox::State::on_timer(uint64_t token) {
  if (token == kListing) {
    list_again_ = base::TimerId::None;
    list_streams();
    return;
  }
  Stream& stream = *by_serial_.at(token);
  stream.pause = base::TimerId::None;
  stream.phase = Stream::Phase::Idle;
  advance(stream);
}

void Outbox::State::more_in_store(Stream& stream) {
  stream.more_stored = true;
  ++stream.more_version;
}

void Outbox::State::pop_front(Stream& stream) {
  bytes_ -= stream.loaded.front().size;
  --stats_.waiting;
  stream.loaded.pop_front();
}

// All of them are in the store: they are read again when it is their turn.
void Outbox::State::forget_loaded(Stream& stream) {
  while (!stream.loaded.empty()) pop_front(stream);
  more_in_store(stream);
}

// --- Sending
// -------------------------------------------------------------------------------------------------

void Outbox::State::deliver(Message message, OnReply on_reply) {
  Entry entry;
  entry.id = base::id_to_hex(random_.next(), random_.next());
  entry.created = loop_.clock().wall();
  entry.size = size_of(message);
  entry.on_reply = std::move(on_reply);
  const bool alone = message.policy.may_overtake || message.stream.empty();
  const std::string name = alone ? message.stream + "/" + entry.id : message.stream;
  entry.message = std::move(message);
  const bool known = streams_.contains(name);
  if (stopping_ || (!known && streams_.size() >= limits::kOutboxStreamsMax)) {
    add_unloaded(nullptr, entry, name);
    return;
  }
  Stream& stream = stream_of(name);
  // One that is not known may have older messages in the store, unless it is new.
  if (!known && !alone && unlisted_) more_in_store(stream);
  if (!stream.more_stored && !has_room(entry.size)) make_room();
  if (stream.more_stored || !has_room(entry.size)) {
    add_unloaded(&stream, entry, name);
    return;
  }
  entry.stored = add(stream, entry);
  bytes_ += entry.size;
  ++stats_.waiting;
  stream.loaded.push_back(std::move(entry));
  advance(stream);
}

void Outbox::State::start_sends() {
  while (!stopping_) {
    const auto serial = turns_.next();
    if (!serial) return;
    Stream& stream = *by_serial_.at(*serial);
    stream.phase = Stream::Phase::Sending;
    tasks_.spawn(send(stream));
  }
}

http::FetchRequest Outbox::State::request_of(const Entry& entry) const {
  const Message& message = entry.message;
  http::FetchRequest request;
  request.method = message.method;
  request.url = message.url;
  request.headers = message.headers;
  request.body = message.body;
  request.connect_deadline = message.policy.connect_deadline;
  request.total_deadline = message.policy.total_deadline;
  request.redirects = message.policy.redirects;
  request.private_targets = fetch_.private_targets;
  request.verify_tls = fetch_.verify_tls;
  if (const auto signer = signers_.find(message.dialect); signer != signers_.end())
    signer->second(message, request);
  return request;
}

// A stream that sends is neither forgotten nor moved.
asio::awaitable<void> Outbox::State::send(Stream& stream) {
  const std::string receiver(receiver_of(stream.loaded.front().message.url));
  http::FetchRequest request = request_of(stream.loaded.front());
  ++stats_.attempts;
  http::FetchResult result = co_await client_.fetch(std::move(request));
  turns_.end(receiver);
  settle(stream, result);
  start_sends();
  if (stopping_ && turns_.under_way() == 0) sends_ended_.cancel();
}

void Outbox::State::settle(Stream& stream, const http::FetchResult& result) {
  Entry& entry = stream.loaded.front();
  ++entry.attempts;
  const auto again = acknowledged(result) ? std::nullopt : pause_after(entry, result);
  if (again) {
    const base::WallTime next_try =
        loop_.clock().wall() + std::chrono::duration_cast<base::WallTime::duration>(*again);
    write(stream, [id = entry.id, next_try, reason = describe(result)](store::Connection& connection) {
      return store::note_attempt(connection, id, next_try, reason);
    });
    pause(stream, *again);
    return;
  }
  stream.phase = Stream::Phase::Idle;
  Entry done = std::move(entry);
  pop_front(stream);
  if (acknowledged(result)) {
    ++stats_.delivered;
    if (done.stored)
      write(stream,
            [id = done.id](store::Connection& connection) { return store::erase_delivery(connection, id); });
  } else {
    bury(stream, done.id, describe(result));
  }
  advance(stream);
  read_wanted();
  report(done, result);  // last, since it may deliver
}

// How long until the next attempt, if there is to be one.
std::optional<base::Duration> Outbox::State::pause_after(Entry& entry, const http::FetchResult& result) {
  const RetryPolicy& policy = entry.message.policy.retry;
  const auto attempts = static_cast<size_t>(entry.attempts);
  if (attempts <= policy.pauses.size() && policy.retries(result)) return policy.pauses[attempts - 1];
  const bool too_old = loop_.clock().wall() - entry.created > limits::kOutboxPersistMax;
  if (!settings_.persist || too_old || !may_arrive(result)) return std::nullopt;
  report(entry, result);
  base::Duration pause = settings_.persist_pause_min;
  for (size_t round = policy.pauses.size() + 1; round < attempts && pause < limits::kOutboxPersistPauseMax;
       ++round)
    pause *= 2;
  pause = std::min<base::Duration>(pause, limits::kOutboxPersistPauseMax);
  // Streams that failed together do not come back together.
  return pause + base::Duration(random_.below(static_cast<uint64_t>(pause.count() / 4 + 1)));
}

void Outbox::State::report(Entry& entry, const http::FetchResult& result) {
  if (const OnReply on_reply = std::exchange(entry.on_reply, {}); on_reply) on_reply(result);
}

// --- The store
// -----------------------------------------------------------------------------------------------

// What became of an attempt. If the store takes no more, the delivery is at worst made twice.
void Outbox::State::write(Stream& stream, store::Store::Change change) {
  const auto note = [](const Error& error) {
    if (error.code == ErrorCode::NotFound) return;  // it was never stored, and has been told of
    base::log(base::LogLevel::Warning, "webhook", "the outcome of a delivery is not stored",
              {{"error", error.detail}});
  };
  const auto done = if_alive([this, note, serial = stream.serial](const Result<void>& result) {
    if (!result) note(result.error());
    Stream& owner = *by_serial_.at(serial);
    --owner.writes;
    advance(owner);
  });
  const auto written = store_.write(std::move(change), done);
  if (written) {
    ++stream.writes;
  } else {
    note(written.error());
  }
}

void Outbox::State::bury(Stream& stream, const std::string& id, const std::string& reason) {
  ++stats_.dead;
  base::log(base::LogLevel::Warning, "webhook", "a delivery is given up", {{"id", id}, {"reason", reason}});
  write(stream,
        [id, reason](store::Connection& connection) { return store::bury_delivery(connection, id, reason); });
}

// An entry that is sent from memory. False when the store takes no more.
bool Outbox::State::add(Stream& stream, const Entry& entry) {
  const auto row = std::make_shared<const store::Delivery>(
      to_delivery(entry.message, entry.id, stream.name, entry.created));
  const auto written =
      store_.write([row](store::Connection& connection) { return store::add_delivery(connection, *row); },
                   if_alive([this, serial = stream.serial, row](const Result<void>& result) {
                     Stream& owner = *by_serial_.at(serial);
                     --owner.writes;
                     if (!result) unstored(owner, row->id, result.error());
                     advance(owner);
                   }));
  if (!written) {
    unstored(stream, entry.id, written.error());
    return false;
  }
  ++stream.writes;
  return true;
}

void Outbox::State::unstored(Stream& stream, const std::string& id, const Error& error) {
  ++stats_.unstored;
  base::log(base::LogLevel::Error, "webhook", "a delivery could not be stored, and is sent from memory alone",
            {{"id", id}, {"error", error.detail}});
  for (Entry& entry : stream.loaded) {
    if (entry.id == id) entry.stored = false;
  }
}

// An entry that memory has no room for. Without a stream it is found again by listing.
void Outbox::State::add_unloaded(Stream* stream, const Entry& entry, const std::string& name) {
  const auto row =
      std::make_shared<const store::Delivery>(to_delivery(entry.message, entry.id, name, entry.created));
  const uint64_t serial = stream != nullptr ? stream->serial : kListing;
  const auto done = if_alive([this, serial, id = entry.id](const Result<void>& result) {
    if (!result) lost(id, result.error());
    if (serial == kListing) {
      --unlisted_writes_;
      list_streams();
      return;
    }
    Stream& owner = *by_serial_.at(serial);
    --owner.writes;
    advance(owner);
  });
  const auto written = store_.write(
      [row](store::Connection& connection) { return store::add_delivery(connection, *row); }, done);
  if (!written) {
    lost(entry.id, written.error());
    return;
  }
  ++stats_.spilled;
  if (stream == nullptr) {
    unlisted_ = true;
    ++unlisted_version_;
    ++unlisted_writes_;
    return;
  }
  more_in_store(*stream);
  ++stream->writes;
}

void Outbox::State::lost(const std::string& id, const Error& error) {
  ++stats_.lost;
  base::log(base::LogLevel::Error, "webhook", "a delivery is lost: neither memory nor the store takes it",
            {{"id", id}, {"error", error.detail}});
}

bool Outbox::State::has_room(size_t size) const {
  return stats_.waiting < settings_.messages_max && bytes_ + size <= settings_.bytes_max;
}

// Streams that wait for a later attempt need not do so in memory.
void Outbox::State::make_room() {
  const base::TimePoint now = loop_.clock().now();
  if (now < make_room_not_before_) return;
  make_room_not_before_ = now + 1s;
  for (auto& [name, stream] : streams_) {
    const bool stored = std::all_of(stream.loaded.begin(), stream.loaded.end(),
                                    [](const Entry& entry) { return entry.stored; });
    if (stream.phase == Stream::Phase::Paused && stored && !stream.loaded.empty()) forget_loaded(stream);
  }
}

void Outbox::State::read_wanted() {
  while (!stopping_ && !wanted_.empty() && reads_ < limits::kOutboxReadsMax &&
         stats_.waiting < settings_.messages_max * 3 / 4 && bytes_ < settings_.bytes_max * 3 / 4) {
    Stream& stream = *by_serial_.at(wanted_.front());
    wanted_.pop_front();
    read(stream);
  }
}

void Outbox::State::read(Stream& stream) {
  stream.phase = Stream::Phase::Reading;
  const auto asked = store_.read<std::vector<store::Delivery>>(
      [name = stream.name](store::Connection& connection) {
        return store::pending_of_stream(connection, name, limits::kOutboxReadRows);
      },
      if_alive([this, serial = stream.serial, version = version_of(stream)](auto rows) {
        --reads_;
        on_rows(*by_serial_.at(serial), version, std::move(rows));
        read_wanted();
      }));
  ++reads_;
  if (asked) return;
  --reads_;
  pause(stream, kStoreTrouble);
}

// Of what is in the store for it: another one, or none, when a read may have missed something.
std::optional<uint64_t> Outbox::State::version_of(const Stream& stream) const {
  if (stream.writes > 0 || unlisted_writes_ > 0) return std::nullopt;
  return stream.more_version + unlisted_version_;  // both only grow
}

void Outbox::State::on_rows(Stream& stream, std::optional<uint64_t> version,
                            Result<std::vector<store::Delivery>> rows) {
  if (!rows) {
    pause(stream, kStoreTrouble);
    return;
  }
  stream.phase = Stream::Phase::Idle;
  if (rows->size() < limits::kOutboxReadRows && version && version == version_of(stream))
    stream.more_stored = false;
  std::optional<base::WallTime> next_try;
  for (store::Delivery& row : *rows) {
    if (!next_try) next_try = row.next_try;
    take_row(stream, std::move(row));
  }
  // An hour of waiting is not over because the process was started anew; a clock that was set back adds none.
  const base::Duration wait =
      next_try ? std::min<base::Duration>(*next_try - loop_.clock().wall(), limits::kOutboxPersistPauseMax)
               : base::Duration(0);
  if (wait > 0s && !stream.loaded.empty()) {
    pause(stream, wait);
  } else {
    advance(stream);
  }
}

void Outbox::State::take_row(Stream& stream, store::Delivery row) {
  Entry entry;
  entry.id = row.id;
  entry.created = row.created;
  entry.attempts = row.attempts;
  auto message = to_message(std::move(row));
  if (!message) {
    bury(stream, entry.id, message.error().detail);
    return;
  }
  entry.message = std::move(*message);
  entry.size = size_of(entry.message);
  bytes_ += entry.size;
  ++stats_.waiting;
  stream.loaded.push_back(std::move(entry));
}

// --- After a start
// -------------------------------------------------------------------------------------------

void Outbox::State::resume() {
  unlisted_ = true;
  list_streams();
}

void Outbox::State::list_streams() {
  const bool room = streams_.size() < limits::kOutboxStreamsMax / 2;
  if (!unlisted_ || listing_ || unlisted_writes_ > 0 || !room || stopping_) return;
  if (list_again_ != base::TimerId::None) return;
  listing_ = true;
  ask_streams(unlisted_version_, 0);
}

void Outbox::State::list_later() {
  listing_ = false;
  list_again_ = loop_.timers().start(kStoreTrouble, *this, kListing);
}

void Outbox::State::ask_streams(uint64_t version, int64_t after) {
  const auto asked = store_.read<std::vector<store::PendingStream>>(
      [after](store::Connection& connection) {
        return store::pending_streams(connection, after, limits::kStorePageMax);
      },
      if_alive([this, version, after](auto streams) { on_streams(version, after, std::move(streams)); }));
  if (!asked) list_later();
}

void Outbox::State::on_streams(uint64_t version, int64_t after,
                               Result<std::vector<store::PendingStream>> found) {
  if (!found) {
    list_later();
    return;
  }
  for (const store::PendingStream& each : *found) {
    after = each.first;
    if (streams_.contains(each.stream)) continue;
    if (streams_.size() >= limits::kOutboxStreamsMax) {
      listing_ = false;  // goes on when half of these are done
      return;
    }
    Stream& stream = stream_of(each.stream);
    more_in_store(stream);
    advance(stream);
  }
  if (found->size() == limits::kStorePageMax) {
    ask_streams(version, after);
    return;
  }
  listing_ = false;
  if (version == unlisted_version_) unlisted_ = false;
  list_streams();
}

asio::awaitable<Result<void>> Outbox::State::replay(std::string id) {
  const auto revived = std::make_shared<Answer<void>>(loop_.context());
  auto revive = [id, now = loop_.clock().wall()](store::Connection& connection) {
    return store::revive_delivery(connection, id, now);
  };
  const auto written =
      store_.write(std::move(revive), [revived](Result<void> result) { revived->set(result); });
  if (!written) co_return written;
  Result<void> result = co_await revived->wait();
  if (!result) co_return result;

  const auto found = std::make_shared<Answer<store::Delivery>>(loop_.context());
  auto find = [id](store::Connection& connection) { return store::find_delivery(connection, id); };
  const auto asked = store_.read<store::Delivery>(
      find, [found](Result<store::Delivery> row) { found->set(std::move(row)); });
  if (!asked) co_return asked;
  Result<store::Delivery> row = co_await found->wait();
  if (!row) co_return fail(row.error());
  if (streams_.contains(row->stream) || streams_.size() < limits::kOutboxStreamsMax) {
    Stream& stream = stream_of(row->stream);
    more_in_store(stream);
    advance(stream);
  } else {
    unlisted_ = true;
    ++unlisted_version_;
  }
  co_return Result<void>();
}

asio::awaitable<void> Outbox::State::stop(base::Duration grace) {
  stopping_ = true;
  if (turns_.under_way() > 0) {
    sends_ended_.expires_after(grace);
    co_await sends_ended_.async_wait(asio::as_tuple(asio::use_awaitable));
  }
  tasks_.close();
  co_await tasks_.join();
}

Outbox::Outbox(net::Loop& loop, base::Random& random, store::Store& store, http::Client& client,
               FetchSettings fetch, OutboxSettings settings)
    : state_(std::make_unique<State>(loop, random, store, client, fetch, settings)) {}

Outbox::~Outbox() = default;

void Outbox::set_signer(const std::string& dialect, Signer signer) {
  state_->signers_[dialect] = std::move(signer);
}

void Outbox::resume() {
  state_->resume();
}

void Outbox::deliver(Message message, OnReply on_reply) {
  state_->deliver(std::move(message), std::move(on_reply));
}

asio::awaitable<Result<void>> Outbox::replay(std::string id) {
  return state_->replay(std::move(id));
}

const OutboxStats& Outbox::stats() const {
  state_->stats_.sending = state_->turns_.under_way();
  return state_->stats_;
}

asio::awaitable<void> Outbox::stop(base::Duration grace) {
  return state_->stop(grace);
}

}  // namespace sotto::webhook
