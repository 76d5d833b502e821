#pragma once

#include <map>
#include <string>
#include <vector>

#include "dialect/host/await.h"
#include "directory/model.h"

namespace sotto::voipnow {

enum class AgentStatus { LoggedOut = 0, Online = 1, Paused = 2 };

struct QueueAgent {
  std::string number;  // extension or public number
  AgentStatus status = AgentStatus::Online;
};

// Who works in which queue: named by the queue's settings, their status kept in the store. Control thread.
class QueueAgents {
 public:
  explicit QueueAgents(dialect::Services services) : services_(std::move(services)) {}

  // Reads what is stored, once, at the start.
  void load();
  std::vector<QueueAgent> agents(const directory::Phone& queue) const;
  asio::awaitable<Result<void>> set_status(std::string queue, std::string agent, AgentStatus status);

 private:
  dialect::Services services_;
  std::map<std::pair<std::string, std::string>, AgentStatus> statuses_;  // by queue and agent
};

}  // namespace sotto::voipnow
