#include "dialect/twilio/sender.h"

#include "crypto/password.h"
#include "dialect/twilio/overrides.h"
#include "dialect/twilio/signature.h"
#include "text/form.h"

namespace sotto::twilio {

Sender::Sender(Shared& shared) : shared_(shared) {
  shared_.services.outbox.set_signer(
      std::string(kDialect),
      [&shared = shared_](const webhook::Message& message, http::FetchRequest& request) {
        sign_message(shared, message, request);
      });
}

void Sender::send(const To& to, const Callback& callback, text::Parameters form) {
  if (!callback) return;
  webhook::Message message;
  message.stream = to.stream;
  message.account = to.account;
  message.call = to.call;
  message.dialect = kDialect;
  message.method = callback.method;
  message.url = without_fragment(callback.url);
  message.headers = {{"User-Agent", "TwilioProxy/1.1"},
                     {"Accept", "*/*"},
                     {"I-Twilio-Idempotency-Token", crypto::make_token(shared_.services.random)}};
  if (callback.method == http::Method::Get) {
    const char joint = message.url.find('?') == std::string::npos ? '?' : '&';
    message.url += joint + text::encode_form(form);
  } else {
    message.headers.add("Content-Type", "application/x-www-form-urlencoded; charset=UTF-8");
    message.body = text::encode_form(form);
  }
  const Overrides overrides = parse_overrides(callback.url).value_or(Overrides{});
  message.policy.retry = overrides.retry;
  message.policy.connect_deadline = overrides.connect;
  message.policy.total_deadline = overrides.total;
  message.policy.redirects = http::Redirects::AsBrowser;
  if (!to.leg) return shared_.services.outbox.deliver(std::move(message));
  const LoggedRequest logged = shared_.requests.begin(message.method, message.url, std::move(form));
  shared_.services.outbox.deliver(
      std::move(message), [&requests = shared_.requests, leg = *to.leg,
                           logged](const http::FetchResult& result) { requests.add(leg, logged, result); });
}

void sign_message(const Shared& shared, const webhook::Message& message, http::FetchRequest& request) {
  const text::Parameters form = text::parse_form(message.body).value_or(text::Parameters{});
  request.headers.set("X-Twilio-Signature",
                      sign(shared.token_of(message.account), signed_url(message.url), form));
}

}  // namespace sotto::twilio
