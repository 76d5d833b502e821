// PhoneCalls: list, read one, hang up (contract sections 3.1 and 3.10).
#include "dialect/voipnow/api/path.h"
#include "dialect/voipnow/listing.h"

namespace sotto::voipnow {
namespace {

using text::Json;
using text::JsonArray;
using text::JsonObject;

const ListRules kRules{{"id", "published"},
                       {"id", "extension", "ownerId", "ownerName", "published", "answered", "nonce",
                        "phoneCallView", "link", "links"}};

const call::EndReason kByApi{call::EndCause::HungUp, call::EndedBy::Api, 0, {}};

http::Response collection(const Ask& ask, const ListQuery& query, std::vector<Json> entries,
                          const std::string& address) {
  if (entries.empty() && ask.scope.settings().empty_is_204) return http::Response::empty(204);
  return json_reply(200, make_collection(query, std::move(entries), address));
}

// One call is the object itself and a collection of it: clients read either (decision D4).
http::Response superset(const ListQuery& query, const Json& call, const std::string& address) {
  const Json envelope = make_collection(query, {call}, address);
  const Json& entries = envelope["entry"];
  if (entries.array()->empty()) return json_reply(200, envelope);
  JsonObject out = *entries.array()->front().object();
  for (const text::JsonMember& member : envelope.object()->members()) out.set(member.key, member.value);
  return json_reply(200, std::move(out));
}

Reply list(const Ask& ask) {
  const auto place = read_place(ask);
  if (!place) return tl::unexpected(place.error());
  const std::string* id = text::find_parameter(ask.request.parameters, "call");
  if (id != nullptr && !is_object_id(*id)) {
    return refuse("pc_phonecall_invalid", "phoneCallId: letters and digits are wanted");
  }
  const auto query = parse_list_query(ask.request, kRules);
  if (!query) return tl::unexpected(query.error());
  const Renderer renderer = renderer_for(ask, *place);
  const std::string address = ask.base() + ask.request.path;
  if (id != nullptr) {
    const PhoneCall* call = ask.parts.book.find(*id);
    if (call == nullptr || !concerns(ask, *place, *call)) return collection(ask, *query, {}, address);
    return superset(*query, renderer.phone_call(*call), address);
  }
  std::vector<Json> entries;
  for (const PhoneCall* call : calls_at(ask, *place)) entries.push_back(renderer.phone_call(*call));
  return collection(ask, *query, std::move(entries), address);
}

// Ends the call; with a party's number only if it has that party, and a supervisor alone.
void hang_up(const Ask& ask, const PhoneCall& call, const call::Leg* party) {
  call::Switchboard& switchboard = ask.parts.services.switchboard;
  if (party != nullptr && ask.parts.book.is_supervisor(party->id)) {
    switchboard.hang_up(party->id, kByApi);
    return;
  }
  const call::Switchboard::Batch batch(switchboard);
  for (const call::LegId leg : switchboard.legs_of(call.id)) switchboard.hang_up(leg, kByApi);
}

Checked<std::vector<PhoneCall*>> named_calls(const Ask& ask, const Place& place) {
  const std::string* id = text::find_parameter(ask.request.parameters, "call");
  if (id == nullptr) return calls_at(ask, place);
  PhoneCall* call = is_object_id(*id) ? ask.parts.book.find(*id) : nullptr;
  if (call == nullptr || !concerns(ask, place, *call)) {
    return refuse("pc_phonecall_invalid", "phoneCallId: no such call");
  }
  return std::vector<PhoneCall*>{call};
}

Reply end_calls(const Ask& ask) {
  const auto place = read_place(ask);
  if (!place) return tl::unexpected(place.error());
  const auto calls = named_calls(ask, *place);
  if (!calls) return tl::unexpected(calls.error());
  const auto query = ask.request.query();
  if (!query) return refuse("request_invalid", "query: " + query.error().detail);
  const std::string* number = text::find_parameter(*query, "phoneNumber");
  const Renderer renderer = renderer_for(ask, *place);
  JsonArray ended;
  for (const PhoneCall* call : *calls) {
    const call::Leg* party = number == nullptr ? nullptr : renderer.party(*call, *number);
    if (number != nullptr && party == nullptr) continue;
    ended.push_back(JsonObject{{"id", call->key}});
    hang_up(ask, *call, party);  // the book forgets it
  }
  if (ended.empty()) return http::Response::empty(204);
  return json_reply(200, std::move(ended));
}

}  // namespace

asio::awaitable<Reply> get_phone_calls(Ask ask) {
  co_return list(ask);
}

asio::awaitable<Reply> delete_phone_calls(Ask ask) {
  co_return end_calls(ask);
}

}  // namespace sotto::voipnow
