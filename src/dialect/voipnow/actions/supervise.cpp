// Whisper, BargeIn and Monitor (contract sections 3.2 to 3.4): the supervisor's phone rings first, and only
// when it is answered does it listen and speak.
#include "base/log.h"
#include "dialect/voipnow/actions/action.h"

namespace sotto::voipnow {
namespace {

using hearing::SupervisionMode;

Checked<SupervisionMode> read_private(const Action& action) {
  const text::Json* value = action.field("private");
  if (value == nullptr) return SupervisionMode::Whisper;
  const auto flag = read_flag(*value);
  if (!flag) return refuse("pc_private_invalid", "private: 0 or 1 is wanted");
  return *flag ? SupervisionMode::Private : SupervisionMode::Whisper;
}

// Who is coached: the extension of the path if it takes part, else the view's (decision D6).
const call::Leg* target_of(const Action& action, const View& view) {
  if (!action.place.extension.is_self()) {
    const call::Leg* own = action.parts().book.leg_of(*action.call, action.place.extension.phone->extension);
    if (own != nullptr && own->answered()) return own;
  }
  return leg_of(action, view);
}

Checked<const call::Leg*> read_target(const Action& action) {
  const auto view = read_view(action);
  if (!view) return tl::unexpected(view.error());
  const Renderer renderer = renderer_for(action.ask, action.place);
  const bool on_call =
      !(*view)->target && !(*view)->parked && renderer.status(*action.call, **view) == ViewStatus::OnCall;
  const call::Leg* target = on_call ? target_of(action, **view) : nullptr;
  if (target == nullptr || !target->answered() || action.parts().book.is_supervisor(target->id)) {
    return refuse("pc_phonecallview_invalid", "phoneCallViewId: the view is not on a call of its own");
  }
  return target;
}

// The duty of lawful monitoring: an organisation's operator may forbid it, and every use leaves a line.
Checked<void> check_rights(const Action& action, const directory::Phone& supervisor,
                           const call::Leg& target) {
  const directory::Organisation* organisation = action.directory().organisation(supervisor.organisation);
  const bool allowed = organisation == nullptr || organisation->supervision_allowed;
  base::log(base::LogLevel::Info, "voipnow", "supervision asked for",
            {{"action", std::string(action.name)},
             {"app", action.ask.scope.app().id},
             {"supervisor", supervisor.extension},
             {"target", target.origin.extension},
             {"call", action.call->key},
             {"allowed", allowed ? "yes" : "no"}});
  if (!allowed) {
    return refuse(401, "access_denied", "supervision_allowed is off for this organization");
  }
  return {};
}

// The phone's live leg in the call, if it takes part already.
const call::Leg* part_of(const Action& action, const directory::Phone& phone) {
  for (const call::LegId id : action.switchboard().legs_of(action.call->id)) {
    const call::Leg* leg = action.switchboard().leg(id);
    if (leg != nullptr && leg->live() && phone_of(action.directory(), *leg) == &phone) return leg;
  }
  return nullptr;
}

bool is_whisper(SupervisionMode mode) {
  return mode == SupervisionMode::Whisper || mode == SupervisionMode::Private;
}

// Whether who takes part already may go on in that mode: a supervisor of the same party, by another action
// than his own (decision D19 refuses a second one of the same).
bool may_change(const Action& action, const call::Leg& part, const call::Leg& target, SupervisionMode mode) {
  const auto now = action.switchboard().supervision_of(part.id);
  if (!now || now->target != target.id) return false;
  return now->mode != mode && !(is_whisper(now->mode) && is_whisper(mode));
}

// He is up and listens: his phone does not ring again.
ActionResult change(const Action& action, const call::Leg& part, SupervisionMode mode) {
  const auto changed = action.switchboard().set_supervision_mode(part.id, mode);
  if (!changed) return refuse(401, "access_denied", changed.error().detail);
  return done(*action.call);
}

ActionResult supervise(const Action& action, SupervisionMode mode) {
  const auto send_to = read_send_to(action);
  if (!send_to) return tl::unexpected(send_to.error());
  const call::Leg* part = part_of(action, **send_to);
  const auto taking_part = [] {
    return refuse("pc_sendcallto_invalid", "sendCallTo: it takes part in this call already");
  };
  if (part != nullptr && !action.switchboard().supervision_of(part->id)) return taking_part();
  const auto target = read_target(action);
  if (!target) return tl::unexpected(target.error());
  const auto caller_id = read_caller_id(action, **send_to);
  if (!caller_id) return tl::unexpected(caller_id.error());
  const auto wait = read_wait(action);
  if (!wait) return tl::unexpected(wait.error());
  if (mode == SupervisionMode::Whisper) {
    const auto chosen = read_private(action);
    if (!chosen) return tl::unexpected(chosen.error());
    mode = *chosen;
  }
  if (part != nullptr && !may_change(action, *part, **target, mode)) return taking_part();
  if (auto allowed = check_rights(action, **send_to, **target); !allowed)
    return tl::unexpected(allowed.error());
  if (part != nullptr) return change(action, *part, mode);
  const RingOrder order{(*send_to)->account, (*send_to)->extension, *caller_id, *wait, action.call->id};
  const auto ring = action.parts().rings.supervise(order, (*target)->id, mode);
  if (!ring) return refuse(500, "internal_server_error", ring.error().detail);
  Performed performed = done(*action.call);
  performed.rings = {*ring};
  return performed;
}

}  // namespace

ActionResult whisper(const Action& action) {
  return supervise(action, SupervisionMode::Whisper);
}

ActionResult barge_in(const Action& action) {
  return supervise(action, SupervisionMode::Barge);
}

ActionResult monitor(const Action& action) {
  return supervise(action, SupervisionMode::Listen);
}

}  // namespace sotto::voipnow
