#include "store/writer.h"

#include <algorithm>

#include "base/limits.h"
#include "base/log.h"

namespace sotto::store {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

constexpr steady_clock::duration kLingerMax = 250ms;
constexpr steady_clock::duration kTroublePause = 250ms;  // before nothing that can be written is tried again

// Failures of the database rather than of one change: trying the changes one by one would not help.
bool concerns_all(ErrorCode code) {
  return code == ErrorCode::Io || code == ErrorCode::Exhausted || code == ErrorCode::Closed ||
         code == ErrorCode::Unreachable;
}

// A lone change goes at once; under load, changes gather while the disk is busy and twice as long again, so
// that later states of a row replace earlier ones.
steady_clock::duration linger_after(steady_clock::duration took) {
  return std::clamp<steady_clock::duration>(2 * took, base::limits::kStoreCommitLinger, kLingerMax);
}

}  // namespace

void Writer::run() {
  Moment not_before = Moment::min();
  while (true) {
    Batch batch = std::exchange(kept_, {});
    const size_t room = base::limits::kStoreBatchMax - batch.size();
    // What is kept must not wait for company.
    const size_t wanted_min = batch.empty() ? 1 : 0;
    std::vector<PendingWrite> more = queue_.pop(wanted_min, room, not_before);
    std::move(more.begin(), more.end(), std::back_inserter(batch));
    if (batch.empty()) return;
    const bool last = more.empty() && queue_.closed();
    const Moment began = steady_clock::now();
    write(std::move(batch), last);
    const Moment now = steady_clock::now();
    not_before = now + (failing_ ? kTroublePause : linger_after(now - began));
  }
}

void Writer::write(Batch batch, bool last) {
  batch_ = std::move(batch);
  Outcome outcome = apply(Guard::None);
  const bool one_at_fault =
      !outcome.result && outcome.stage == Stage::Changes && !concerns_all(outcome.result.error().code);
  if (one_at_fault) outcome = apply(Guard::Savepoints);
  note_health(outcome.result);
  finish_all(outcome.result, last);
}

Writer::Outcome Writer::apply(Guard guard) {
  if (!connection_->healthy()) {
    if (const auto connected = connection_->reconnect(); !connected) return {Stage::Begin, connected};
  }
  Outcome outcome = attempt(guard);
  // A commit that failed midway may have been made; before the commit nothing was, and trying again is safe.
  const bool retry = !outcome.result && outcome.stage != Stage::Commit && !connection_->healthy();
  if (!retry) return outcome;
  if (const auto connected = connection_->reconnect(); !connected) return {Stage::Begin, connected};
  return attempt(guard);
}

Writer::Outcome Writer::attempt(Guard guard) {
  results_.assign(batch_.size(), Result<void>{});
  auto transaction = Transaction::begin(*connection_);
  if (!transaction) {
    // Another program holds the file.
    const Error& error = transaction.error();
    const ErrorCode code = error.code == ErrorCode::Conflict ? ErrorCode::Unreachable : error.code;
    return {Stage::Begin, fail(code, error.detail)};
  }
  for (size_t i = 0; i < batch_.size(); ++i) {
    if (auto made = make(i, guard); !made) return {Stage::Changes, std::move(made)};
  }
  return {Stage::Commit, transaction->commit()};
}

// An error ends the attempt; that of one change alone, under a savepoint, is among the results.
Result<void> Writer::make(size_t index, Guard guard) {
  if (guard == Guard::Savepoints) return make_alone(index);
  return batch_[index].change(*connection_);
}

Result<void> Writer::make_alone(size_t index) {
  if (const auto saved = connection_->execute("SAVEPOINT change"); !saved) return fail(saved.error());
  Result<void> made = batch_[index].change(*connection_);
  if (!made) {
    if (concerns_all(made.error().code)) return made;
    if (const auto undone = connection_->execute("ROLLBACK TO SAVEPOINT change"); !undone)
      return fail(undone.error());
  }
  if (const auto released = connection_->execute("RELEASE SAVEPOINT change"); !released)
    return fail(released.error());
  results_[index] = std::move(made);
  return {};
}

void Writer::finish_all(const Result<void>& written, bool last) {
  for (size_t i = 0; i < batch_.size(); ++i) {
    PendingWrite& each = batch_[i];
    if (written) {
      finish(each, std::move(results_[i]));
    } else if (each.in_trouble == Store::InTrouble::Wait && failing_ && !last) {
      kept_.push_back(std::move(each));
    } else {
      finish(each, written);
    }
  }
  batch_.clear();
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
