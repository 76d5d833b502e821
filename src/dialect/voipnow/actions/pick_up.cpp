// PickUp and UnPark (contract sections 3.5 and 3.6): a phone rings, and takes over a call that rings
// elsewhere, or one that is parked.
#include "dialect/voipnow/actions/action.h"

namespace sotto::voipnow {
namespace {

Checked<RingOrder> read_order(const Action& action, const directory::Phone& send_to) {
  const auto caller_id = read_caller_id(action, send_to);
  if (!caller_id) return tl::unexpected(caller_id.error());
  const auto wait = read_wait(action);
  if (!wait) return tl::unexpected(wait.error());
  return RingOrder{send_to.account, send_to.extension, *caller_id, *wait, {}};
}

Checked<RingResult> begin(const Action& action, RingOrder order, const PhoneCall& call,
                          Succession succession) {
  order.call = call.id;
  auto ring = action.parts().rings.succeed(order, std::move(succession));
  if (!ring) return refuse(500, "internal_server_error", ring.error().detail);
  return *ring;
}

// The view is from then on that of the phone that took over.
void take_view(Parts& parts, call::CallId id, uint32_t number, call::LegId leg,
               const std::string& extension) {
  PhoneCall* call = parts.book.find(id);
  if (call != nullptr) parts.book.succeed(*call, number, leg, extension);
}

Checked<RingResult> un_park_one(const Action& action, const RingOrder& order, const PhoneCall& call,
                                const View& view) {
  Parts& parts = action.parts();
  Succession succession;
  succession.watched = {view.leg};
  succession.taken = [&parts, parked = view.leg, id = call.id, number = view.number,
                      extension = order.extension](call::LegId leg) -> Result<void> {
    auto joined = parts.services.flow.bridge(parked, leg);
    if (joined) take_view(parts, id, number, leg, extension);
    return joined;
  };
  return begin(action, order, call, std::move(succession));
}

}  // namespace

ActionResult pick_up(const Action& action) {
  const auto send_to = read_send_to(action);
  if (!send_to) return tl::unexpected(send_to.error());
  const auto view = read_view(action);
  if (!view) return tl::unexpected(view.error());
  const call::Leg* ringing = leg_of(action, **view);
  if (ringing == nullptr || ringing->state != call::LegState::Ringing || !ringing->carrier) {
    return refuse("pc_phonecallview_invalid", "phoneCallViewId: nothing rings there for a caller");
  }
  const auto order = read_order(action, **send_to);
  if (!order) return tl::unexpected(order.error());
  Parts& parts = action.parts();
  const call::LegId caller = *ringing->carrier;
  Succession succession;
  succession.watched = {caller};
  succession.cancelled_by = {ringing->id};
  succession.taken = [&parts, caller, id = action.call->id, number = (*view)->number,
                      extension = order->extension](call::LegId leg) -> Result<void> {
    auto picked = parts.services.flow.pick_up(caller, leg);
    if (picked) take_view(parts, id, number, leg, extension);
    return picked;
  };
  const auto ring = begin(action, *order, *action.call, std::move(succession));
  if (!ring) return tl::unexpected(ring.error());
  Performed performed = done(*action.call);
  performed.rings = {*ring};
  return performed;
}

ActionResult un_park(const Action& action) {
  const auto send_to = read_send_to(action);
  if (!send_to) return tl::unexpected(send_to.error());
  std::vector<std::pair<const PhoneCall*, const View*>> parked;
  if (action.call != nullptr) {
    const auto view = read_view(action);
    if (!view) return tl::unexpected(view.error());
    if (!(*view)->parked) return refuse("pc_phonecallview_invalid", "phoneCallViewId: it is not parked");
    parked.emplace_back(action.call, *view);
  } else {
    for (const PhoneCall* call : action.calls) {
      for (const View& view : call->views) {
        if (view.parked) parked.emplace_back(call, &view);
      }
    }
  }
  const auto order = read_order(action, **send_to);
  if (!order) return tl::unexpected(order.error());
  Performed performed;
  performed.as_array = action.call == nullptr;
  for (const auto& [call, view] : parked) {
    const auto ring = un_park_one(action, *order, *call, *view);
    if (!ring) return tl::unexpected(ring.error());
    performed.calls.push_back(call->id);
    performed.rings.push_back(*ring);
  }
  return performed;
}

}  // namespace sotto::voipnow
