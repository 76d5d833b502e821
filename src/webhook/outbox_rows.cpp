// The outbox's rows: what is written, read back, and listed after a start.
#include "base/log.h"
#include "webhook/outbox_state.h"

namespace sotto::webhook {
namespace {

using namespace std::chrono_literals;
namespace limits = base::limits;

constexpr auto kStoreTrouble = 1s;  // before a failed query is made again

}  // namespace

// What became of an attempt. If the store takes no more, the delivery is at worst made twice.
void Outbox::State::write(Stream& stream, store::Store::Change change) {
  const auto lenient = [change = std::move(change)](store::Connection& connection) -> Result<void> {
    Result<void> changed = change(connection);
    if (changed || changed.error().code != ErrorCode::NotFound) return changed;
    return {};  // it was never stored, and has been told of
  };
  const auto note = [](const Error& error) {
    base::log(base::LogLevel::Warning, "webhook", "the outcome of a delivery is not stored",
              {{"error", error.detail}});
  };
  const auto done = if_alive([this, note, serial = stream.serial](const Result<void>& result) {
    if (!result) note(result.error());
    Stream& owner = *by_serial_.at(serial);
    --owner.writes;
    advance(owner);
  });
  const auto written = store_.write(lenient, done);
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
    const bool readable = stream.parent == 0 && stream.apart == 0;
    if (stream.phase == Stream::Phase::Paused && stored && readable && !stream.loaded.empty())
      forget_loaded(stream);
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
      next_try ? std::min<base::Duration>(*next_try - loop_.clock().wall(), settings_.persist_pause_max)
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

}  // namespace sotto::webhook
