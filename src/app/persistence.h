#pragma once

#include <memory>
#include <vector>

#include "app/campaigns.h"
#include "app/configured.h"
#include "net/loop.h"
#include "store/journal.h"
#include "store/leg_store.h"
#include "store/live_directory.h"
#include "store/store.h"

namespace sotto::app {

// The database of a server as it is at the start: migrated, and with what a killed server had left open
// closed.
struct Persistence {
  std::unique_ptr<store::Store> store;
  directory::Entities stored;
  std::vector<store::LegRecord> found_dead;  // their final events are due
  Campaigns::Stored campaigns;
  std::optional<std::string> admin_token;  // made just now

  // Blocks: before the loop runs. `address` as store::ConnectionOptions; the admin token lies in
  // `data_folder`.
  static Result<Persistence> open(net::Loop& loop, const std::string& address,
                                  const std::string& data_folder);
};

}  // namespace sotto::app
