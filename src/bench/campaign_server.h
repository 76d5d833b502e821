#pragma once

#include <memory>
#include <string>

#include "bench/server_process.h"

namespace sotto::bench {

inline constexpr const char* kCampaignNumber = "12025550101";

// A server in a process of its own, with one campaign at kCampaignNumber that anybody on this machine may
// call. Its folder goes with it. Made by a process with one thread.
class CampaignServer {
 public:
  // `campaign`: what else [[campaign]] says, as TOML.
  static Result<std::unique_ptr<CampaignServer>> start(const std::string& campaign, int cpu);
  CampaignServer(const CampaignServer&) = delete;
  ~CampaignServer();

  const ServerProcess& process() const { return *process_; }

 private:
  explicit CampaignServer(std::string folder) : folder_(std::move(folder)) {}

  const std::string folder_;
  std::unique_ptr<ServerProcess> process_;
};

}  // namespace sotto::bench
