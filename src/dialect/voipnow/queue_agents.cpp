#include "dialect/voipnow/queue_agents.h"

#include "base/log.h"
#include "dialect/voipnow/extension_settings.h"
#include "store/documents.h"
#include "text/json_field.h"

namespace sotto::voipnow {
namespace {

constexpr const char* kKind = "voipnow_agent";

}  // namespace

void QueueAgents::load() {
  using Documents = std::vector<store::Document>;
  const auto asked = services_.store.read<Documents>(
      [](store::Connection& connection) { return store::documents_of_kind(connection, kKind); },
      [this](Result<Documents> stored) {
        if (!stored) {
          return base::log(base::LogLevel::Error, "voipnow", "queue agents could not be read",
                           {{"why", stored.error().detail}});
        }
        for (const store::Document& document : *stored) {
          const auto body = text::parse_json(document.body);
          if (!body) continue;
          const text::JsonField field(*body);
          const auto queue = field["queue"].text();
          const auto agent = field["agent"].text();
          const auto status = field["status"].integer(0, 2);
          if (queue && agent && status) statuses_[{*queue, *agent}] = static_cast<AgentStatus>(*status);
        }
      });
  if (!asked) {
    base::log(base::LogLevel::Error, "voipnow", "queue agents could not be read",
              {{"why", asked.error().detail}});
  }
}

std::vector<QueueAgent> QueueAgents::agents(const directory::Phone& queue) const {
  std::vector<QueueAgent> found;
  const auto settings = parse_extension_settings(queue);
  if (!settings) return found;
  for (const std::string& number : settings->agents) {
    const auto it = statuses_.find({queue.extension, number});
    found.push_back({number, it == statuses_.end() ? AgentStatus::Online : it->second});
  }
  return found;
}

asio::awaitable<Result<void>> QueueAgents::set_status(std::string queue, std::string agent,
                                                      AgentStatus status) {
  store::Document document;
  document.kind = kKind;
  document.id = queue + " " + agent;
  document.body = text::to_text(
      text::Json(text::JsonObject{{"queue", queue}, {"agent", agent}, {"status", static_cast<int>(status)}}));
  store::Store::Change change = [document,
                                 now = services_.loop.clock().wall()](store::Connection& connection) {
    return store::overwrite_document(connection, document, now);
  };
  const Result<void> written = co_await dialect::write(services_, std::move(change));
  if (written) statuses_[{queue, agent}] = status;
  co_return written;
}

}  // namespace sotto::voipnow
