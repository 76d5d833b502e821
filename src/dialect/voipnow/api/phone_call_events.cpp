// PhoneCallEvents: who is told of which events (contract section 4.2).
#include "dialect/voipnow/api/path.h"
#include "dialect/voipnow/listing.h"
#include "text/time_format.h"

namespace sotto::voipnow {
namespace {

using text::Json;
using text::JsonArray;
using text::JsonObject;

const ListRules kRules{{"id", "type", "url", "method", "status", "note", "modified"},
                       {"id", "type", "url", "method", "status", "note", "modified", "link", "links"}};
constexpr int64_t kTypeMax = 4;
constexpr size_t kUrlMax = 2048;

// The documentation's overview puts the id where the request pages have the type: both are understood.
struct Selected {
  Place place;
  std::optional<CallEventType> type;
  std::string id;
};

std::optional<CallEventType> to_type(std::optional<int64_t> number) {
  if (!number || *number < 0 || *number > kTypeMax) return std::nullopt;
  return static_cast<CallEventType>(*number);
}

Checked<Selected> select(const Ask& ask, std::string_view type_code) {
  auto place = read_place(ask);
  if (!place) return tl::unexpected(place.error());
  if (place->extension.is_self()) return refuse("extension_invalid", "extension: @self is not possible here");
  Selected selected{std::move(*place), {}, {}};
  const std::string* type = text::find_parameter(ask.request.parameters, "type");
  const std::string* id = text::find_parameter(ask.request.parameters, "event");
  if (type != nullptr && id == nullptr && !is_digits(*type)) {
    selected.id = *type;
  } else if (type != nullptr) {
    selected.type = to_type(read_number(std::string_view(*type)));
    if (!selected.type) return refuse(type_code, "type: 0 to 4 is wanted");
  }
  if (id != nullptr) selected.id = *id;
  if (!selected.id.empty() && !is_object_id(selected.id))
    return refuse("pce_id_invalid", "id: no such event");
  return selected;
}

std::vector<CallEventEntry> matching(const Ask& ask, const Selected& selected) {
  std::vector<CallEventEntry> found = ask.parts.events.of(selected.place.extension.phone->extension);
  std::erase_if(found, [&](const CallEventEntry& entry) {
    return (selected.type && entry.type != *selected.type) ||
           (!selected.id.empty() && entry.id != selected.id);
  });
  return found;
}

std::string type_text(const CallEventEntry& entry) {
  return std::to_string(static_cast<int>(entry.type));
}

JsonObject links_of(const Ask& ask, const Selected& selected, const CallEventEntry& entry) {
  return {{"self", ask.base() + "/uapi/extensions/" + selected.place.user.text + "/" + entry.extension +
                       "/phoneCallEvents/" + type_text(entry) + "/" + entry.id}};
}

Json whole(const Ask& ask, const Selected& selected, const CallEventEntry& entry) {
  const JsonObject links = links_of(ask, selected, entry);
  JsonObject out{{"id", entry.id},
                 {"type", type_text(entry)},
                 {"url", entry.url},
                 {"method", entry.post ? "1" : "0"},
                 {"status", entry.enabled ? "1" : "0"}};
  if (!entry.note.empty()) out.add("note", entry.note);
  out.add("modified", text::format_iso8601(entry.modified, text::Precision::Seconds));
  out.add("link", links);
  out.add("links", links);
  return out;
}

Json brief(const Ask& ask, const Selected& selected, const CallEventEntry& entry) {
  const JsonObject links = links_of(ask, selected, entry);
  return JsonObject{{"id", entry.id}, {"type", type_text(entry)}, {"link", links}, {"links", links}};
}

// Takes over what the body says; what it leaves out stays.
Checked<void> apply(const JsonObject& body, CallEventEntry& entry) {
  if (const Json* method = field(body, "method")) {
    const auto post = read_flag(*method);
    if (!post) return refuse("pce_method_invalid", "method: 0 (GET) or 1 (POST) is wanted");
    entry.post = *post;
  }
  if (const Json* url = field(body, "url")) {
    const auto text = read_text(*url);
    const auto uri = text ? text::parse_uri(*text) : Result<text::Uri>(fail(ErrorCode::Invalid, ""));
    const bool web = uri && (uri->scheme == "http" || uri->scheme == "https") && !uri->host.empty();
    if (!web || text->size() > kUrlMax)
      return refuse("pce_url_invalid", "url: an address of the web is wanted");
    entry.url = text::to_text(*uri);
  }
  if (const Json* status = field(body, "status")) {
    const auto enabled = read_flag(*status);
    if (!enabled) return refuse("pce_status_invalid", "status: 0 or 1 is wanted");
    entry.enabled = *enabled;
  }
  if (const Json* note = field(body, "note")) {
    const auto text = read_text(*note);
    if (!text) return refuse("request_invalid", "note: a text is wanted");
    entry.note = *text;
  }
  return {};
}

asio::awaitable<Reply> keep(Ask ask, Selected selected, CallEventEntry entry) {
  entry.modified = ask.parts.services.loop.clock().wall();
  const Result<void> stored = co_await ask.parts.events.put(entry);
  if (!stored) co_return refuse(500, "internal_server_error", "the event could not be stored");
  co_return json_reply(200, brief(ask, selected, entry));
}

}  // namespace

asio::awaitable<Reply> get_phone_call_events(Ask ask) {
  const auto selected = select(ask, "pcet_type_invalid");
  if (!selected) co_return tl::unexpected(selected.error());
  const auto query = parse_list_query(ask.request, kRules);
  if (!query) co_return tl::unexpected(query.error());
  std::vector<Json> entries;
  for (const CallEventEntry& entry : matching(ask, *selected))
    entries.push_back(whole(ask, *selected, entry));
  if (entries.empty() && ask.scope.settings().empty_is_204) co_return http::Response::empty(204);
  co_return json_reply(200, make_collection(*query, std::move(entries), ask.base() + ask.request.path));
}

asio::awaitable<Reply> post_phone_call_event(Ask ask) {
  auto selected = select(ask, "pcet_type_invalid");
  if (!selected) co_return tl::unexpected(selected.error());
  const auto body = read_body(ask);
  if (!body) co_return tl::unexpected(body.error());
  const Json* type = field(*body, "type");
  const auto wanted = to_type(type == nullptr ? std::nullopt : read_number(*type));
  if (!wanted) co_return refuse("pcet_type_invalid", "type: 0 to 4 is wanted");
  if (field(*body, "url") == nullptr) co_return refuse("pce_url_invalid", "url: it is missing");
  const directory::Phone& phone = *selected->place.extension.phone;
  if (ask.parts.events.of(phone.extension).size() >= base::limits::kCallEventsMax) {
    co_return refuse(429, "limit_exceeded", "this extension has as many events as it may");
  }
  CallEventEntry entry;
  entry.id = leg_key(call::LegId::make(ask.parts.services.random));
  entry.account = base::to_hex(phone.account);
  entry.extension = phone.extension;
  entry.type = *wanted;
  if (auto applied = apply(*body, entry); !applied) co_return tl::unexpected(applied.error());
  Reply reply = co_await keep(ask, *selected, entry);
  co_return reply;
}

asio::awaitable<Reply> put_phone_call_event(Ask ask) {
  auto selected = select(ask, "pce_type_invalid");
  if (!selected) co_return tl::unexpected(selected.error());
  const auto found = matching(ask, *selected);
  if (selected->id.empty() || found.empty()) co_return refuse("pce_id_invalid", "id: no such event");
  const auto body = read_body(ask);
  if (!body) co_return tl::unexpected(body.error());
  CallEventEntry entry = found.front();
  if (auto applied = apply(*body, entry); !applied) co_return tl::unexpected(applied.error());
  Reply reply = co_await keep(ask, *selected, entry);
  co_return reply;
}

asio::awaitable<Reply> delete_phone_call_events(Ask ask) {
  const auto selected = select(ask, "pce_type_invalid");
  if (!selected) co_return tl::unexpected(selected.error());
  const auto found = matching(ask, *selected);
  if (!selected->id.empty() && found.empty()) co_return refuse("pce_id_invalid", "id: no such event");
  if (found.empty()) co_return http::Response::empty(204);
  std::vector<std::string> ids;
  JsonArray erased;
  for (const CallEventEntry& entry : found) {
    ids.push_back(entry.id);
    erased.push_back(JsonObject{{"id", entry.id}});
  }
  const Result<void> gone = co_await ask.parts.events.erase(std::move(ids));
  if (!gone) co_return refuse(500, "internal_server_error", "the events could not be deleted");
  co_return json_reply(200, std::move(erased));
}

}  // namespace sotto::voipnow
