#include "dialect/voipnow/actions/action.h"

#include <algorithm>
#include <array>

namespace sotto::voipnow {
namespace {

constexpr int64_t kWaitDefault_s = 25;
constexpr int64_t kWaitMax_s = 300;

constexpr std::array kActions = {
    ActionRow{"Whisper", false, whisper},
    ActionRow{"BargeIn", false, barge_in},
    ActionRow{"Monitor", false, monitor},
    ActionRow{"PickUp", false, pick_up},
    ActionRow{"Park", true, park},
    ActionRow{"UnPark", true, un_park},
    ActionRow{"OnHold", true, on_hold},
    ActionRow{"OffHold", true, off_hold},
    ActionRow{"Transfer", false, transfer},
    ActionRow{"TransferToVoicemail", false, transfer_to_voicemail},
    ActionRow{"StartRecording", false, start_recording},
    ActionRow{"StopRecording", false, stop_recording},
};

}  // namespace

const ActionRow* find_action(std::string_view name) {
  const auto it = std::find_if(kActions.begin(), kActions.end(),
                               [name](const ActionRow& row) { return row.name == name; });
  return it == kActions.end() ? nullptr : &*it;
}

const text::Json* Action::field(std::string_view key) const {
  return voipnow::field(body, key);
}

const directory::Phone* near(const Action& action) {
  if (!action.place.extension.is_self()) return action.place.extension.phone;
  return action.call == nullptr ? nullptr : action.directory().phone_by_extension(action.call->extension);
}

Checked<const directory::Phone*> read_send_to(const Action& action) {
  const text::Json* value = action.field("sendCallTo");
  const auto number = value == nullptr ? std::nullopt : read_text(*value);
  if (!number) return refuse("pc_sendcallto_invalid", "sendCallTo: it is missing");
  const directory::Phone* base = near(action);
  const directory::Phone* phone = base == nullptr || !is_extension(*number)
                                      ? nullptr
                                      : directory::phone_near(action.directory(), *base, *number);
  if (phone == nullptr || phone->kind != directory::ExtensionKind::PhoneTerminal) {
    return refuse("pc_sendcallto_invalid",
                  "sendCallTo: \"" + *number + "\" is no Phone Terminal of this organization");
  }
  return phone;
}

Checked<View*> read_view(const Action& action) {
  const text::Json* value = action.field("phoneCallViewId");
  const auto number = value == nullptr ? std::nullopt : read_view_id(*value);
  View* view = number && action.call != nullptr ? action.call->view(*number) : nullptr;
  if (view == nullptr) {
    return refuse("pc_phonecallview_invalid", "phoneCallViewId: it is missing, or no view of this call");
  }
  return view;
}

Checked<CallerId> read_caller_id(const Action& action, const directory::Phone& shown_to) {
  const text::Json* value = action.field("callerId");
  if (value == nullptr) return caller_id_of(shown_to);
  const auto text = read_text(*value);
  auto caller_id = text ? parse_caller_id(*text) : std::nullopt;
  if (!caller_id) return refuse("pc_callerid_invalid", "callerId: \"Name <number>\" is wanted");
  return *caller_id;
}

Checked<std::chrono::seconds> read_wait(const text::Json* value) {
  if (value == nullptr) return std::chrono::seconds(kWaitDefault_s);
  const auto wait = read_number(*value);
  if (!wait || *wait <= 0) {
    return refuse("pc_timeout_invalid", "waitForPickup: a number of seconds above 0 is wanted");
  }
  return std::chrono::seconds(std::min(*wait, kWaitMax_s));
}

Checked<std::chrono::seconds> read_wait(const Action& action) {
  const text::Json* value = action.field("waitForPickup");
  return read_wait(value != nullptr ? value : action.field("waitForPickUp"));
}

const call::Leg* other_of(const Action& action, const call::Leg& leg) {
  const call::Room* room = action.switchboard().room(leg.room);
  if (room == nullptr) return nullptr;
  const call::Leg* found = nullptr;
  for (const call::LegId id : room->members) {
    const call::Leg* other = action.switchboard().leg(id);
    if (id == leg.id || other == nullptr || !other->answered() || action.parts().book.is_supervisor(id))
      continue;
    if (found != nullptr) return nullptr;
    found = other;
  }
  return found;
}

const call::Leg* leg_of(const Action& action, const View& view) {
  const call::Leg* leg = action.switchboard().leg(view.leg);
  return leg != nullptr && leg->live() ? leg : nullptr;
}

base::Address address_of(const directory::Phone& phone) {
  return {base::Address::Kind::Phone, phone.extension, phone.caller_id_name};
}

base::Address identity_of(const Action& action, const call::Leg& leg) {
  const directory::Phone* phone = phone_of(action.directory(), leg);
  if (phone != nullptr) return shown_outside(caller_id_of(*phone));
  return leg.direction == call::Direction::Inbound ? leg.from : leg.to;
}

Performed done(const PhoneCall& call) {
  return {{call.id}, false, {}};
}

Performed done(const Action& action) {
  Performed performed;
  performed.as_array = action.call == nullptr;
  for (const PhoneCall* call : action.calls) performed.calls.push_back(call->id);
  return performed;
}

}  // namespace sotto::voipnow
