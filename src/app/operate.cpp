// The server while it runs: reload, admin API, housekeeping, drain.
#include <cstdlib>
#include <filesystem>

#include "app/server.h"
#include "base/log.h"
#include "net/open_files.h"

namespace sotto::app {
namespace {

bool is_on_path(const std::string& program) {
  const char* path = std::getenv("PATH");
  const std::string folders = path == nullptr ? "/usr/bin" : path;
  for (size_t at = 0; at <= folders.size();) {
    const size_t end = std::min(folders.find(':', at), folders.size());
    std::error_code error;
    if (std::filesystem::exists(folders.substr(at, end - at) + "/" + program, error)) return true;
    at = end + 1;
  }
  return false;
}

directory::Entities entities_of(const ServerSettings& settings) {
  directory::Entities all = settings.directory;
  for (directory::Number& number : numbers_of(settings.campaigns, settings.account.id()))
    all.numbers.push_back(std::move(number));
  return all;
}

}  // namespace

void Server::open_admin(const dialect::Services& services) {
  operations_ = std::make_unique<Operations>(
      Operations::Ports{loop_, store(), *client_, [this] { return reload(); }, [this] { return checkup(); },
                        [this] { return settings_.retention; }, stack_->trace(), recordings_folder()});
  loop_.tasks().spawn(operations_->purge_hourly());
  admin_ = std::make_unique<admin::Admin>(admin::Context{services, *campaigns_, *operations_});
  admin_->add_routes(router_);
  if (persistence_.admin_token) new_credentials_.emplace_back("admin token", *persistence_.admin_token);
}

Result<void> Server::reload() {
  if (!settings_.read_again) return fail(ErrorCode::Unsupported, "the server was started without --config");
  auto fresh = settings_.read_again();
  if (!fresh) return fail(fresh.error());
  if (fresh->account.id() != settings_.account.id()) {
    return fail(ErrorCode::Conflict, "account.name: a change of it needs a restart");
  }
  auto account = complete(fresh->account);
  if (!account) return fail(account.error());
  const auto apply = [&]() -> Result<void> {
    if (tls_) {
      if (auto read = tls_->reload(); !read) return read;
    }
    return directory_->reconfigure(entities_of(*fresh));
  };
  if (auto changed = campaigns_->reconfigure(fresh->campaigns, apply); !changed) return changed;
  settings_.retention = fresh->retention;
  settings_.directory = std::move(fresh->directory);
  settings_.campaigns = std::move(fresh->campaigns);
  settings_.pools = std::move(fresh->pools);
  settings_.account = std::move(fresh->account);
  store::LiveDirectory::Change change{{std::move(*account)}, {}};
  for (directory::Number& number : numbers_for_sale(settings_.pools, directory_->now()->all()))
    change.put.emplace_back(std::move(number));
  directory_->change(std::move(change), [](Result<void> result) {
    if (!result) {
      base::log(base::LogLevel::Error, "app", "the account and new numbers of pools are as before",
                {{"why", result.error().detail}});
    }
  });
  return {};
}

Checkup Server::checkup() const {
  Checkup what;
  what.sip = sip_address();
  what.http = http_address();
  what.advertised_host = settings_.advertised_host;
  what.certificate_file = settings_.certificate.certificate_file;
  what.data_folder = settings_.data_folder;
  what.rtp_port_min = settings_.media.port_min;
  what.rtp_port_max = settings_.media.port_max;
  what.open_files_max = net::open_files_max();
  what.private_targets = settings_.fetch.private_targets == http::PrivateTargets::Allowed;
  what.espeak = is_on_path("espeak-ng");
  for (const directory::Trunk& each : directory_->now()->all().trunks)
    what.trunks.push_back({each.name, each.hosts});
  text::JsonArray settings;
  for (const directory::Application& each : directory_->now()->all().applications) {
    for (const auto& [dialect, json] : each.settings) {
      auto parsed = text::parse_json(json);
      if (parsed) settings.push_back(std::move(*parsed));
    }
  }
  what.webhook_urls = urls_in(std::move(settings));
  return what;
}

void Server::drain(base::TimePoint deadline) {
  draining_ = true;
  switchboard().drain(deadline);
}

}  // namespace sotto::app
