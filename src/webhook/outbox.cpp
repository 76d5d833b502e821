#include "webhook/outbox.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/ids.h"
#include "base/log.h"
#include "net/one_shot.h"
#include "webhook/outbox_state.h"

namespace sotto::webhook {
namespace {

using namespace std::chrono_literals;
namespace limits = base::limits;

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

Outbox::State::~State() {
  loop_.timers().stop(list_again_);
  for (auto& [name, stream] : streams_) loop_.timers().stop(stream.pause);
}

// --- Streams
// -------------------------------------------------------------------------------------------------

Outbox::State::Stream& Outbox::State::stream_of(const std::string& name) {
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
  // A read sees only what is done, and must not bring back what is being erased or sent.
  if (stream.writes > 0 || stream.apart > 0) return;
  if (stream.more_stored) {
    stream.phase = Stream::Phase::Wanting;
    wanted_.push_back(stream.serial);
    read_wanted();
    return;
  }
  forget(stream);
}

void Outbox::State::forget(Stream& stream) {
  const uint64_t parent = stream.parent;
  by_serial_.erase(stream.serial);
  const std::string name = stream.name;
  streams_.erase(name);
  if (parent != 0) {
    Stream& owner = *by_serial_.at(parent);
    --owner.apart;
    advance(owner);
  }
  list_streams();
}

// What is being sent goes on by itself, and the stream with what is behind it.
void Outbox::State::set_apart(Stream& stream) {
  if (stream.loaded.size() < 2 && !stream.more_stored) return;  // nobody waits; who comes later looks again
  if (streams_.size() >= limits::kOutboxStreamsMax || stream.parent != 0) return;
  Entry entry = std::move(stream.loaded.front());
  stream.loaded.pop_front();
  Stream& apart = stream_of(stream.name + "/" + entry.id);
  apart.phase = Stream::Phase::Sending;
  apart.parent = stream.serial;
  apart.loaded.push_back(std::move(entry));
  apart.sender = std::exchange(stream.sender, {});
  *apart.sender = &apart;
  ++stream.apart;
  stream.phase = Stream::Phase::Idle;
  advance(stream);
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
  if (stream.phase == Stream::Phase::Sending) return set_apart(stream);
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
  const bool alone = message.stream.empty();
  const std::string name = alone ? "/" + entry.id : message.stream;
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
  const bool patient = stream.phase == Stream::Phase::Sending && stream.pause == base::TimerId::None &&
                       stream.loaded.front().message.policy.patience.has_value();
  if (patient) return set_apart(stream);  // the first has been sent for too long already
  advance(stream);
}

void Outbox::State::start_sends() {
  while (!stopping_) {
    const auto serial = turns_.next();
    if (!serial) return;
    Stream& stream = *by_serial_.at(*serial);
    stream.phase = Stream::Phase::Sending;
    const auto patience = stream.loaded.front().message.policy.patience;
    if (patience) stream.pause = loop_.timers().start(*patience, *this, stream.serial);
    stream.sender = std::make_shared<Stream*>(&stream);
    tasks_.spawn(send(stream.sender));
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

// A stream that sends is not forgotten; what it sends may be set apart meanwhile.
asio::awaitable<void> Outbox::State::send(std::shared_ptr<Stream*> sender) {
  const Entry& entry = (*sender)->loaded.front();
  const std::string receiver(receiver_of(entry.message.url));
  http::FetchRequest request = request_of(entry);
  ++stats_.attempts;
  http::FetchResult result = co_await client_.fetch(std::move(request));
  turns_.end(receiver);
  settle(**sender, result);
  start_sends();
  if (stopping_ && turns_.under_way() == 0) sends_ended_.cancel();
}

void Outbox::State::settle(Stream& stream, const http::FetchResult& result) {
  loop_.timers().stop(stream.pause);
  stream.sender.reset();
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
  for (size_t round = policy.pauses.size() + 1; round < attempts && pause < settings_.persist_pause_max;
       ++round)
    pause *= 2;
  pause = std::min(pause, settings_.persist_pause_max);
  // Streams that failed together do not come back together.
  return pause + base::Duration(random_.below(static_cast<uint64_t>(pause.count() / 4 + 1)));
}

void Outbox::State::report(Entry& entry, const http::FetchResult& result) {
  if (const OnReply on_reply = std::exchange(entry.on_reply, {}); on_reply) on_reply(result);
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
