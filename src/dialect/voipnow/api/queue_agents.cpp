// Who works in a queue (contract section 5).
#include "dialect/voipnow/api/path.h"
#include "dialect/voipnow/listing.h"

namespace sotto::voipnow {
namespace {

using text::Json;
using text::JsonArray;
using text::JsonObject;

const ListRules kRules{{"agentNumber", "status", "queue"},
                       {"agentNumber", "status", "queue", "link", "links"}};

std::string number(AgentStatus status) {
  return std::to_string(static_cast<int>(status));
}

Checked<Place> read_queue(const Ask& ask) {
  auto place = read_place(ask);
  if (!place) return place;
  if (place->extension.is_self() || place->extension.phone->kind != directory::ExtensionKind::Queue) {
    return refuse("extension_invalid", "extension: it is no Queue extension");
  }
  return place;
}

// The agents of the queue, or the one that the path names in one of its forms.
Checked<std::vector<QueueAgent>> read_agents(const Ask& ask, const Place& place) {
  std::vector<QueueAgent> agents = ask.parts.agents.agents(*place.extension.phone);
  const std::string* wanted = text::find_parameter(ask.request.parameters, "agent");
  if (wanted == nullptr) return agents;
  const auto digits = parse_phone_number(*wanted);
  std::erase_if(agents, [&](const QueueAgent& agent) {
    if (agent.number == *wanted || short_number(agent.number) == *wanted) return false;
    return !digits || parse_phone_number(agent.number) != digits;
  });
  if (agents.empty()) return refuse("qag_agent_invalid", "agent: \"" + *wanted + "\" is not in that queue");
  return agents;
}

Json render(const Ask& ask, const Place& place, const QueueAgent& agent) {
  const std::string& queue = place.extension.phone->extension;
  const JsonObject links{{"self", ask.base() + "/uapi/extensions/" + place.user.text + "/" + queue +
                                      "/queue/agents/" + agent.number}};
  return JsonObject{{"agentNumber", agent.number},
                    {"status", number(agent.status)},
                    {"queue", queue},
                    {"link", links},
                    {"links", links}};
}

}  // namespace

asio::awaitable<Reply> get_queue_agents(Ask ask) {
  const auto place = read_queue(ask);
  if (!place) co_return tl::unexpected(place.error());
  auto agents = read_agents(ask, *place);
  if (!agents) co_return tl::unexpected(agents.error());
  const auto query = parse_list_query(ask.request, kRules);
  if (!query) co_return tl::unexpected(query.error());
  std::stable_sort(agents->begin(), agents->end(),
                   [](const QueueAgent& a, const QueueAgent& b) { return a.status < b.status; });
  std::vector<Json> entries;
  for (const QueueAgent& agent : *agents) entries.push_back(render(ask, *place, agent));
  if (entries.empty() && ask.scope.settings().empty_is_204) co_return http::Response::empty(204);
  co_return json_reply(200, make_collection(*query, std::move(entries), ask.base() + ask.request.path));
}

asio::awaitable<Reply> put_queue_agent(Ask ask) {
  const auto place = read_queue(ask);
  if (!place) co_return tl::unexpected(place.error());
  const auto agents = read_agents(ask, *place);
  if (!agents) co_return tl::unexpected(agents.error());
  const auto body = read_body(ask);
  if (!body) co_return tl::unexpected(body.error());
  const Json* wanted = field(*body, "status");
  const auto status = wanted == nullptr ? std::nullopt : read_number(*wanted);
  if (!status || *status < 0 || *status > 2)
    co_return refuse("status_invalid", "status: 0, 1 or 2 is wanted");
  QueueAgent agent = agents->front();
  agent.status = static_cast<AgentStatus>(*status);
  const Result<void> stored =
      co_await ask.parts.agents.set_status(place->extension.phone->extension, agent.number, agent.status);
  if (!stored) co_return refuse(500, "internal_server_error", "the status could not be stored");
  co_return json_reply(200, JsonArray{render(ask, *place, agent)});
}

}  // namespace sotto::voipnow
