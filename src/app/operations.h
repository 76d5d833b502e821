#pragma once

#include <functional>
#include <optional>

#include "admin/context.h"
#include "app/doctor.h"
#include "store/maintenance.h"
#include "telephony/trace_ring.h"

namespace sotto::app {

// What is kept for how long; absent: for ever.
struct RetentionSettings {
  std::optional<std::chrono::days> records;
  std::optional<std::chrono::days> ledger;
  std::optional<std::chrono::days> recordings;
  std::optional<std::chrono::days> dead_letters;
};

// Housekeeping of the server, by itself every hour and when the operator asks. Control thread.
class Operations final : public admin::Operations {
 public:
  struct Ports {
    net::Loop& loop;
    store::Store& store;
    http::Client& client;
    std::function<Result<void>()> reload;
    std::function<Checkup()> checkup;
    std::function<RetentionSettings()> retention;
    const telephony::TraceRing& sip_trace;
    std::string recordings_folder;
  };
  // What the ports refer to outlives it.
  explicit Operations(Ports ports) : ports_(std::move(ports)) {}

  Result<void> reload() override { return ports_.reload(); }
  asio::awaitable<text::Json> diagnose() override;
  asio::awaitable<Result<text::Json>> purge() override;
  std::string sip_trace(const std::string& call, TraceFormat format) override;
  // Until its task is cancelled.
  asio::awaitable<void> purge_hourly();

 private:
  asio::awaitable<Result<store::Purged>> purge_batch(store::Retention retention);
  size_t remove_files(const std::vector<std::string>& paths) const;

  const Ports ports_;
};

}  // namespace sotto::app
