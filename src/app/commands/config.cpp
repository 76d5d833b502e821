#include <cstdio>

#include "app/commands/commands.h"
#include "app/config/reader.h"

namespace sotto::app {

int check_config(const std::string& file) {
  const config::Reading reading = config::read_config_file(file, {config::environment(), {}});
  for (const std::string& error : reading.errors) std::fprintf(stderr, "%s\n", error.c_str());
  if (!reading.errors.empty()) return 1;
  const config::Settings& all = reading.settings;
  std::printf("%s is good: %zu campaigns, %zu phones, %zu trunks, %zu pools\n", file.c_str(),
              all.campaigns.size(), all.phones.size(), all.trunks.size(), all.pools.size());
  return 0;
}

int print_example_config() {
  std::fputs(config::example_config().c_str(), stdout);
  return 0;
}

}  // namespace sotto::app
