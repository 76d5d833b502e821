#include "dialect/vonage/ncco/endpoint.h"

#include <algorithm>

#include "dialect/vonage/ncco/options.h"
#include "text/ascii.h"
#include "text/uri.h"

namespace sotto::vonage {
namespace {

using base::Address;

constexpr size_t kNumberDigitsMax = 15;
constexpr size_t kSocketHeadersMax = 512;  // bytes, vonage.md §2.3

void read_phone(Options& options, Endpoint& endpoint) {
  const auto number = parse_phone_number(options.field("number"));
  if (!number) return options.refuse(number.error());
  endpoint.address = {Address::Kind::Number, *number, {}};
  endpoint.shown = text::JsonObject{{"type", "phone"}, {"number", *number}};
  const std::string identity = options.text("shaken");
  const bool one_line = std::none_of(identity.begin(), identity.end(),
                                     [](char c) { return static_cast<unsigned char>(c) < ' '; });
  if (!one_line) options.refuse("shaken", "must be the value of an Identity header, in one line");
  if (one_line && !identity.empty()) endpoint.sip_headers.emplace("Identity", identity);
  Options on_answer = options.inner("onAnswer");
  if (!options.has("onAnswer")) return;
  endpoint.whisper_url = on_answer.required_url("url");
  // The key had another name before 2019.
  endpoint.whisper_ringback = on_answer.url(on_answer.has("ringbackTone") ? "ringbackTone" : "ringback");
  options.take(on_answer);
}

void read_headers(Options& options, Endpoint& endpoint) {
  const text::Json& given = options.field("headers").value();
  if (given.object() == nullptr) return;
  for (const text::JsonMember& each : given.object()->members()) {
    const std::string* words = each.value.text();
    endpoint.sip_headers.emplace("X-" + each.key, words != nullptr ? *words : to_text(each.value));
  }
}

void read_sip(Options& options, Endpoint& endpoint) {
  const std::string uri = options.required_text("uri");
  if (!is_sip_uri(uri)) options.refuse("uri", "must be a sip or sips URI");
  endpoint.address = {Address::Kind::Sip, uri, {}};
  endpoint.shown = text::JsonObject{{"type", "sip"}, {"uri", uri}};
  (void)options.inner("headers");
  read_headers(options, endpoint);
  Options standard = options.inner(options.has("standardHeaders") ? "standardHeaders" : "standard_headers");
  const std::string user_to_user = standard.text("User-to-User");
  if (!user_to_user.empty()) endpoint.sip_headers.emplace("User-to-User", user_to_user);
  options.take(standard);
}

// vonage.md §9: what the app is greeted with, and how its sound is framed.
call::SocketFraming framing_of(Options& options, const std::string& type, Endpoint& endpoint) {
  const text::Json& headers = endpoint.headers;
  text::JsonObject greeting{{"event", "websocket:connected"}, {"content-type", type}};
  if (headers.object() != nullptr) {
    for (const text::JsonMember& each : headers.object()->members()) greeting.set(each.key, each.value);
  }
  int64_t rate = 0;
  for (const int64_t each : {8000, 16'000, 24'000}) {
    if (type.ends_with("rate=" + std::to_string(each))) rate = each;
  }
  if (rate == 0) options.refuse("content-type", "must be audio/l16 with a rate of 8000, 16000 or 24000");
  text::JsonObject parameters{{"rate", rate}, {"greeting", std::move(greeting)}};
  Options authorization = options.inner("authorization");
  const std::string kind = authorization.word("type", "vonage", {"vonage", "custom"});
  const std::string value =
      kind == "custom" ? authorization.required_text("value") : authorization.text("value");
  options.take(authorization);
  endpoint.wants_token = kind == "vonage";
  if (kind == "custom") parameters.add("handshake", text::JsonObject{{"Authorization", value}});
  return {"raw-l16", text::to_text(text::Json(std::move(parameters)))};
}

void read_websocket(Options& options, Endpoint& endpoint) {
  const std::string uri = options.required_text("uri");
  const auto parsed = text::parse_uri(uri);
  if (!parsed || parsed->host.empty() || (parsed->scheme != "ws" && parsed->scheme != "wss")) {
    options.refuse("uri", "must be a ws or wss URI");
  }
  const std::string type =
      options.text(options.has("content-type") ? "content-type" : "contentType", "audio/l16;rate=16000");
  (void)options.inner("headers");
  endpoint.headers = options.field("headers").value();
  if (to_text(endpoint.headers).size() > kSocketHeadersMax) {
    options.refuse("headers", "must not be longer than 512 bytes");
  }
  endpoint.framing = framing_of(options, type, endpoint);
  endpoint.address = {Address::Kind::WebSocket, uri, {}};
  endpoint.shown = text::JsonObject{{"type", "websocket"}, {"uri", uri}, {"content-type", type}};
}

void read_user(Options& options, Endpoint& endpoint) {
  const std::string user = options.required_text("user");
  endpoint.address = {Address::Kind::User, user, {}};
  endpoint.shown = text::JsonObject{{"type", "app"}, {"user", user}};
}

void read_extension(Options& options, Endpoint& endpoint) {
  const std::string extension = options.required_text("extension");
  endpoint.address = {Address::Kind::Phone, extension, {}};
  endpoint.shown = text::JsonObject{{"type", "vbc"}, {"extension", extension}};
}

struct Kind {
  std::string_view type;
  void (*read)(Options& options, Endpoint& endpoint);
};
constexpr Kind kKinds[] = {{"phone", read_phone},
                           {"sip", read_sip},
                           {"websocket", read_websocket},
                           {"app", read_user},
                           {"vbc", read_extension}};

}  // namespace

bool is_sip_uri(std::string_view text) {
  const size_t colon = text.find(':');
  const std::string_view scheme = text.substr(0, colon);
  return colon != std::string_view::npos && colon + 1 < text.size() && (scheme == "sip" || scheme == "sips");
}

Result<std::string> parse_phone_number(const text::JsonField& field) {
  const auto written = field.lenient_text();
  if (!written) return fail(written.error());
  std::string digits;
  for (const char c : text::trim(*written)) {
    if (text::is_digit(c)) digits += c;
    const bool decoration = c == ' ' || c == '-' || c == '(' || c == ')' || c == '.';
    const bool plus = c == '+' && digits.empty();
    if (!text::is_digit(c) && !decoration && !plus) digits.assign(kNumberDigitsMax + 1, '0');
  }
  if (digits.empty() || digits.size() > kNumberDigitsMax) {
    return field.refuse(ErrorCode::Invalid, "can contain up to 15 digits prefixed with +");
  }
  return digits;
}

Result<Endpoint> parse_endpoint(const text::JsonField& field) {
  if (const auto object = field.object(); !object) return fail(object.error());
  Options options(field);
  Endpoint endpoint;
  const std::string type = options.required_text("type");
  const auto* kind =
      std::find_if(std::begin(kKinds), std::end(kKinds), [&](const Kind& each) { return each.type == type; });
  if (kind != std::end(kKinds)) {
    kind->read(options, endpoint);
  } else {
    options.refuse("type", "must be one of: phone, sip, websocket, app, vbc");
  }
  endpoint.digits_on_answer = options.text("dtmfAnswer");
  if (endpoint.digits_on_answer.find_first_not_of("0123456789*#p") != std::string::npos) {
    options.refuse("dtmfAnswer", "may hold the characters 0-9, *, # and p");
  }
  if (options.error()) return fail(*options.error());
  return endpoint;
}

call::SocketFraming framing_with(const Endpoint& endpoint, const std::string& token) {
  if (!endpoint.wants_token || token.empty()) return endpoint.framing;
  auto parameters = text::parse_json(endpoint.framing.parameters);
  if (!parameters || parameters->object() == nullptr) return endpoint.framing;
  parameters->object()->add("handshake", text::JsonObject{{"Authorization", "Bearer " + token}});
  return {endpoint.framing.protocol, text::to_text(*parameters)};
}

std::string plain_address(const base::Address& address) {
  return address.kind == Address::Kind::Anonymous ? "unknown" : address.text;
}

text::Json shown_address(const base::Address& address) {
  switch (address.kind) {
    case Address::Kind::Sip: return text::JsonObject{{"type", "sip"}, {"uri", address.text}};
    case Address::Kind::WebSocket: return text::JsonObject{{"type", "websocket"}, {"uri", address.text}};
    case Address::Kind::User: return text::JsonObject{{"type", "app"}, {"user", address.text}};
    case Address::Kind::Phone: return text::JsonObject{{"type", "vbc"}, {"extension", address.text}};
    case Address::Kind::Anonymous: return text::JsonObject{{"type", "sip"}, {"uri", "sip:anonymous"}};
    default: break;
  }
  // Clients refuse a number that is none.
  const bool number = !address.text.empty() && address.text.size() <= kNumberDigitsMax &&
                      std::all_of(address.text.begin(), address.text.end(), text::is_digit);
  if (number) return text::JsonObject{{"type", "phone"}, {"number", address.text}};
  return text::JsonObject{{"type", "sip"}, {"uri", "sip:" + address.text}};
}

}  // namespace sotto::vonage
