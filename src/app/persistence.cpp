#include "app/persistence.h"

#include "base/log.h"
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

Result<Persistence> Persistence::open(net::Loop& loop, const std::string& address) {
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
  return opened;
}

}  // namespace sotto::app
