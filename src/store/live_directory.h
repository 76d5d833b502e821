#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <variant>

#include "base/time.h"
#include "directory/snapshot.h"
#include "store/store.h"

namespace sotto::store {

using Entity = std::variant<directory::Account, directory::Application, directory::Number,
                            directory::Organisation, directory::Phone, directory::Trunk>;
using EntityId = std::variant<directory::AccountId, directory::ApplicationId, directory::NumberId,
                              directory::OrganisationId, directory::PhoneId, directory::TrunkId>;

// The directory as it is now: an immutable snapshot for everybody to read, and the only way to change it.
// Changes are made one after the other, each first in the store and then in the snapshot. Control thread.
class LiveDirectory {
 public:
  using Done = std::function<void(Result<void>)>;
  using OnChange = std::function<void(const std::shared_ptr<const directory::Snapshot>&)>;

  // `store` and `clock` outlive it. `configured` come from the operator's file: they win over stored ones of
  // the same id, are not stored, and cannot be changed here (Forbidden).
  static Result<std::unique_ptr<LiveDirectory>> create(Store& store, const base::Clock& clock,
                                                       directory::Entities configured,
                                                       directory::Entities stored);

  const std::shared_ptr<const directory::Snapshot>& now() const { return snapshot_; }
  void on_change(OnChange listener);  // called after each change, and once at once

  struct Change {
    std::vector<Entity> put;
    std::vector<EntityId> erase;
  };
  // The whole change or nothing of it; `done` runs once it is on disk and in now(), or was refused. A change
  // that the Snapshot refuses fails with its error; erasing what is not there with NotFound.
  void change(Change change, Done done);

  // The operator's file was read again. What it no longer names is gone, what is stored stays.
  Result<void> reconfigure(directory::Entities configured);

 private:
  LiveDirectory(Store& store, const base::Clock& clock);
  struct Waiting {
    Change change;
    Done done;
  };
  void start_next();
  Result<directory::Entities> with(const Change& change) const;
  Result<std::shared_ptr<const directory::Snapshot>> merged(const directory::Entities& stored) const;
  void publish(std::shared_ptr<const directory::Snapshot> snapshot);

  Store& store_;
  const base::Clock& clock_;
  directory::Entities configured_;
  directory::Entities stored_;
  std::shared_ptr<const directory::Snapshot> snapshot_;
  std::vector<OnChange> listeners_;
  std::deque<Waiting> waiting_;
  bool writing_ = false;
};

}  // namespace sotto::store
