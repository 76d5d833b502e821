#include "telephony/gateway.h"

#include "base/check.h"
#include "base/log.h"
#include "directory/route.h"
#include "telephony/addresses.h"
#include "telephony/custom_headers.h"
#include "telephony/end_codes.h"
#include "telephony/identity.h"
#include "telephony/info_digit.h"

namespace sotto::telephony {
namespace {

using call::EndCause;
using call::EndReason;

}  // namespace

Gateway::Gateway(Settings settings, Ports ports)
    : settings_(std::move(settings)), ports_(ports), token_(ports.random) {}

void Gateway::connect(sip::UserAgent& user_agent, call::Switchboard& switchboard,
                      const Surroundings& surroundings) {
  user_agent_ = &user_agent;
  switchboard_ = &switchboard;
  around_ = surroundings;
}

Gateway::Leg* Gateway::find(call::LegId leg) {
  const auto it = legs_.find(leg);
  return it == legs_.end() ? nullptr : &it->second;
}

Gateway::Leg* Gateway::find(sip::SessionId session) {
  const auto it = sessions_.find(session);
  return it == sessions_.end() ? nullptr : find(it->second);
}

void Gateway::later(std::function<void()> what) {
  ports_.loop.post(std::move(what));
}

// For failures found inside a command of the core, which must not be called back from there.
void Gateway::end_later(call::LegId leg, EndReason reason) {
  later([this, leg, reason = std::move(reason)] {
    forget(leg);
    switchboard_->on_ended(leg, reason);
  });
}

void Gateway::forget(call::LegId leg) {
  const auto node = legs_.extract(leg);
  if (node.empty()) return;
  sessions_.erase(node.mapped().session);
  for (const auto& [attempt, sdp] : node.mapped().attempts) sessions_.erase(attempt);
}

LegSdp Gateway::make_sdp(const media::LocalPorts& place, const std::vector<std::string>& codecs,
                         Handshake handshake) const {
  LegSdp sdp(place, ports_.random.next() >> 2, codecs.empty() ? settings_.codecs : codecs,
             settings_.media_silence_max);
  if (!settings_.telephone_events) sdp.forgo_events();
  sdp.set_keys([this, dtls = handshake == Handshake::Possible] {
    return SoundKeys::make(ports_.random, dtls ? ports_.media.dtls_fingerprint() : std::string());
  });
  return sdp;
}

void Gateway::note_call_id(call::LegId id, sip::SessionId session) {
  const call::Leg* leg = switchboard_->leg(id);
  const auto call_id = user_agent_->call_id(session);
  if (leg == nullptr || !call_id) return;
  if (around_.trace != nullptr) around_.trace->link(*call_id, base::to_hex(leg->call));
  if (leg->direction == call::Direction::Inbound) return;
  later([this, id, sip_call_id = *call_id] { switchboard_->on_invited(id, sip_call_id); });
}

const directory::Trunk* Gateway::trunk_at(const sip::Flow& flow) const {
  if (!directory_) return nullptr;
  if (const auto* trunk = directory::trunk_of(*directory_, sip::ip_text(flow.peer))) return trunk;
  const auto registered = around_.trunks != nullptr ? around_.trunks->registered_at(flow.peer) : std::nullopt;
  return registered ? directory_->trunk(*registered) : nullptr;
}

// Both ends know what to send: the leg's sound begins, or goes on under the new terms.
void Gateway::agreed(Leg& leg) {
  if (!leg.sdp || !leg.sdp->settings()) return;
  if (auto done = ports_.media.configure(leg.id, *leg.sdp->settings()); !done) {
    base::log(base::LogLevel::Warning, "telephony", "leg not configured", {{"why", done.error().detail}});
  }
}

void Gateway::hang_up(call::LegId id, const EndReason& reason) {
  if (ports_.media.socket_audio().hang_up(id)) return;
  Leg* leg = find(id);
  if (leg == nullptr) return;
  cancel_attempts(*leg, reason);
  const sip::SessionId session = leg->session;
  forget(id);
  // A session that ended in this very moment is what was wanted.
  if (session != sip::SessionId::None) static_cast<void>(user_agent_->hang_up(session, hang_up_of(reason)));
}

void Gateway::on_confirmed(sip::SessionId session, std::string_view sdp) {
  Leg* leg = find(session);
  if (leg == nullptr || sdp.empty() || !leg->sdp) return;
  if (leg->sdp->accept_answer(sdp)) agreed(*leg);
}

void Gateway::on_ended(sip::SessionId session, const sip::EndedEvent& ended) {
  Leg* leg = find(session);
  if (leg == nullptr) return;
  if (session != leg->session) return on_attempt_ended(*leg, session, ended);
  const call::LegId id = leg->id;
  EndReason reason = reason_of(ended);
  const call::Leg* known = switchboard_->leg(id);
  if (known != nullptr && known->direction == call::Direction::Inbound && !known->answered())
    reason.cause = EndCause::Cancelled;
  forget(id);
  switchboard_->on_ended(id, std::move(reason), custom_headers(ended.message));
}

void Gateway::on_offer(sip::SessionId session, const sip::OfferEvent& offer) {
  Leg* leg = find(session);
  if (leg == nullptr) return;
  if (!leg->sdp) {
    // An UPDATE before we have said anything of our own.
    static_cast<void>(user_agent_->refuse_offer(session, 491));  // withdrawn meanwhile: nothing to refuse
    return;
  }
  Result<std::string> description =
      offer.sdp.empty() ? Result<std::string>(leg->sdp->make_offer()) : leg->sdp->answer(offer.sdp);
  if (!description) {
    static_cast<void>(user_agent_->refuse_offer(session));  // withdrawn meanwhile: nothing to refuse
    return;
  }
  if (!user_agent_->answer_offer(session, std::move(*description))) return;
  agreed(*leg);
  switchboard_->on_far_hold(leg->id, leg->sdp->far_holds());
}

void Gateway::on_offer_answered(sip::SessionId session, std::string_view sdp) {
  Leg* leg = find(session);
  if (leg == nullptr || !leg->sdp || !leg->sdp->accept_answer(sdp)) return;
  agreed(*leg);
}

Result<void> Gateway::hold_far_end(call::LegId id, bool on) {
  Leg* leg = find(id);
  if (leg == nullptr || leg->session == sip::SessionId::None || !leg->sdp)
    return fail(ErrorCode::Conflict, "hold: the call is not up");
  leg->sdp->set_listening(!on);
  return user_agent_->offer(leg->session, leg->sdp->make_offer());
}

Result<void> Gateway::send_digit_in_info(call::LegId id, char digit) {
  const Leg* leg = find(id);
  if (leg == nullptr || leg->session == sip::SessionId::None)
    return fail(ErrorCode::Conflict, "digit: the call is not up");
  return user_agent_->info(leg->session, "application/dtmf-relay",
                           std::string("Signal=") + digit + "\r\nDuration=160\r\n");
}

void Gateway::on_offer_refused(sip::SessionId, int) {}

void Gateway::on_info(sip::SessionId session, std::string_view content_type, std::string_view body) {
  Leg* leg = find(session);
  if (leg == nullptr) return;
  if (const auto digit = digit_of_info(content_type, body))
    switchboard_->on_digit(leg->id, digit->digit, digit->length);
}

void Gateway::refer(call::LegId id, const base::Address& target, const base::HeaderFields&) {
  Leg* leg = find(id);
  if (leg == nullptr) return;
  const std::string uri = target.kind == base::Address::Kind::Sip
                              ? target.text
                              : "sip:" + user_part(target) + "@" + settings_.domain;
  if (auto sent = user_agent_->refer(leg->session, uri); !sent) {
    later([this, id] { switchboard_->on_refer_progress(id, 500, 0); });
  }
}

void Gateway::on_transfer_progress(sip::SessionId session, sip::TransferId, int status, bool) {
  const Leg* leg = find(session);
  if (leg != nullptr) switchboard_->on_refer_progress(leg->id, 202, status);
}

void Gateway::on_refer(sip::SessionId session, const sip::ReferEvent& refer) {
  Leg* leg = find(session);
  if (leg == nullptr) return;
  leg->transfer_in = refer.transfer;
  std::optional<call::LegId> replaces;
  if (const Leg* other = find(refer.replaced)) replaces = other->id;
  switchboard_->on_refer_asked(leg->id, named_by(leg->id, refer.target), replaces);
}

// What the far end of a leg means by a URI: for a phone of ours also a colleague's name or short number.
base::Address Gateway::named_by(call::LegId id, const std::string& uri) const {
  const base::Address to = party_of(uri, {});
  const call::Leg* leg = switchboard_->leg(id);
  const directory::Phone* phone =
      leg != nullptr && directory_ ? directory_->phone_by_extension(leg->origin.extension) : nullptr;
  if (phone == nullptr) return to;
  const directory::Phone* near = directory::phone_near(*directory_, *phone, user_part(to));
  if (near != nullptr) return {base::Address::Kind::Phone, near->extension, {}};
  return colleague_or(to, *directory_);
}

void Gateway::accept_refer(call::LegId id) {
  const Leg* leg = find(id);
  if (leg != nullptr)
    static_cast<void>(user_agent_->accept_refer(leg->session, leg->transfer_in));  // withdrawn: as well
}

void Gateway::refuse_refer(call::LegId id, int sip_code) {
  const Leg* leg = find(id);
  if (leg != nullptr)
    static_cast<void>(
        user_agent_->refuse_refer(leg->session, leg->transfer_in, sip_code));  // withdrawn: as well
}

void Gateway::report_refer(call::LegId id, int sip_code) {
  const Leg* leg = find(id);
  if (leg == nullptr) return;
  static_cast<void>(user_agent_->notify_refer(leg->session, leg->transfer_in, sip_code,
                                              sip_code >= 200));  // nobody listens any more
}

void Gateway::on_response(uint64_t request, int status, const sip::Message* message) {
  if (around_.trunks != nullptr) around_.trunks->on_response(request, status, message);
}

void Gateway::on_overload(const sip::OverloadEvent& overload) {
  if (overload.begins) {
    base::log(base::LogLevel::Warning, "telephony",
              "more calls come than can be served: new ones are refused");
    return;
  }
  base::log(base::LogLevel::Warning, "telephony", "all calls that come are served again",
            {{"refused", std::to_string(overload.refused)}, {"dropped", std::to_string(overload.dropped)}});
}

}  // namespace sotto::telephony
