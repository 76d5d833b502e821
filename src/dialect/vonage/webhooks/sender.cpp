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
constexpr auto kPatience = 1s;  // with an app that does not answer an event

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

// vonage.md §3.3: broken or slow connections and three statuses; not TLS, not what the app refused.
bool worth_another(const http::FetchResult& result) {
  if (result) return result->status == 429 || result->status == 503 || result->status == 504;
  switch (result.error().fault) {
    case http::FetchFault::HostName:
    case http::FetchFault::Refused:
    case http::FetchFault::ConnectTimeout:
    case http::FetchFault::TotalTimeout:
    case http::FetchFault::Reset: return true;
    default: return false;
  }
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

Sender::~Sender() {
  for (auto& [id, stream] : streams_) services_.loop.timers().stop(stream.patience);
}

const directory::Application* Sender::find(directory::ApplicationId id) const {
  return services_.directory.now()->application(id);
}

void Sender::tell(Event event) {
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
  message.policy.retry.pauses = {500ms};
  message.policy.retry.on_timeout = true;
  message.policy.connect_deadline = kEventConnectTimeout;
  message.policy.total_deadline = kEventReplyTimeout;
  message.policy.may_overtake = true;
  const auto [known, fresh] = by_name_.try_emplace(message.stream, next_);
  const uint64_t stream = known->second;
  if (fresh) streams_[next_++].name = message.stream;
  streams_.at(stream).waiting.push_back(std::move(message));
  if (fresh) send_next(stream);
}

// Called when the event before it was answered, or has been waited for long enough.
void Sender::send_next(uint64_t id) {
  Stream& stream = streams_.at(id);
  services_.loop.timers().stop(stream.patience);
  if (stream.waiting.empty()) {
    by_name_.erase(stream.name);
    streams_.erase(id);
    return;
  }
  webhook::Message message = std::move(stream.waiting.front());
  stream.waiting.pop_front();
  const uint64_t sent = ++stream.sent;
  stream.patience = services_.loop.timers().start(kPatience, *this, id);
  services_.outbox.deliver(std::move(message), [this, id, sent](const http::FetchResult&) {
    const auto waits = streams_.find(id);
    if (waits != streams_.end() && waits->second.sent == sent) send_next(id);
  });
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
  http::FetchRequest again = request;
  const webhook::RetryPolicy once;  // which faults are tried again is not the policy's to say
  http::FetchResult result = co_await services_.fetcher.fetch(std::move(request), once);
  if (!worth_another(result)) co_return result;
  http::FetchResult second = co_await services_.fetcher.fetch(std::move(again), once);
  co_return second;
}

void Sender::sign(directory::ApplicationId id, http::FetchRequest& request) const {
  const directory::Application* application = find(id);
  if (application == nullptr || !settings_of(*application).signed_callbacks()) return;
  const directory::Account* account = services_.directory.now()->account(application->account);
  const AccountSettings settings = account == nullptr ? AccountSettings{} : settings_of(*account);
  if (settings.signature_secret.empty()) return;
  const Signature signature{base::to_uuid(id), settings.api_key, settings.signature_secret,
                            base::id_to_uuid(services_.random.next(), services_.random.next()),
                            services_.loop.clock().wall()};
  request.headers.set("Authorization", "Bearer " + signature_token(signature, signed_payload(request)));
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
