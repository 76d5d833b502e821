#pragma once

#include <string>

#include "dialect/host/services.h"
#include "dialect/vonage/application.h"
#include "dialect/vonage/hook.h"
#include "text/json.h"
#include "text/uri.h"

namespace sotto::vonage {

// Sends what the dialect has to say: events, stored until they are acknowledged, and requests whose answer
// the call waits for. Signed where the application wants it (vonage.md §1.4). Control thread.
//
// Events of one stream go out in order, each when the one before it was answered; but an app that never
// answers delays the next by a second at most, and costs nobody else anything.
class Sender {
 public:
  explicit Sender(dialect::Services services);

  struct Event {
    directory::ApplicationId application;
    Hook hook;
    std::string stream;  // events of one stream go in order
    std::string call;    // hex
    text::Json body;
  };
  // `on_reply`: see Outbox.
  void tell(Event event, webhook::Outbox::OnReply on_reply = {});

  // A request whose answer is wanted now; once more after what may pass (vonage.md §3.3). A named coroutine:
  // cancelled with its task.
  struct Ask {
    directory::ApplicationId application;
    Webhook webhook;
    text::Json body;              // of a POST
    text::Parameters parameters;  // of a GET: added to the query that the address has
  };
  asio::awaitable<http::FetchResult> ask(Ask ask);

  // That says by whom and for whom `payload` was sent; empty: the application wants none, or the account has
  // no secret for it.
  std::string token(directory::ApplicationId application, std::string_view payload) const;

 private:
  const directory::Application* find(directory::ApplicationId id) const;
  void sign(directory::ApplicationId application, http::FetchRequest& request) const;

  dialect::Services services_;
};

// The token of a signed webhook, whose payload_hash is that of `payload`.
struct Signature {
  std::string application;
  std::string api_key;
  std::string secret;
  std::string token_id;
  base::WallTime now;
};
std::string signature_token(const Signature& signature, std::string_view payload);

}  // namespace sotto::vonage
