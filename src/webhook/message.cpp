#include "webhook/message.h"

#include "text/json_field.h"

namespace sotto::webhook {
namespace {

std::string headers_to_json(const http::Headers& headers) {
  text::JsonArray fields;
  for (const auto& [name, value] : headers) fields.emplace_back(text::JsonArray{name, value});
  return text::to_text(fields);
}

Result<http::Headers> headers_from_json(std::string_view json) {
  const auto document = text::parse_json(json);
  if (!document) return fail(document.error());
  http::Headers headers;
  for (const text::JsonField& field : text::JsonField(*document, "headers").elements()) {
    const auto parts = field.elements();
    if (parts.size() != 2) return field.refuse(ErrorCode::Invalid, "expected a name and a value");
    auto name = parts[0].text();
    auto value = parts[1].text();
    if (!name) return fail(name.error());
    if (!value) return fail(value.error());
    headers.add(std::move(*name), std::move(*value));
  }
  return headers;
}

}  // namespace

store::Delivery to_delivery(const Message& message, std::string id, std::string stream, base::WallTime now) {
  store::Delivery delivery;
  delivery.id = std::move(id);
  delivery.stream = std::move(stream);
  delivery.account = message.account;
  delivery.call = message.call;
  delivery.dialect = message.dialect;
  delivery.method = http::to_string(message.method);
  delivery.url = message.url;
  delivery.headers = headers_to_json(message.headers);
  delivery.body = message.body;
  delivery.policy = to_json(message.policy);
  delivery.created = now;
  delivery.next_try = now;
  return delivery;
}

Result<Message> to_message(store::Delivery delivery) {
  auto headers = headers_from_json(delivery.headers);
  if (!headers) return fail(headers.error());
  auto policy = parse_delivery_policy(delivery.policy);
  if (!policy) return fail(policy.error());
  Message message;
  message.stream = std::move(delivery.stream);
  message.account = std::move(delivery.account);
  message.call = std::move(delivery.call);
  message.dialect = std::move(delivery.dialect);
  message.method = http::parse_method(delivery.method);
  message.url = std::move(delivery.url);
  message.headers = std::move(*headers);
  message.body = std::move(delivery.body);
  message.policy = std::move(*policy);
  return message;
}

size_t size_of(const Message& message) {
  constexpr size_t kFixed = 512;  // the object, its small strings, its place in the queues
  size_t size = kFixed + message.stream.size() + message.url.size() + message.body.size();
  for (const auto& [name, value] : message.headers) size += name.size() + value.size() + 64;
  return size;
}

std::string_view receiver_of(std::string_view url) {
  const size_t scheme = url.find("://");
  if (scheme == std::string_view::npos) return url;
  return url.substr(0, url.find_first_of("/?#", scheme + 3));
}

}  // namespace sotto::webhook
