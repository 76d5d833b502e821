#include "webhook/delivery_policy.h"

#include <algorithm>

#include "text/json_field.h"

namespace sotto::webhook {

using http::FetchFault;

bool RetryPolicy::retries(const http::FetchResult& result) const {
  if (result) {
    if (std::find(on_statuses.begin(), on_statuses.end(), result->status) != on_statuses.end()) return true;
    if (result->status >= 500) return on_5xx;
    return result->status >= 400 && on_4xx;
  }
  switch (result.error().fault) {
    case FetchFault::HostName:
    case FetchFault::Refused:
    case FetchFault::ConnectTimeout:
    case FetchFault::Exhausted: return on_connect;
    case FetchFault::TlsHandshake: return on_tls;
    case FetchFault::TotalTimeout:
    case FetchFault::Reset:
    case FetchFault::TooLarge: return on_timeout;
    case FetchFault::BadUrl:
    case FetchFault::PrivateTarget:
    case FetchFault::TooManyRedirects:
    case FetchFault::Cancelled: return false;
  }
  return false;
}

std::string to_json(const DeliveryPolicy& policy) {
  const auto ms = [](base::Duration time) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(time).count();
  };
  text::JsonArray pauses;
  for (const base::Duration pause : policy.retry.pauses) pauses.emplace_back(ms(pause));
  text::JsonArray statuses;
  for (const int status : policy.retry.on_statuses) statuses.emplace_back(status);
  text::JsonObject json{{"pauses_ms", std::move(pauses)},
                        {"on_connect", policy.retry.on_connect},
                        {"on_tls", policy.retry.on_tls},
                        {"on_timeout", policy.retry.on_timeout},
                        {"on_5xx", policy.retry.on_5xx},
                        {"on_4xx", policy.retry.on_4xx},
                        {"on_statuses", std::move(statuses)},
                        {"connect_deadline_ms", ms(policy.connect_deadline)},
                        {"total_deadline_ms", ms(policy.total_deadline)},
                        {"redirects", static_cast<int>(policy.redirects)}};
  if (policy.patience) json.add("patience_ms", ms(*policy.patience));
  return text::to_text(text::Json(std::move(json)));
}

Result<DeliveryPolicy> parse_delivery_policy(std::string_view json) {
  const auto document = text::parse_json(json);
  if (!document) return fail(document.error());
  const text::JsonField fields(*document);
  std::optional<Error> error;
  const auto keep = [&error](auto result, auto otherwise) {
    if (!result && !error) error = result.error();
    return result ? *result : otherwise;
  };
  const auto ms = [&](const text::JsonField& field) {
    return std::chrono::milliseconds(keep(field.integer(0, 86'400'000), int64_t{0}));
  };
  DeliveryPolicy policy;
  for (const text::JsonField& pause : fields["pauses_ms"].elements())
    policy.retry.pauses.push_back(ms(pause));
  policy.retry.on_connect = keep(fields["on_connect"].boolean(), false);
  policy.retry.on_tls = keep(fields["on_tls"].boolean(), false);
  policy.retry.on_timeout = keep(fields["on_timeout"].boolean(), false);
  policy.retry.on_5xx = keep(fields["on_5xx"].boolean(), false);
  policy.retry.on_4xx = keep(fields["on_4xx"].boolean(), false);
  for (const text::JsonField& status : fields["on_statuses"].elements())
    policy.retry.on_statuses.push_back(static_cast<int>(keep(status.integer(100, 599), int64_t{0})));
  policy.connect_deadline = ms(fields["connect_deadline_ms"]);
  policy.total_deadline = ms(fields["total_deadline_ms"]);
  policy.redirects = static_cast<http::Redirects>(
      keep(fields["redirects"].integer(0, static_cast<int>(http::Redirects::KeepMethod)), int64_t{0}));
  if (!fields["patience_ms"].null_or_absent()) policy.patience = ms(fields["patience_ms"]);
  if (error) return fail(*error);
  return policy;
}

}  // namespace sotto::webhook
