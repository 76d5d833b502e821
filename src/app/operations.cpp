#include "app/operations.h"

#include <filesystem>

#include "base/check.h"
#include "base/log.h"
#include "net/one_shot.h"
#include "telephony/trace_render.h"

namespace sotto::app {
namespace {

store::Retention before(const RetentionSettings& settings, base::WallTime now) {
  const auto since = [now](const std::optional<std::chrono::days>& days) -> std::optional<base::WallTime> {
    if (!days) return std::nullopt;
    return now - *days;
  };
  return {since(settings.records), since(settings.ledger), since(settings.recordings),
          since(settings.dead_letters)};
}

}  // namespace

asio::awaitable<text::Json> Operations::diagnose() {
  Checkup what = ports_.checkup();
  const std::vector<Finding> findings = co_await examine(ports_.loop, ports_.client, std::move(what));
  co_return text::JsonObject{{"findings", to_json(findings)}};
}

asio::awaitable<Result<store::Purged>> Operations::purge_batch(store::Retention retention) {
  using Answer = net::OneShot<Result<void>>;
  auto answer = std::make_shared<Answer>(ports_.loop.context());
  auto purged = std::make_shared<store::Purged>();  // filled by the writer's thread, read after its answer
  auto asked = ports_.store.write(
      [retention, purged](store::Connection& connection) -> Result<void> {
        auto done = store::purge(connection, retention);
        if (!done) return fail(done.error());
        *purged = std::move(*done);
        return {};
      },
      [answer](Result<void> result) { answer->set(std::move(result)); });
  if (!asked) co_return fail(asked.error());
  const Result<void> done = co_await answer->wait();
  if (!done) co_return fail(done.error());
  co_return *purged;
}

size_t Operations::remove_files(const std::vector<std::string>& paths) const {
  size_t removed = 0;
  for (const std::string& path : paths) {
    std::error_code error;
    if (std::filesystem::remove(ports_.recordings_folder + "/" + path, error)) ++removed;
    if (error) {
      base::log(base::LogLevel::Warning, "app", "a recording's file stays",
                {{"path", path}, {"why", error.message()}});
    }
  }
  return removed;
}

asio::awaitable<Result<text::Json>> Operations::purge() {
  const store::Retention retention = before(ports_.retention(), ports_.loop.clock().wall());
  int64_t rows = 0;
  size_t files = 0;
  bool more = true;
  while (more) {
    const Result<store::Purged> purged = co_await purge_batch(retention);
    if (!purged) co_return fail(purged.error());
    rows += purged->rows;
    files += remove_files(purged->recording_paths);
    more = purged->more;
  }
  co_return text::Json(text::JsonObject{{"rows", rows}, {"recording_files", files}});
}

std::string Operations::sip_trace(const std::string& call, TraceFormat format) {
  const telephony::TraceRing& ring = ports_.sip_trace;
  const bool ours = base::parse_id<call::CallId>(call).has_value();
  const auto messages = call.empty() ? ring.all() : ours ? ring.of_call(call) : ring.of_sip_call(call);
  switch (format) {
    case TraceFormat::Ladder: return telephony::render_ladder(messages);
    case TraceFormat::Messages: return telephony::render_messages(messages);
    case TraceFormat::Pcap: return telephony::render_pcap(messages);
  }
  CHECK(false);
}

asio::awaitable<void> Operations::purge_hourly() {
  while (true) {
    co_await ports_.loop.sleep(std::chrono::hours(1));
    const Result<text::Json> purged = co_await purge();
    if (!purged) {
      base::log(base::LogLevel::Error, "app", "old records cannot be erased",
                {{"why", purged.error().detail}});
    }
  }
}

}  // namespace sotto::app
