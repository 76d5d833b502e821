// Copies of the database. They need no running server; a backup may be made beside one.
#include <cstdio>

#include "app/commands/commands.h"
#include "app/config/reader.h"
#include "store/maintenance.h"

namespace sotto::app {
namespace {

// Where the server that these options would start has its database.
Result<std::string> database_address(const BackupOptions& options) {
  config::Overrides overrides{config::environment(), {}};
  if (options.data) overrides.flags.push_back({"--data", "server", "data", *options.data});
  const config::Reading reading = config::read_config_file(options.config, overrides);
  if (!reading.errors.empty()) return fail(ErrorCode::Invalid, reading.errors.front());
  const config::ServerSection& server = reading.settings.server;
  return server.database.empty() ? "sqlite:" + server.data + "/sotto.db" : server.database;
}

int told(const Result<void>& done, const char* what, const std::string& file) {
  if (!done) return std::fprintf(stderr, "sotto: %s\n", done.error().detail.c_str()), 1;
  std::printf(what, file.c_str());
  return 0;
}

}  // namespace

int backup(const BackupOptions& options) {
  const auto address = database_address(options);
  if (!address) return told(fail(address.error()), "", "");
  return told(store::back_up(*address, options.file), "the database is in %s; recordings are not\n",
              options.file);
}

int restore(const BackupOptions& options) {
  const auto address = database_address(options);
  if (!address) return told(fail(address.error()), "", "");
  return told(store::restore(options.file, *address), "the database is that of %s\n", options.file);
}

}  // namespace sotto::app
