#include "dialect/twilio/startup.h"

#include <array>

#include "base/log.h"
#include "dialect/host/await.h"
#include "dialect/twilio/api/stored.h"
#include "dialect/twilio/json_text.h"

namespace sotto::twilio {
namespace {

void take_queue(Shared& shared, const store::Document& document, const text::Json& body) {
  const std::string name = scoped_name(document.account, text_of(body["friendly_name"]));
  const std::string key = stored_queue_key(document.account, body);
  shared.queues.set(key, name);
  shared.services.flow.add_queue(key);
}

void take(Shared& shared, const store::Document& document) {
  const auto body = text::parse_json(document.body);
  if (!body) return;
  if (document.kind == kQueueKind) return take_queue(shared, document, *body);
  shared.domains.set(text_of((*body)["sid"]), SipDomains::read(document.account, *body));
}

}  // namespace

asio::awaitable<void> load_stored(Shared& shared) {
  constexpr std::array<const char*, 2> kKinds{kQueueKind, kDomainKind};
  for (const char* kind : kKinds) {
    std::function<Result<std::vector<store::Document>>(store::Connection&)> query =
        [kind](store::Connection& connection) { return store::documents_of_kind(connection, kind); };
    const Result<std::vector<store::Document>> found =
        co_await dialect::read_stored<std::vector<store::Document>>(shared.services, std::move(query));
    if (!found) {
      base::log(base::LogLevel::Warning, "twilio", "what was stored cannot be read",
                {{"kind", kind}, {"why", found.error().detail}});
      continue;
    }
    for (const store::Document& document : *found) take(shared, document);
  }
}

}  // namespace sotto::twilio
