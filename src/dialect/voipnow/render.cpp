#include "dialect/voipnow/render.h"

#include <algorithm>

#include "dialect/voipnow/scope.h"
#include "text/time_format.h"

namespace sotto::voipnow {
namespace {

using text::Json;
using text::JsonArray;
using text::JsonObject;

constexpr int kLocal = 2;
constexpr int kOutgoingPublic = 4;
constexpr int kIncomingPublic = 8;

std::string date(call::WallTime time) {
  return text::format_iso8601(time, text::Precision::Seconds);
}

Json list(const std::vector<std::string>& texts) {
  JsonArray array;
  for (const std::string& text : texts) array.emplace_back(text);
  return array;
}

}  // namespace

std::string shown_caller_id(const base::Address& from) {
  if (from.kind == base::Address::Kind::Anonymous) return "Anonymous <0>";
  return to_text(CallerId{from.display_name, party_text(from)});
}

base::Address shown_on_phone(const CallerId& caller_id) {
  return {base::Address::Kind::Phone, caller_id.number, caller_id.name};
}

base::Address shown_outside(const CallerId& caller_id) {
  const auto digits = parse_phone_number(caller_id.number);
  return {base::Address::Kind::Number, digits.value_or(caller_id.number), caller_id.name};
}

std::string Renderer::text_of(const base::Address& address) const {
  const directory::Phone* phone = phone_at(directory_, address);
  return phone != nullptr && !phone->extension.empty() ? phone->extension : party_text(address);
}

std::string Renderer::text_of(const call::Leg& leg) const {
  const directory::Phone* phone = phone_of(directory_, leg);
  if (phone != nullptr && !phone->extension.empty()) return phone->extension;
  return party_text(leg.direction == call::Direction::Inbound ? leg.from : leg.to);
}

// Whom the leg talks to or rings: who called it, whom it called, else who shares its room.
std::vector<const call::Leg*> Renderer::peers(const call::Leg& leg) const {
  std::vector<const call::Leg*> found;
  const auto add = [&](call::LegId id) {
    const call::Leg* other = switchboard_.leg(id);
    if (other != nullptr && other->live() && other->id != leg.id && !book_.is_supervisor(id))
      found.push_back(other);
  };
  if (leg.carrier) add(*leg.carrier);
  for (const call::LegId id : switchboard_.legs_of(leg.call)) {
    const call::Leg* other = switchboard_.leg(id);
    if (other != nullptr && other->carrier == leg.id) add(id);
  }
  const call::Room* room = switchboard_.room(leg.room);
  if (!found.empty() || room == nullptr) return found;
  for (const call::LegId id : room->members) add(id);
  return found;
}

bool Renderer::is_calling(const View& view, const call::Leg& leg) const {
  return leg.direction == call::Direction::Inbound || view.calling;
}

Renderer::Sides Renderer::sides(const View& view, const call::Leg& leg) const {
  if (view.target) {
    const call::Leg* target = switchboard_.leg(*view.target);
    return {{view.extension}, {target == nullptr ? "anonymous" : text_of(*target)}, kLocal};
  }
  std::vector<std::string> others;
  bool local = false;
  for (const call::Leg* peer : peers(leg)) {
    others.push_back(text_of(*peer));
    local = local || phone_of(directory_, *peer) != nullptr;
  }
  const bool calling = is_calling(view, leg);
  if (others.empty() && view.calling) others.push_back(view.destination);
  if (others.empty()) {
    const base::Address& other = calling ? leg.to : leg.from;
    others.push_back(text_of(other));
    local = phone_at(directory_, other) != nullptr;
  }
  // A view whose own party is a number outside, called first by the API.
  const std::string own = text_of(leg);
  if (calling) return {{own}, others, local ? kLocal : kOutgoingPublic};
  return {others, {own}, local ? kLocal : kIncomingPublic};
}

ViewStatus Renderer::status(const PhoneCall&, const View& view) const {
  const call::Leg* leg = switchboard_.leg(view.leg);
  if (leg == nullptr || !leg->live()) return ViewStatus::Unknown;
  if (view.parked) return ViewStatus::OnCall;
  if (leg->state == call::LegState::Dialing) return ViewStatus::Trying;
  if (leg->state == call::LegState::Ringing) return ViewStatus::Ringing;
  bool far_rings = false;
  bool far_up = false;
  for (const call::Leg* peer : peers(*leg)) {
    far_rings = far_rings || peer->state == call::LegState::Ringing || peer->state == call::LegState::Dialing;
    far_up = far_up || (peer->answered() && peer->room == leg->room);
  }
  if (far_rings && !far_up) return ViewStatus::FarRinging;
  return leg->answered() ? ViewStatus::OnCall : ViewStatus::Trying;
}

std::string Renderer::caller_id(const View& view, const call::Leg& leg) const {
  if (leg.direction == call::Direction::Outbound) return shown_caller_id(leg.from);
  const directory::Phone* phone = directory_.phone_by_extension(view.extension);
  const bool own_call = !view.parked && phone != nullptr;
  return own_call ? to_text(caller_id_of(*phone)) : shown_caller_id(leg.from);
}

void Renderer::add_states(const PhoneCall& call, const View& view, JsonObject& out) const {
  if (view.recording) out.add("recording", date(view.recording->second));
  if (view.parked) {
    out.add("parked", date(view.parked->since));
    out.add("parkedPos", std::to_string(view.parked->position));
    out.add("parkedBy", view.parked->by);
  }
  for (const View& other : call.views) {
    if (!other.held || (other.number != view.number && other.held->leg != view.leg)) continue;
    out.add("onHold", date(other.held->since));
    if (other.number == view.number) out.add("holder", "1");
    return;
  }
}

Json Renderer::view(const PhoneCall& call, const View& view) const {
  const call::Leg* leg = switchboard_.leg(view.leg);
  JsonObject out;
  out.add("id", view_id(view.number));
  std::string extension = view.extension;
  if (view.target) {
    const call::Leg* target = switchboard_.leg(*view.target);
    if (target != nullptr) extension = text_of(*target);
  }
  out.add("extension", extension);
  out.add("status", std::to_string(static_cast<int>(status(call, view))));
  if (leg == nullptr) return out;
  const Sides sides = this->sides(view, *leg);
  out.add("flow", std::to_string(sides.flow));
  if (leg->answered_at) {
    out.add("answered", date(view.target ? view.joined : *leg->answered_at));
  } else if (leg->ringing_at) {
    out.add("ringing", date(*leg->ringing_at));
  }
  out.add("callerId", caller_id(view, *leg));
  out.add("source", list(sides.source));
  out.add("destination", list(sides.destination));
  add_states(call, view, out);
  return out;
}

Json Renderer::short_phone_call(const PhoneCall& call) const {
  const JsonObject link{{"self", self_link(call)}};
  return JsonObject{{"id", call.key}, {"extension", call.extension}, {"link", link}, {"links", link}};
}

Json Renderer::phone_call(const PhoneCall& call) const {
  JsonObject out;
  out.add("id", call.key);
  out.add("extension", call.extension);
  const directory::Phone* charged = directory_.phone_by_extension(call.extension);
  const directory::Organisation* owner =
      charged == nullptr ? nullptr : directory_.organisation(charged->organisation);
  out.add("ownerId", owner == nullptr ? "0" : owner_id(*owner));
  out.add("ownerName", owner == nullptr ? std::string() : owner->name);
  out.add("published", date(call.published));
  if (call.answered) out.add("answered", date(*call.answered));
  if (!call.nonce.empty()) out.add("nonce", call.nonce);
  JsonArray views;
  for (const View& each : call.views) views.push_back(view(call, each));
  out.add("phoneCallView", std::move(views));
  const JsonObject link{{"self", self_link(call)}};
  out.add("link", link);
  out.add("links", link);
  return out;
}

const call::Leg* Renderer::party(const PhoneCall& call, std::string_view number) const {
  const auto bare = parse_phone_number(number);
  for (const call::LegId id : switchboard_.legs_of(call.id)) {
    const call::Leg* leg = switchboard_.leg(id);
    if (leg == nullptr || !leg->live()) continue;
    const std::string text = text_of(*leg);
    if (text == number || (is_extension(text) && short_number(text) == number)) return leg;
    if (bare && parse_phone_number(text) == bare) return leg;
  }
  return nullptr;
}

}  // namespace sotto::voipnow
