#include "store/store.h"

#include <thread>

#include "base/check.h"
#include "base/limits.h"
#include "base/log.h"
#include "store/migrations.h"
#include "store/work_queue.h"
#include "store/writer.h"

namespace sotto::store {

using Query = std::function<void(Connection&)>;

struct Store::Threads {
  explicit Threads(Options settings) : options(std::move(settings)) {}

  void run_reader() {
    while (true) {
      const auto queries = read_queue.pop(1, 1, {});
      if (queries.empty()) return;
      if (!read_connection->healthy()) {
        const auto connected = read_connection->reconnect();
        // The query then fails by itself and tells its caller.
        if (!connected)
          base::log(base::LogLevel::Warning, "store", "no connection to read from",
                    {{"error", connected.error().detail}});
      }
      queries.front()(*read_connection);
    }
  }

  const Options options;
  WorkQueue<PendingWrite> write_queue{base::limits::kStoreQueueMax};
  WorkQueue<Query> read_queue{base::limits::kStoreQueueMax};
  std::unique_ptr<Writer> writer;
  std::unique_ptr<Connection> read_connection;
  std::thread write_thread;
  std::thread read_thread;
};

Result<std::unique_ptr<Store>> Store::open(Options options) {
  CHECK(options.post);
  auto threads = std::make_unique<Threads>(std::move(options));
  auto writing = connect({threads->options.address, Access::ReadWrite});
  if (!writing) return fail(writing.error());
  if (const auto migrated = migrate(**writing); !migrated) return fail(migrated.error());
  auto reading = connect({threads->options.address, Access::ReadOnly});
  if (!reading) return fail(reading.error());
  threads->writer = std::make_unique<Writer>(std::move(*writing), threads->write_queue, threads->options);
  threads->read_connection = std::move(*reading);
  return std::unique_ptr<Store>(new Store(std::move(threads)));
}

Store::Store(std::unique_ptr<Threads> threads) : threads_(std::move(threads)) {
  threads_->write_thread = std::thread([writer = threads_->writer.get()] { writer->run(); });
  threads_->read_thread = std::thread([state = threads_.get()] { state->run_reader(); });
}

Store::~Store() {
  threads_->write_queue.close();
  threads_->read_queue.close();
  threads_->write_thread.join();
  threads_->read_thread.join();
}

Result<void> Store::write(Change change, Done done, InTrouble in_trouble) {
  PendingWrite pending{std::move(change), std::move(done), in_trouble};
  if (threads_->write_queue.push(pending)) return {};
  return fail(ErrorCode::Exhausted, "store: too many changes wait to be written");
}

Result<void> Store::enqueue_read(Query query) {
  if (threads_->read_queue.push(query)) return {};
  return fail(ErrorCode::Exhausted, "store: too many queries wait");
}

void Store::post(Task task) {
  threads_->options.post(std::move(task));
}

size_t Store::waiting_writes() const {
  return threads_->write_queue.size();
}

}  // namespace sotto::store
