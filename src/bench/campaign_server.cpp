#include "bench/campaign_server.h"

#include <filesystem>
#include <fstream>

#include <fmt/format.h>
#include <unistd.h>

namespace sotto::bench {

Result<std::unique_ptr<CampaignServer>> CampaignServer::start(const std::string& campaign, int cpu) {
  const auto folder = std::filesystem::temp_directory_path() / fmt::format("sotto-bench-{}", ::getpid());
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) return fail(ErrorCode::Io, folder.string() + ": " + error.message());
  std::unique_ptr<CampaignServer> server(new CampaignServer(folder.string()));
  const std::string config = server->folder_ + "/sotto.toml";
  // RTP ports rest between calls: thousands of calls a second want many.
  std::ofstream(config) << fmt::format(
      "[log]\nlevel = \"error\"\n[server]\nrtp_port_min = 1024\nrtp_port_max = 65534\n"
      "[[trunk]]\nname = \"callers\"\nallow_from = [\"127.0.0.0/8\"]\n"
      "[[campaign]]\nname = \"bench\"\nnumbers = [\"{}\"]\n{}",
      kCampaignNumber, campaign);
  auto process = ServerProcess::start(server->folder_, config, cpu);
  if (!process) return fail(process.error());
  server->process_ = std::make_unique<ServerProcess>(std::move(*process));
  return server;
}

CampaignServer::~CampaignServer() {
  process_.reset();
  std::error_code left;
  std::filesystem::remove_all(folder_, left);
}

}  // namespace sotto::bench
