#pragma once

#include "dialect/voipnow/api/path.h"
#include "directory/route.h"
#include "text/json.h"

namespace sotto::voipnow {

// A PUT on phoneCalls whose path has been resolved. Values of `body` are read in the documented order; null
// counts as absent.
struct Action {
  const Ask& ask;
  const Place& place;
  const text::JsonObject& body;
  std::string_view name;
  PhoneCall* call;                // null: all calls of the extension
  std::vector<PhoneCall*> calls;  // that one, or all

  Parts& parts() const { return ask.parts; }
  const directory::Snapshot& directory() const { return ask.scope.directory(); }
  call::Switchboard& switchboard() const { return ask.parts.services.switchboard; }
  const text::Json* field(std::string_view key) const;  // null also for JSON's null
};

// What was done, or begun.
struct Performed {
  std::vector<call::CallId> calls;
  bool as_array = false;
  std::vector<RingResult> rings;  // empty: it is done
};
using ActionResult = Checked<Performed>;

struct ActionRow {
  std::string_view name;
  bool for_all_calls;  // also without phoneCallId
  ActionResult (*perform)(const Action& action);
};
const ActionRow* find_action(std::string_view name);

ActionResult whisper(const Action& action);
ActionResult barge_in(const Action& action);
ActionResult monitor(const Action& action);
ActionResult pick_up(const Action& action);
ActionResult park(const Action& action);
ActionResult un_park(const Action& action);
ActionResult on_hold(const Action& action);
ActionResult off_hold(const Action& action);
ActionResult transfer(const Action& action);
ActionResult transfer_to_voicemail(const Action& action);
ActionResult start_recording(const Action& action);
ActionResult stop_recording(const Action& action);

// Fields that several actions have. Each refuses with its own documented code.

// A Phone Terminal in the organisation of the extension.
Checked<const directory::Phone*> read_send_to(const Action& action);
Checked<View*> read_view(const Action& action);
Checked<CallerId> read_caller_id(const Action& action, const directory::Phone& shown_to);
Checked<std::chrono::seconds> read_wait(const Action& action);
Checked<std::chrono::seconds> read_wait(const text::Json* value);
// The organisation that numbers of this request are read in.
const directory::Phone* near(const Action& action);

// Whom a leg talks to: its peer that is up. Null if there is none, or more than one.
const call::Leg* other_of(const Action& action, const call::Leg& leg);
// The leg at the other end of a view: for a parked one, its own.
const call::Leg* leg_of(const Action& action, const View& view);
base::Address address_of(const directory::Phone& phone);
// As whom a leg calls somebody: its own identity.
base::Address identity_of(const Action& action, const call::Leg& leg);

Performed done(const Action& action);
Performed done(const PhoneCall& call);

}  // namespace sotto::voipnow
