// Transfer and TransferToVoicemail (contract section 3.8): one party leaves, the other goes on to somebody
// else.
#include "base/log.h"
#include "dialect/voipnow/actions/action.h"
#include "dialect/voipnow/extension_settings.h"

namespace sotto::voipnow {
namespace {

constexpr std::chrono::seconds kRing{60};
constexpr std::chrono::seconds kRingBack{30};

struct Parties {
  const call::Leg* from = nullptr;  // leaves
  const call::Leg* moved = nullptr;
};

const call::Leg* talks_to(const Action& action, const call::Leg* leg) {
  return leg == nullptr ? nullptr : other_of(action, *leg);
}

// A party by its number; absent is no error.
Checked<const call::Leg*> read_party(const Action& action, const char* key, const char* code) {
  const text::Json* value = action.field(key);
  if (value == nullptr) return nullptr;
  const auto number = read_text(*value);
  const Renderer renderer = renderer_for(action.ask, action.place);
  const call::Leg* leg = number ? renderer.party(*action.call, *number) : nullptr;
  if (leg == nullptr || action.parts().book.is_supervisor(leg->id)) {
    return refuse(code, std::string(key) + ": no such party of the call");
  }
  return leg;
}

// Who transfers when nobody is named: the view's extension, else the one of the path.
Checked<const call::Leg*> transferor(const Action& action) {
  if (action.field("phoneCallViewId") != nullptr) {
    const auto view = read_view(action);
    if (!view) return tl::unexpected(view.error());
    return leg_of(action, **view);
  }
  if (action.place.extension.is_self()) return nullptr;
  return action.parts().book.leg_of(*action.call, action.place.extension.phone->extension);
}

Checked<Parties> read_parties(const Action& action) {
  const auto from = read_party(action, "transferFromNumber", "pc_transferfromnumber_invalid");
  if (!from) return tl::unexpected(from.error());
  const auto moved = read_party(action, "transferNumber", "pc_transfernumber_invalid");
  if (!moved) return tl::unexpected(moved.error());
  Parties parties{*from, *moved};
  if (parties.from == nullptr && parties.moved == nullptr) {
    const auto own = transferor(action);
    if (!own) return tl::unexpected(own.error());
    parties.from = *own;
  }
  if (parties.moved == nullptr) parties.moved = talks_to(action, parties.from);
  if (parties.from == nullptr) parties.from = talks_to(action, parties.moved);
  if (parties.moved == nullptr || parties.moved == parties.from || !parties.moved->answered()) {
    return refuse("pc_transferfromnumber_invalid",
                  "transferFromNumber: it talks to nobody who could be transferred");
  }
  return parties;
}

// Anywhere: an extension of the organisation, or a number outside.
Checked<base::Address> read_destination(const Action& action) {
  const text::Json* value = action.field("sendCallTo");
  const auto number = value == nullptr ? std::nullopt : read_text(*value);
  if (!number) return refuse("pc_sendcallto_invalid", "sendCallTo: it is missing");
  const directory::Phone* base = near(action);
  const directory::Phone* phone = base == nullptr || !is_extension(*number)
                                      ? nullptr
                                      : directory::phone_near(action.directory(), *base, *number);
  if (phone != nullptr) return address_of(*phone);
  const auto digits = parse_phone_number(*number);
  if (!digits) return refuse("pc_sendcallto_invalid", "sendCallTo: neither an extension nor a number");
  return base::Address{base::Address::Kind::Number, *digits, {}};
}

void leave(const Action& action, const Parties& parties) {
  if (parties.from == nullptr || !parties.from->live()) return;
  action.switchboard().hang_up(parties.from->id, {call::EndCause::Transferred, call::EndedBy::Api, 0, {}});
}

// To whom a transfer that failed goes back.
flow::Ask return_to(const Action& action, const Parties& parties) {
  const directory::Phone* phone =
      parties.from == nullptr ? nullptr : phone_of(action.directory(), *parties.from);
  if (phone == nullptr) return {};
  flow::Ask ask;
  ask.when = flow::Asking::OnFailure;
  const base::Address from = identity_of(action, *parties.moved);
  ask.document = action.parts().follow_ups.add(
      parties.moved->id, [back = address_of(*phone), from](const flow::Outcome&) {
        return make_program({{dial_step({{back}, from, kRingBack})}});
      });
  return ask;
}

ActionResult move(const Action& action, const Parties& parties, ProgramPtr program) {
  const call::Switchboard::Batch batch(action.switchboard());
  const auto moved = action.parts().services.flow.replace(parties.moved->id, std::move(program));
  if (!moved) return refuse("pc_transfernumber_invalid", "transferNumber: " + moved.error().detail);
  leave(action, parties);
  return done(*action.call);
}

}  // namespace

ActionResult transfer(const Action& action) {
  const auto destination = read_destination(action);
  if (!destination) return tl::unexpected(destination.error());
  const auto parties = read_parties(action);
  if (!parties) return tl::unexpected(parties.error());
  DialOrder order;
  order.to = {*destination};
  order.from = identity_of(action, *parties->moved);
  order.ring = kRing;
  order.ask = return_to(action, *parties);
  return move(action, *parties, make_program({{dial_step(order)}}));
}

ActionResult transfer_to_voicemail(const Action& action) {
  const auto mailbox = read_send_to(action);
  if (!mailbox) return tl::unexpected(mailbox.error());
  const auto parties = read_parties(action);
  if (!parties) return tl::unexpected(parties.error());
  const auto settings = parse_extension_settings(**mailbox);
  if (!settings) return refuse(500, "internal_server_error", settings.error().detail);
  return move(action, *parties, voicemail(**mailbox, settings->greeting));
}

}  // namespace sotto::voipnow
