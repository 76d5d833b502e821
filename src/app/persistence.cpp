#include "app/persistence.h"

#include "app/admin_token.h"
#include "base/log.h"
#include "store/campaign_call_store.h"
#include "store/directory_store.h"
#include "store/hearing_store.h"

namespace sotto::app {
namespace {

void report_trouble(const std::optional<Error>& trouble) {
  if (trouble) {
    base::log(base::LogLevel::Error, "store", "writing fails; calls go on", {{"why", trouble->detail}});
  } else {
    base::log(base::LogLevel::Info, "store", "writing works again", {});
  }
}

}  // namespace

Result<Persistence> Persistence::open(net::Loop& loop, const std::string& address,
                                      const std::string& data_folder) {
  Persistence opened;
  const auto post = [&loop](store::Store::Task task) { loop.post(std::move(task)); };
  auto store = store::Store::open({address, post, report_trouble});
  if (!store) return fail(store.error());
  opened.store = std::move(*store);

  auto connection = store::connect({address});
  if (!connection) return fail(connection.error());
  auto entities = store::load_directory(**connection);
  if (!entities) return fail(entities.error());
  opened.stored = std::move(*entities);
  const base::WallTime now = loop.clock().wall();
  auto dead = store::close_open_legs(**connection, now);
  if (!dead) return fail(dead.error());
  opened.found_dead = std::move(*dead);
  if (auto closed = store::close_open_hearing(**connection, now); !closed) return fail(closed.error());
  auto campaigns = store::documents_of_kind(**connection, "campaign");
  if (!campaigns) return fail(campaigns.error());
  auto callers = store::campaign_callers(**connection);
  if (!callers) return fail(callers.error());
  opened.campaigns = {std::move(*campaigns), std::move(*callers)};
  base::SystemRandom random;
  auto token = make_admin_token(**connection, data_folder, random, now);
  if (!token) return fail(token.error());
  opened.admin_token = std::move(*token);
  return opened;
}

}  // namespace sotto::app
