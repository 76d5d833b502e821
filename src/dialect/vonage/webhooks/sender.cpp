#include "dialect/vonage/webhooks/sender.h"

#include "crypto/digest.h"
#include "crypto/jwt.h"
#include "dialect/vonage/account.h"
#include "dialect/vonage/webhooks/bodies.h"
#include "text/form.h"

namespace sotto::vonage {
namespace {

using namespace std::chrono_literals;

// Names the application to the signer; it never leaves us.
constexpr std::string_view kApplicationHeader = "Sotto-Application";
constexpr uint32_t kRedirectsMax = 3;
constexpr auto kEventReplyTimeout = 10s;
constexpr auto kEventConnectTimeout = 1s;
constexpr auto kEventPause = 500ms;  // before the other attempt
constexpr auto kPatience = 1s;       // with an app that does not answer an event

http::FetchRequest to_request(const Hook& hook, const text::Json& body, const text::Parameters& parameters) {
  http::FetchRequest request;
  request.method = hook.method;
  request.url = hook.url;
  if (hook.method == http::Method::Get) {
    auto uri = text::parse_uri(hook.url);
    if (uri) {
      text::append_query(*uri, parameters);
      request.url = text::to_text(*uri);
    }
    return request;
  }
  request.headers.add("Content-Type", "application/json");
  request.body = text::to_text(body);
  return request;
}

// vonage.md §3.3: once more after broken or slow connections and three statuses; not after TLS failed, nor
// after what the app refused.
webhook::RetryPolicy once_more(base::Duration pause) {
  return {.pauses = {pause},
          .on_connect = true,
          .on_tls = false,
          .on_timeout = true,
          .on_5xx = false,
          .on_4xx = false,
          .on_statuses = {429, 503, 504}};
}

std::string signed_payload(const http::FetchRequest& request) {
  if (request.method != http::Method::Get) return request.body;
  const auto uri = text::parse_uri(request.url);
  const auto query = text::parse_form(uri && uri->query ? *uri->query : std::string());
  return text::to_text(to_json(query.value_or(text::Parameters{})));
}

}  // namespace

Sender::Sender(dialect::Services services) : services_(std::move(services)) {
  services_.outbox.set_signer(
      std::string(kDialect), [this](const webhook::Message& message, http::FetchRequest& request) {
        const auto id = base::parse_id<directory::ApplicationId>(message.headers.get(kApplicationHeader));
        request.headers.remove(kApplicationHeader);
        if (id) sign(*id, request);
      });
}

const directory::Application* Sender::find(directory::ApplicationId id) const {
  return services_.directory.now()->application(id);
}

void Sender::tell(Event event, webhook::Outbox::OnReply on_reply) {
  if (!event.hook) return;
  const directory::Application* application = find(event.application);
  http::FetchRequest request = to_request(event.hook, event.body, to_parameters(event.body));
  webhook::Message message;
  message.stream = std::move(event.stream);
  message.call = std::move(event.call);
  message.dialect = kDialect;
  if (application != nullptr) message.account = base::to_hex(application->account);
  message.method = request.method;
  message.url = std::move(request.url);
  message.headers = std::move(request.headers);
  message.headers.add(std::string(kApplicationHeader), base::to_hex(event.application));
  message.body = std::move(request.body);
  message.policy.retry = once_more(kEventPause);
  message.policy.connect_deadline = kEventConnectTimeout;
  message.policy.total_deadline = kEventReplyTimeout;
  message.policy.patience = kPatience;
  services_.outbox.deliver(std::move(message), std::move(on_reply));
}

asio::awaitable<http::FetchResult> Sender::ask(Ask ask) {
  http::FetchRequest request = to_request(ask.webhook.hook, ask.body, ask.parameters);
  request.connect_deadline = ask.webhook.connect_timeout;
  request.total_deadline = ask.webhook.reply_timeout;
  request.body_bytes_max = base::limits::kDocumentBytesMax;
  request.redirects =
      request.method == http::Method::Get ? http::Redirects::AsBrowser : http::Redirects::None;
  request.redirects_max = kRedirectsMax;
  sign(ask.application, request);
  webhook::RetryPolicy policy = once_more(0s);
  http::FetchResult result = co_await services_.fetcher.fetch(std::move(request), std::move(policy));
  co_return result;
}

void Sender::sign(directory::ApplicationId id, http::FetchRequest& request) const {
  const std::string made = token(id, signed_payload(request));
  if (!made.empty()) request.headers.set("Authorization", "Bearer " + made);
}

std::string Sender::token(directory::ApplicationId id, std::string_view payload) const {
  const directory::Application* application = find(id);
  if (application == nullptr || !settings_of(*application).signed_callbacks()) return {};
  const directory::Account* account = services_.directory.now()->account(application->account);
  const AccountSettings settings = account == nullptr ? AccountSettings{} : settings_of(*account);
  if (settings.signature_secret.empty()) return {};
  const Signature signature{base::to_uuid(id), settings.api_key, settings.signature_secret,
                            base::id_to_uuid(services_.random.next(), services_.random.next()),
                            services_.loop.clock().wall()};
  return signature_token(signature, payload);
}

std::string signature_token(const Signature& signature, std::string_view payload) {
  const auto seconds =
      std::chrono::duration_cast<std::chrono::seconds>(signature.now.time_since_epoch()).count();
  const text::Json claims =
      text::JsonObject{{"iat", seconds},
                       {"jti", signature.token_id},
                       {"iss", "Vonage"},
                       {"payload_hash", crypto::digest_hex(crypto::Digest::Sha256, payload)},
                       {"api_key", signature.api_key},
                       {"application_id", signature.application}};
  return crypto::sign_jwt_hs256(text::to_text(claims), signature.secret);
}

}  // namespace sotto::vonage
