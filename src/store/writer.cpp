#include "store/writer.h"

#include "base/limits.h"
#include "base/log.h"

namespace sotto::store {
namespace {

// Failures of the database rather than of one change: trying the changes one by one would not help.
bool concerns_all(ErrorCode code) {
  return code == ErrorCode::Io || code == ErrorCode::Exhausted || code == ErrorCode::Closed ||
         code == ErrorCode::Unreachable;
}

}  // namespace

void Writer::run() {
  auto last_commit = std::chrono::steady_clock::time_point::min();
  while (true) {
    // A lone change goes at once; under load, changes gather while the disk is busy and a little longer.
    const auto not_before = last_commit == std::chrono::steady_clock::time_point::min()
                                ? last_commit
                                : last_commit + base::limits::kStoreCommitLinger;
    auto batch = queue_.pop(base::limits::kStoreBatchMax, not_before);
    if (batch.empty()) return;
    write(batch);
    last_commit = std::chrono::steady_clock::now();
  }
}

void Writer::write(std::vector<PendingWrite>& batch) {
  const auto together = apply(batch);
  if (together || batch.size() == 1 || concerns_all(together.error().code)) {
    note_health(together);
    for (PendingWrite& each : batch) finish(each, together);
    return;
  }
  // Some change is at fault: each on its own, so that the others are kept.
  for (PendingWrite& each : batch) {
    const auto alone = apply(std::span(&each, 1));
    note_health(alone);
    finish(each, alone);
  }
}

Result<void> Writer::apply(std::span<PendingWrite> batch) {
  if (!connection_->healthy()) {
    if (const auto connected = connection_->reconnect(); !connected) return connected;
  }
  Outcome outcome = attempt(batch);
  // A commit that failed midway may have been made; before the commit nothing was, and trying again is safe.
  const bool retry = !outcome.result && outcome.stage == Stage::Changes && !connection_->healthy();
  if (!retry) return outcome.result;
  if (const auto connected = connection_->reconnect(); !connected) return connected;
  return attempt(batch).result;
}

Writer::Outcome Writer::attempt(std::span<PendingWrite> batch) {
  auto transaction = Transaction::begin(*connection_);
  if (!transaction) return {Stage::Changes, fail(transaction.error())};
  for (PendingWrite& each : batch) {
    auto changed = each.change(*connection_);
    if (!changed) return {Stage::Changes, std::move(changed)};
  }
  return {Stage::Commit, transaction->commit()};
}

void Writer::finish(PendingWrite& write, Result<void> result) {
  if (!write.done) return;
  options_.post(
      [done = std::move(write.done), result = std::move(result)]() mutable { done(std::move(result)); });
}

void Writer::note_health(const Result<void>& result) {
  const bool fails = !result && concerns_all(result.error().code);
  if (fails == failing_) return;
  failing_ = fails;
  const std::optional<Error> trouble = fails ? std::optional(result.error()) : std::nullopt;
  base::log(fails ? base::LogLevel::Error : base::LogLevel::Warning, "store",
            fails ? "nothing can be written" : "writing works again",
            {{"error", fails ? trouble->detail : ""}});
  if (options_.on_trouble) options_.post([report = options_.on_trouble, trouble] { report(trouble); });
}

}  // namespace sotto::store
