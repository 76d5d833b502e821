// Presence of Phone Terminals (contract section 5).
#include "dialect/voipnow/api/path.h"
#include "dialect/voipnow/listing.h"
#include "text/time_format.h"

namespace sotto::voipnow {
namespace {

using text::Json;
using text::JsonArray;
using text::JsonObject;

const ListRules kRules{{"extension"}, {"extension", "status", "registration"}};

enum class Presence { Unknown = 0, Online = 1, Ringing = 2, Busy = 3 };

std::string number(Presence presence) {
  return std::to_string(static_cast<int>(presence));
}

Presence presence_of(const Ask& ask, const directory::Phone& phone, bool registered) {
  Presence presence = registered ? Presence::Online : Presence::Unknown;
  for (const call::LegId id : ask.parts.services.switchboard.all_legs()) {
    const call::Leg* leg = ask.parts.services.switchboard.leg(id);
    if (leg == nullptr || !leg->live() || phone_of(ask.scope.directory(), *leg) != &phone) continue;
    if (leg->answered() || leg->direction == call::Direction::Inbound) return Presence::Busy;
    presence = Presence::Ringing;
  }
  return presence;
}

Json entry_of(const Ask& ask, const directory::Phone& phone) {
  std::vector<dialect::Registration> registrations;
  if (ask.parts.services.registrations) registrations = ask.parts.services.registrations(phone.user);
  const Presence presence = presence_of(ask, phone, !registrations.empty());
  JsonArray listed;
  for (const dialect::Registration& each : registrations) {
    listed.push_back(JsonObject{{"agent", each.agent},
                                {"registration", "1"},
                                {"status", number(presence)},
                                {"expire", text::format_iso8601(each.expires, text::Precision::Seconds)}});
  }
  if (listed.empty()) listed.push_back(JsonObject{{"registration", "-1"}, {"status", "0"}});
  return JsonObject{
      {"extension", phone.extension}, {"status", number(presence)}, {"registration", std::move(listed)}};
}

Reply presence(const Ask& ask) {
  const auto place = read_place(ask);
  if (!place) return tl::unexpected(place.error());
  if (place->extension.is_self() && place->user.kind == UserRef::Kind::Owner) {
    return refuse("extension_invalid", "extension: @self is not possible with @owner here");
  }
  const auto query = parse_list_query(ask.request, kRules);
  if (!query) return tl::unexpected(query.error());
  std::vector<const directory::Phone*> phones = ask.scope.phones(place->extension, place->user);
  std::erase_if(phones, [](const directory::Phone* phone) {
    return phone->kind != directory::ExtensionKind::PhoneTerminal;
  });
  if (phones.empty() && !place->extension.is_self()) {
    return refuse("extension_invalid", "extension: it is no Phone Terminal");
  }
  std::sort(phones.begin(), phones.end(),
            [](const directory::Phone* a, const directory::Phone* b) { return a->extension < b->extension; });
  std::vector<Json> entries;
  for (const directory::Phone* phone : phones) entries.push_back(entry_of(ask, *phone));
  if (entries.empty() && ask.scope.settings().empty_is_204) return http::Response::empty(204);
  JsonObject envelope = make_collection(*query, std::move(entries), ask.base() + ask.request.path);
  const JsonArray* listed = envelope.find("entry")->array();
  if (place->extension.is_self() || listed->empty()) return json_reply(200, std::move(envelope));
  JsonObject out = *listed->front().object();
  for (const text::JsonMember& member : envelope.members()) out.set(member.key, member.value);
  return json_reply(200, std::move(out));
}

}  // namespace

asio::awaitable<Reply> get_presence(Ask ask) {
  co_return presence(ask);
}

}  // namespace sotto::voipnow
