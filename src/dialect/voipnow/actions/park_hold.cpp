// Park, OnHold and OffHold (contract sections 3.6 and 3.7): the other party hears music, with the view's own
// party gone or waiting.
#include "dialect/voipnow/actions/action.h"

namespace sotto::voipnow {
namespace {

constexpr int64_t kParkingMin_s = 10;
constexpr int64_t kParkingMax_s = 3600;
constexpr int64_t kParkingDefault_s = 180;
constexpr std::chrono::seconds kRingBack{60};

const call::EndReason kParked{call::EndCause::Transferred, call::EndedBy::Api, 0, {}};

Checked<std::chrono::seconds> read_parking_time(const Action& action) {
  const text::Json* value = action.field("maxInParking");
  if (value == nullptr) return std::chrono::seconds(kParkingDefault_s);
  const auto time = read_number(*value);
  if (!time || *time < kParkingMin_s || *time > kParkingMax_s) {
    return refuse("pc_maxinparking_invalid", "maxInParking: 10 to 3600 seconds are wanted");
  }
  return std::chrono::seconds(*time);
}

bool on_call(const Action& action, const View& view) {
  const call::Leg* leg = leg_of(action, view);
  return leg != nullptr && leg->answered() && !view.target && !view.parked;
}

// The views of the extension among all calls, or the one that the body names.
Checked<std::vector<std::pair<PhoneCall*, uint32_t>>> read_views(const Action& action) {
  std::vector<std::pair<PhoneCall*, uint32_t>> found;
  if (action.call != nullptr) {
    const auto view = read_view(action);
    if (!view) return tl::unexpected(view.error());
    if (!on_call(action, **view)) {
      return refuse("pc_phonecallview_invalid", "phoneCallViewId: the view is not on a call of its own");
    }
    found.emplace_back(action.call, (*view)->number);
    return found;
  }
  for (PhoneCall* call : action.calls) {
    for (const View& view : call->views) {
      const directory::Phone* phone = action.directory().phone_by_extension(view.extension);
      const bool own = action.place.extension.is_self()
                           ? phone != nullptr && action.ask.scope.sees(*phone) &&
                                 action.ask.scope.belongs(*phone, action.place.user)
                           : phone == action.place.extension.phone;
      if (own && on_call(action, view)) found.emplace_back(call, view.number);
    }
  }
  return found;
}

// Nobody took it over in time: it rings where it was parked.
void ring_back(Parts& parts, call::LegId leg, const base::Address& parker) {
  const call::Leg* parked = parts.services.switchboard.leg(leg);
  if (parked == nullptr || !parked->live()) return;
  const base::Address from = parked->direction == call::Direction::Inbound ? parked->from : parked->to;
  const auto ran = parts.services.flow.replace(leg, make_program({{dial_step({{parker}, from, kRingBack})}}));
  if (!ran) parts.services.switchboard.hang_up(leg, kParked);
}

// The call that is parked now; null if there is nobody to park.
PhoneCall* park_one(const Action& action, PhoneCall& call, uint32_t number, std::chrono::seconds time) {
  Parts& parts = action.parts();
  const View view = *call.view(number);
  const call::Leg* own = leg_of(action, view);
  const call::Leg* other = own == nullptr ? nullptr : other_of(action, *own);
  const directory::Phone* parker = action.directory().phone_by_extension(view.extension);
  const auto place = parts.book.parking_place();
  if (other == nullptr || parker == nullptr || !place) return nullptr;
  const call::LegId parked = other->id;
  const call::LegId leaves = own->id;
  const call::Switchboard::Batch batch(action.switchboard());
  PhoneCall* owner =
      parts.book.park(call, number, *other, {parts.services.loop.clock().wall(), *place, view.extension});
  if (owner == nullptr) return nullptr;
  flow::PlayStep music;
  music.prompt = hold_music(action.ask.scope.settings().hold_music);
  if (!parts.services.flow.replace(parked, make_program({{music}}))) return nullptr;
  action.switchboard().hang_up(leaves, kParked);
  parts.alarms.start(time, [&parts, parked, id = owner->id, place = *place, back = address_of(*parker)] {
    if (parts.book.un_park(id, parked, place)) ring_back(parts, parked, back);
  });
  return owner;
}

}  // namespace

ActionResult park(const Action& action) {
  const auto views = read_views(action);
  if (!views) return tl::unexpected(views.error());
  const auto time = read_parking_time(action);
  if (!time) return tl::unexpected(time.error());
  Performed performed;
  performed.as_array = true;  // as its page says, also for one
  for (const auto& [call, number] : *views) {
    const PhoneCall* parked = park_one(action, *call, number, *time);
    if (parked != nullptr) performed.calls.push_back(parked->id);
  }
  if (performed.calls.empty() && action.call != nullptr) {
    return refuse("pc_phonecallview_invalid",
                  "phoneCallViewId: the view talks to nobody who could be parked");
  }
  return performed;
}

ActionResult on_hold(const Action& action) {
  const auto views = read_views(action);
  if (!views) return tl::unexpected(views.error());
  for (const auto& [call, number] : *views) {
    const View* view = call->view(number);
    if (view->held) continue;
    const call::Leg* own = leg_of(action, *view);
    const call::Leg* other = other_of(action, *own);
    // In a conference it is the party itself who waits.
    const call::Leg& waits = other == nullptr ? *own : *other;
    if (waits.facts.held) continue;
    const auto held =
        action.parts().services.flow.hold(waits.id, hold_music(action.ask.scope.settings().hold_music));
    if (held)
      action.parts().book.hold(*call, number, {action.parts().services.loop.clock().wall(), waits.id});
  }
  return done(action);
}

ActionResult off_hold(const Action& action) {
  const auto views = read_views(action);
  if (!views) return tl::unexpected(views.error());
  for (const auto& [call, number] : *views) {
    const View* view = call->view(number);
    if (view->held) static_cast<void>(action.parts().services.flow.unhold(view->held->leg));
  }
  return done(action);
}

}  // namespace sotto::voipnow
