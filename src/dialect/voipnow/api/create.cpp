// POST phoneCalls (contract section 3.11): the source rings first; when it answers, the destination is
// called.
#include "dialect/voipnow/actions/action.h"
#include "dialect/voipnow/api/path.h"
#include "dialect/voipnow/extension_settings.h"
#include "dialect/voipnow/name.h"

namespace sotto::voipnow {
namespace {

using text::Json;
using text::JsonArray;
using text::JsonObject;

constexpr int64_t kDurationMax_s = 24 * 3600;
constexpr size_t kNonceMax = 255;

// A number of the body, as somebody to call.
struct Party {
  base::Address address;
  const directory::Phone* phone = nullptr;
  std::string text() const { return phone != nullptr ? phone->extension : party_text(address); }
};

struct Order {
  const directory::Phone* charged = nullptr;
  std::vector<Party> sources;
  Party destination;
  std::optional<CallerId> shown_to_source;
  std::optional<CallerId> shown_to_destination;
  std::string nonce;
  std::chrono::seconds wait{25};
  std::chrono::seconds duration{0};
};

Checked<std::vector<std::string>> read_numbers(const JsonObject& body, std::string_view key,
                                               std::string_view code) {
  const Json* views = field(body, "phoneCallView");
  // One view may come without the array around it, and one number likewise.
  if (views != nullptr && views->array() != nullptr) {
    views = views->array()->empty() ? nullptr : &views->array()->front();
  }
  const Json* value = views == nullptr ? nullptr : views->find(key);
  std::vector<std::string> numbers;
  const auto add = [&](const Json& each) {
    const auto text = read_text(each);
    if (text && !text->empty()) numbers.push_back(*text);
    return text && !text->empty();
  };
  bool good = value != nullptr;
  if (good && value->array() != nullptr) {
    for (const Json& each : *value->array()) good = good && add(each);
  } else if (good) {
    good = add(*value);
  }
  if (!good || numbers.empty() || numbers.size() > base::limits::kDialDestinationsMax) {
    return refuse(code, std::string(key) + ": extensions or numbers are wanted");
  }
  return numbers;
}

Checked<Party> to_party(const Ask& ask, const directory::Phone& charged, const std::string& number,
                        std::string_view code) {
  const directory::Phone* phone =
      is_extension(number) ? directory::phone_near(ask.scope.directory(), charged, number) : nullptr;
  if (phone != nullptr) return Party{address_of(*phone), phone};
  const auto digits = parse_phone_number(number);
  if (!digits) return refuse(code, "\"" + number + "\" is neither an extension nor a number");
  return Party{{base::Address::Kind::Number, *digits, {}}, nullptr};
}

Checked<const directory::Phone*> read_charged(const Ask& ask, const UserRef& user, const JsonObject& body,
                                              const std::vector<std::string>& sources) {
  const Json* value = field(body, "extension");
  auto number = value == nullptr ? std::optional<std::string>(sources.front()) : read_text(*value);
  const auto invalid = [&] { return refuse("pc_extension_invalid", "extension: no extension of that user"); };
  if (!number || *number == "@self") return invalid();
  const auto extension = ask.scope.extension(*number, user);
  if (!extension) return invalid();
  return extension->phone;
}

Checked<std::optional<CallerId>> read_caller_id(const JsonObject& body, std::string_view key) {
  const Json* value = field(body, key);
  if (value == nullptr) return std::optional<CallerId>();
  const auto text = read_text(*value);
  auto caller_id = text ? parse_caller_id(*text) : std::nullopt;
  if (!caller_id) return refuse("pc_callerid_invalid", std::string(key) + ": \"Name <number>\" is wanted");
  return caller_id;
}

// A number may be in the query, as documented, or in the body.
std::optional<Json> query_value(const text::Parameters& query, const JsonObject& body,
                                const std::string& key) {
  if (const std::string* text = text::find_parameter(query, key)) return Json(*text);
  const Json* value = field(body, key);
  return value == nullptr ? std::nullopt : std::optional<Json>(*value);
}

Checked<void> read_options(const Ask& ask, const JsonObject& body, Order& order) {
  const auto query = ask.request.query();
  if (!query) return refuse("request_invalid", "query: " + query.error().detail);
  const auto wait_value = query_value(*query, body, "waitForPickup");
  const auto wait = read_wait(wait_value ? &*wait_value : nullptr);
  if (!wait) return tl::unexpected(wait.error());
  order.wait = *wait;
  if (const auto value = query_value(*query, body, "callDuration")) {
    const auto duration = read_number(*value);
    if (!duration || *duration <= 0 || *duration > kDurationMax_s) {
      return refuse("pc_callduration_invalid", "callDuration: a number of seconds above 0 is wanted");
    }
    order.duration = std::chrono::seconds(*duration);
  }
  for (const std::string key : {"allowPublicTransfer", "video"}) {
    const auto value = query_value(*query, body, key);
    if (value && !read_flag(*value)) return refuse("request_invalid", key + ": true or false is wanted");
  }
  const Json* nonce = field(body, "nonce");
  const auto text = nonce == nullptr ? std::optional<std::string>("") : read_text(*nonce);
  if (!text || text->size() > kNonceMax) return refuse("request_invalid", "nonce: a short text is wanted");
  order.nonce = *text;
  return {};
}

Checked<Order> read_order(const Ask& ask, const UserRef& user) {
  const auto body = read_body(ask);
  if (!body) return tl::unexpected(body.error());
  const auto sources = read_numbers(*body, "source", "pc_source_invalid");
  if (!sources) return tl::unexpected(sources.error());
  const auto charged = read_charged(ask, user, *body, *sources);
  if (!charged) return tl::unexpected(charged.error());
  Order order;
  order.charged = *charged;
  for (const std::string& source : *sources) {
    auto party = to_party(ask, **charged, source, "pc_source_invalid");
    if (!party) return tl::unexpected(party.error());
    order.sources.push_back(std::move(*party));
  }
  const auto destinations = read_numbers(*body, "destination", "pc_destination_invalid");
  if (!destinations) return tl::unexpected(destinations.error());
  auto destination = to_party(ask, **charged, destinations->front(), "pc_destination_invalid");
  if (!destination) return tl::unexpected(destination.error());
  order.destination = std::move(*destination);
  for (const auto& [key, value] : {std::pair{"callerId", &order.shown_to_source},
                                   std::pair{"callerDestination", &order.shown_to_destination}}) {
    auto caller_id = read_caller_id(*body, key);
    if (!caller_id) return tl::unexpected(caller_id.error());
    *value = std::move(*caller_id);
  }
  if (auto read = read_options(ask, *body, order); !read) return tl::unexpected(read.error());
  return order;
}

http::Response created(const Ask& ask, const UserRef& user, const Order& order, call::CallId id) {
  const Renderer renderer = renderer_for(ask, {user, ExtensionRef{order.charged}});
  const PhoneCall* call = ask.parts.book.find(id);
  if (call == nullptr) return http::Response::empty(204);
  Json json = renderer.phone_call(*call);
  if (ask.scope.settings().create_is_object) return json_reply(200, json);
  return json_reply(200, JsonArray{std::move(json)});
}

base::Address shown_to(const Party& party, const CallerId& caller_id) {
  return party.phone != nullptr ? shown_on_phone(caller_id) : shown_outside(caller_id);
}

// Rings the sources, each with `program` for its answer; the first to answer ends the others.
Checked<call::CallId> ring_sources(const Ask& ask, const Order& order, const ProgramPtr& program) {
  Parts& parts = ask.parts;
  call::Switchboard& switchboard = parts.services.switchboard;
  std::optional<call::CallId> call;
  std::vector<call::LegId> legs;
  {
    const call::Switchboard::Batch batch(switchboard);
    for (const Party& source : order.sources) {
      call::NewLeg request;
      request.to = source.address;
      request.from = shown_to(source, order.shown_to_source.value_or(caller_id_of(*order.charged)));
      request.origin = {base::to_hex(order.charged->account),
                        {},
                        std::string(kName),
                        source.phone == nullptr ? std::string() : source.phone->extension};
      request.call = call;
      request.early_media = false;
      request.ring_timeout = order.wait;
      const auto leg = switchboard.dial(std::move(request));
      if (!leg) continue;
      call = switchboard.leg(*leg)->call;
      const std::string& extension =
          source.phone == nullptr ? order.charged->extension : source.phone->extension;
      parts.book.reserve(*leg, {Reservation::Kind::Source, extension, order.destination.text()});
      if (auto run = parts.services.flow.run(*leg, program); !run) {
        switchboard.hang_up(*leg, {call::EndCause::ProgramFailed, call::EndedBy::Api, 0, run.error().detail});
      }
      legs.push_back(*leg);
    }
    parts.rings.race(legs);
  }
  if (!call) return refuse(500, "internal_server_error", "no leg could be made: the server is stopping");
  if (PhoneCall* entry = parts.book.find(*call)) {
    entry->nonce = order.nonce;
    entry->extension = order.charged->extension;
  }
  return *call;
}

Reply create(const Ask& ask, const UserRef& user, const Order& order) {
  DialOrder dial;
  dial.to = {order.destination.address};
  const Party& source = order.sources.front();
  const directory::Phone& caller = source.phone != nullptr ? *source.phone : *order.charged;
  dial.from = shown_to(order.destination, order.shown_to_destination.value_or(caller_id_of(caller)));
  dial.talk = order.duration;
  const auto call = ring_sources(ask, order, make_program({{dial_step(dial)}}));
  if (!call) return tl::unexpected(call.error());
  return created(ask, user, order, *call);
}

Reply simple(const Ask& ask) {
  const auto user = ask.scope.user(ask.request.parameter("user"));
  if (!user) return tl::unexpected(user.error());
  const auto order = read_order(ask, *user);
  if (!order) return tl::unexpected(order.error());
  if (order->charged->kind != directory::ExtensionKind::PhoneTerminal) {
    return refuse("pc_extension_invalid", "extension: it is no Phone Terminal");
  }
  return create(ask, *user, *order);
}

Reply callback(const Ask& ask) {
  const auto user = ask.scope.user(ask.request.parameter("user"));
  if (!user) return tl::unexpected(user.error());
  const auto order = read_order(ask, *user);
  if (!order) return tl::unexpected(order.error());
  if (order->sources.size() != 1 || order->sources.front().phone != nullptr) {
    return refuse("pc_source_invalid", "source: one public number is wanted");
  }
  if (order->destination.phone != nullptr) {
    return refuse("pc_destination_invalid", "destination: a public number is wanted");
  }
  return create(ask, *user, *order);
}

Reply conference_invite(const Ask& ask) {
  const auto user = ask.scope.user(ask.request.parameter("user"));
  if (!user) return tl::unexpected(user.error());
  auto order = read_order(ask, *user);
  if (!order) return tl::unexpected(order.error());
  const directory::Phone& room = *order->charged;
  if (room.kind != directory::ExtensionKind::Conference) {
    return refuse("pc_extension_invalid", "extension: it is no Conference extension");
  }
  const auto settings = parse_extension_settings(room);
  if (!settings) return refuse(500, "internal_server_error", settings.error().detail);
  const auto query = ask.request.query();
  const std::string* pin = query ? text::find_parameter(*query, "pin") : nullptr;
  if (!settings->pin.empty() && (pin == nullptr || *pin != settings->pin)) {
    return refuse(401, "access_denied", "pin: it is not the conference's");
  }
  const std::string* number = query ? text::find_parameter(*query, "number") : nullptr;
  flow::JoinRoomStep join;
  join.room = conference_room(room.extension, number == nullptr ? std::string() : *number);
  order->sources = {order->destination};
  order->destination = Party{address_of(room), &room};
  const auto call = ring_sources(ask, *order, make_program({{join}}));
  if (!call) return tl::unexpected(call.error());
  return created(ask, *user, *order, *call);
}

}  // namespace

asio::awaitable<Reply> create_simple(Ask ask) {
  co_return simple(ask);
}

asio::awaitable<Reply> create_callback(Ask ask) {
  co_return callback(ask);
}

asio::awaitable<Reply> create_conference_invite(Ask ask) {
  co_return conference_invite(ask);
}

}  // namespace sotto::voipnow
