#include "store/live_directory.h"

#include <algorithm>

#include "base/check.h"
#include "store/directory_store.h"

namespace sotto::store {
namespace {

using directory::Entities;

template <typename All>
auto& table(All& all, directory::AccountId) {
  return all.accounts;
}
template <typename All>
auto& table(All& all, directory::ApplicationId) {
  return all.applications;
}
template <typename All>
auto& table(All& all, directory::NumberId) {
  return all.numbers;
}
template <typename All>
auto& table(All& all, directory::OrganisationId) {
  return all.organisations;
}
template <typename All>
auto& table(All& all, directory::PhoneId) {
  return all.phones;
}
template <typename All>
auto& table(All& all, directory::TrunkId) {
  return all.trunks;
}

template <typename All, typename Id>
auto find(All& all, Id id) {
  auto& entities = table(all, id);
  return std::find_if(entities.begin(), entities.end(), [id](const auto& each) { return each.id == id; });
}

template <typename Id>
bool contains(const Entities& all, Id id) {
  return find(all, id) != table(all, id).end();
}

template <typename E>
void put_into(Entities& all, const E& entity) {
  const auto it = find(all, entity.id);
  if (it != table(all, entity.id).end()) {
    *it = entity;
  } else {
    table(all, entity.id).push_back(entity);
  }
}

template <typename E>
bool same(const E& a, const E& b) {
  return a.id == b.id;
}
// A number that the file names is the file's, whoever bought it before.
bool same(const directory::Number& a, const directory::Number& b) {
  return a.id == b.id || a.digits == b.digits;
}

template <typename E>
void add_missing(std::vector<E>& to, const std::vector<E>& from) {
  const size_t own = to.size();
  for (const E& each : from) {
    const auto end = to.begin() + static_cast<ptrdiff_t>(own);
    if (std::none_of(to.begin(), end, [&](const E& mine) { return same(mine, each); })) to.push_back(each);
  }
}

}  // namespace

LiveDirectory::LiveDirectory(Store& store, const base::Clock& clock) : store_(store), clock_(clock) {}

Result<std::unique_ptr<LiveDirectory>> LiveDirectory::create(Store& store, const base::Clock& clock,
                                                             Entities configured, Entities stored) {
  std::unique_ptr<LiveDirectory> live(new LiveDirectory(store, clock));
  live->configured_ = std::move(configured);
  auto snapshot = live->merged(stored);
  if (!snapshot) return fail(snapshot.error());
  live->stored_ = std::move(stored);
  live->snapshot_ = std::move(*snapshot);
  return live;
}

void LiveDirectory::on_change(OnChange listener) {
  listener(snapshot_);
  listeners_.push_back(std::move(listener));
}

void LiveDirectory::change(Change change, Done done) {
  waiting_.push_back({std::move(change), std::move(done)});
  if (!writing_) start_next();
}

Result<void> LiveDirectory::reconfigure(Entities configured) {
  std::swap(configured_, configured);
  auto snapshot = merged(stored_);
  if (!snapshot) {
    std::swap(configured_, configured);
    return fail(snapshot.error());
  }
  publish(std::move(*snapshot));
  return {};
}

// Refused changes are answered in the order of asking too: `done` may ask for the next.
void LiveDirectory::start_next() {
  while (!waiting_.empty() && !writing_) {
    Waiting next = std::move(waiting_.front());
    waiting_.pop_front();
    auto stored = with(next.change);
    if (!stored) {
      next.done(fail(stored.error()));
      continue;
    }
    if (auto snapshot = merged(*stored); !snapshot) {
      next.done(fail(snapshot.error()));
      continue;
    }
    writing_ = true;
    auto write = [change = next.change, now = clock_.wall()](Connection& connection) -> Result<void> {
      for (const Entity& entity : change.put) {
        auto written = std::visit([&](const auto& each) { return put(connection, each, now); }, entity);
        if (!written) return written;
      }
      for (const EntityId& id : change.erase) {
        auto erased = std::visit([&](const auto& each) { return erase(connection, each); }, id);
        if (!erased) return erased;
      }
      return {};
    };
    auto on_disk = [this, stored = std::move(*stored), done = next.done](Result<void> written) mutable {
      writing_ = false;
      if (written) {
        // What is configured may have changed meanwhile.
        auto snapshot = merged(stored);
        stored_ = std::move(stored);
        if (snapshot) publish(std::move(*snapshot));
        if (!snapshot) written = fail(snapshot.error());
      }
      done(written);
      start_next();
    };
    if (auto asked = store_.write(std::move(write), std::move(on_disk)); !asked) {
      writing_ = false;
      next.done(asked);
    }
  }
}

Result<Entities> LiveDirectory::with(const Change& change) const {
  Entities stored = stored_;
  const auto refuse_configured = [&](const auto id) -> Result<void> {
    if (!contains(configured_, id)) return {};
    return fail(ErrorCode::Forbidden, "this entry is from the configuration file: change it there");
  };
  for (const Entity& entity : change.put) {
    auto allowed = std::visit([&](const auto& each) { return refuse_configured(each.id); }, entity);
    if (!allowed) return fail(allowed.error());
    std::visit([&](const auto& each) { put_into(stored, each); }, entity);
  }
  for (const EntityId& id : change.erase) {
    auto allowed = std::visit(refuse_configured, id);
    if (!allowed) return fail(allowed.error());
    const bool erased = std::visit(
        [&](const auto& each) {
          const auto it = find(stored, each);
          if (it == table(stored, each).end()) return false;
          table(stored, each).erase(it);
          return true;
        },
        id);
    if (!erased) return fail(ErrorCode::NotFound, "there is no such entry");
  }
  return stored;
}

Result<std::shared_ptr<const directory::Snapshot>> LiveDirectory::merged(const Entities& stored) const {
  Entities all = configured_;
  add_missing(all.accounts, stored.accounts);
  add_missing(all.applications, stored.applications);
  add_missing(all.numbers, stored.numbers);
  add_missing(all.organisations, stored.organisations);
  add_missing(all.phones, stored.phones);
  add_missing(all.trunks, stored.trunks);
  return directory::Snapshot::create(std::move(all));
}

void LiveDirectory::publish(std::shared_ptr<const directory::Snapshot> snapshot) {
  snapshot_ = std::move(snapshot);
  for (const OnChange& listener : listeners_) listener(snapshot_);
}

}  // namespace sotto::store
