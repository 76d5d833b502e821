#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "admin/context.h"
#include "campaign/tracker.h"
#include "campaign/tzif.h"
#include "net/loop.h"
#include "store/documents.h"
#include "store/journal.h"
#include "store/live_directory.h"
#include "store/store.h"

namespace sotto::app {

// The campaigns of this server, from the operator's file and from the store, and what is remembered of their
// calls. Control thread.
class Campaigns final : public admin::CampaignBook,
                        public campaign::CallerHistory,
                        public campaign::RecordSink {
 public:
  struct Open {
    std::shared_ptr<const campaign::Campaign> campaign;
    campaign::TimeZone zone;  // of its hours
    bool configured = false;
  };
  // What the store knows at the start.
  struct Stored {
    std::vector<store::Document> campaigns;
    std::vector<std::pair<std::string, std::string>> callers;
  };

  // All outlive it. `owner` has the campaigns' numbers.
  Campaigns(net::Loop& loop, store::Store& store, store::LiveDirectory& directory,
            directory::AccountId owner);

  // Which calls are written to. Before the first one; outlives it.
  void set_journal(store::Journal& journal) { journal_ = &journal; }
  // Once, at the start.
  Result<void> open(const std::vector<campaign::Campaign>& configured, const Stored& stored);
  // The file was read again: what it no longer names is gone, what is stored stays. When it fails nothing
  // changes. `apply` is the rest of the change; it is made first, and may refuse.
  Result<void> reconfigure(const std::vector<campaign::Campaign>& configured,
                           const std::function<Result<void>()>& apply);

  const Open* find(const std::string& name) const;
  uint64_t calls() const { return calls_; }  // that have ended since the start

  std::vector<Entry> all() const override;
  asio::awaitable<Result<void>> add(text::Json campaign) override;
  asio::awaitable<Result<void>> remove(std::string name) override;
  bool has_called(const std::string& campaign, const std::string& caller) const override;
  void remember(const std::string& campaign, const std::string& caller) override;
  void on_record(const campaign::CallRecord& record) override;

 private:
  using Entries = std::map<std::string, Open>;
  static Result<void> add_to(Entries& entries, campaign::Campaign campaign, bool configured);
  Result<campaign::Campaign> read(const text::Json& json) const;
  Result<store::LiveDirectory::Change> numbers_to_take(const campaign::Campaign& campaign) const;
  store::LiveDirectory::Change numbers_to_free(const campaign::Campaign& campaign) const;
  asio::awaitable<Result<void>> write(store::Store::Change change);
  asio::awaitable<Result<void>> change(store::LiveDirectory::Change change);

  net::Loop& loop_;
  store::Store& store_;
  store::LiveDirectory& directory_;
  const directory::AccountId owner_;
  store::Journal* journal_ = nullptr;
  Entries entries_;
  std::set<std::pair<std::string, std::string>> callers_;
  uint64_t calls_ = 0;
};

}  // namespace sotto::app
