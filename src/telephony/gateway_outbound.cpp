// Legs that we call: one way after another, and of one way all targets at once, until somebody answers.
#include <algorithm>

#include "base/check.h"
#include "base/log.h"
#include "telephony/custom_headers.h"
#include "telephony/end_codes.h"
#include "telephony/gateway.h"
#include "telephony/identity.h"

namespace sotto::telephony {
namespace {

using call::EndCause;
using call::EndReason;

std::vector<sip::ExtraHeader> extra_headers(const base::HeaderFields& fields) {
  std::vector<sip::ExtraHeader> out;
  for (const auto& [name, value] : fields) {
    if (!sip::iequals(name, LoopToken::kHeader)) out.push_back({name, value});
  }
  return out;
}

// RFC 3261 §16.7: of several devices' refusals the one that says most. Smaller is better.
int rank(const EndReason& reason) {
  if (reason.sip_code >= 600) return 0;
  if (reason.cause == EndCause::Unreachable) return 9;
  if (reason.cause == EndCause::Busy) return 1;
  return reason.sip_code >= 400 ? reason.sip_code / 100 : 5;
}

}  // namespace

WayOptions Gateway::way_options() const {
  return {*directory_, ports_.phones, around_.loop, ports_.random};
}

call::FarEnd Gateway::far_end(const call::DialRequest& request) const {
  return directory_ ? far_end_of(request, way_options()) : call::FarEnd{};
}

void Gateway::dial(const call::DialRequest& request) {
  if (request.to.kind == base::Address::Kind::WebSocket) return ports_.media.socket_audio().dial(request);
  Leg& leg = legs_[request.leg];
  leg.id = request.leg;
  leg.request = request;
  leg.hops_left = hops_left_for(request.leg);
  if (leg.hops_left < 0) {
    return end_later(leg.id, {EndCause::Unroutable, call::EndedBy::Platform, 483,
                              "to: the call has been passed on too often"});
  }
  if (const auto ports = ports_.media.ports_of(leg.id); !ports) {
    return end_later(leg.id, {EndCause::Overloaded, call::EndedBy::Platform, 503, ports.error().detail});
  }
  auto ways = directory_
                  ? ways_to(request, way_options())
                  : Result<std::vector<Way>>(fail(ErrorCode::Unreachable, "to: the directory is empty"));
  if (!ways) {
    const EndCause cause =
        ways.error().code == ErrorCode::Unreachable ? EndCause::Unreachable : EndCause::Unroutable;
    return end_later(leg.id, {cause, call::EndedBy::Platform, 404, ways.error().detail});
  }
  leg.ways.assign(std::make_move_iterator(ways->begin()), std::make_move_iterator(ways->end()));
  try_next(leg.id);
}

// RFC 3261 §16.6: one less than the call that it carries on has; all, where a call begins here.
int Gateway::hops_left_for(call::LegId id) const {
  const call::Leg* known = switchboard_->leg(id);
  const auto carrier = known != nullptr && known->carrier ? legs_.find(*known->carrier) : legs_.end();
  return carrier != legs_.end() ? carrier->second.hops_left - 1 : kHopsMax;
}

// Goes on with the next way that can be begun; without one, the leg ends with the best reason that there was.
void Gateway::try_next(call::LegId id) {
  Leg& leg = legs_.at(id);
  leg.lease.reset();
  while (!leg.ways.empty()) {
    Way way = std::move(leg.ways.front());
    leg.ways.pop_front();
    if (way.trunk && around_.trunks != nullptr && !around_.trunks->is_alive(*way.trunk)) {
      if (!leg.failure)
        leg.failure = {EndCause::Unreachable, call::EndedBy::Platform, 503, "trunk: it does not answer"};
      continue;
    }
    if (way.host) return locate(leg, std::move(way));
    if (start(leg, way)) return;
  }
  const EndReason none{EndCause::Unreachable, call::EndedBy::Platform, 503, "to: no way there works"};
  end_later(id, leg.failure.value_or(none));
}

void Gateway::locate(const Leg& leg, Way way) {
  const call::LegId id = leg.id;
  auto located = [this, id, way](Result<std::vector<sip::Flow>> flows) {
    Leg* waiting = find(id);
    if (waiting == nullptr) return;  // hung up meanwhile
    if (!flows) {
      waiting->failure = {EndCause::Unreachable, call::EndedBy::Platform, 503, flows.error().detail};
      return try_next(id);
    }
    for (auto flow = flows->rbegin(); flow != flows->rend(); ++flow) {
      Way found = way;
      found.host.reset();
      found.together = {{way.uri, *flow, false, way.security}};
      waiting->ways.push_front(std::move(found));
    }
    try_next(id);
  };
  if (around_.hosts != nullptr) return around_.hosts->locate(*way.host, std::move(located));
  later([located, host = way.host->host] {
    located(fail(ErrorCode::Unreachable, "host: \"" + host + "\" is no IP address"));
  });
}

// False if none of its targets could be called.
bool Gateway::start(Leg& leg, const Way& way) {
  const directory::Trunk* trunk = way.trunk ? directory_->trunk(*way.trunk) : nullptr;
  if (way.trunk) {
    if (trunk == nullptr) return false;  // taken out of the directory since
    auto lease = limits_.admit(*trunk, ports_.loop.timers().now());
    if (!lease) {
      leg.failure = {EndCause::Overloaded, call::EndedBy::Platform, 503, lease.error().detail};
      return false;
    }
    leg.lease = std::move(*lease);
  }
  leg.early = sip::SessionId::None;
  for (const Target& target : way.together) {
    if (auto sent = invite(leg, way, target); !sent) {
      base::log(base::LogLevel::Warning, "telephony", "INVITE not sent",
                {{"to", target.uri}, {"why", sent.error().detail}});
    }
  }
  return !leg.attempts.empty();
}

// The number of ours that the caller dialled whom this leg's carrier forwards, if it shows his number and not
// ours.
std::string Gateway::forwarded_number(const Leg& leg) const {
  const call::Leg* known = switchboard_->leg(leg.id);
  const call::Leg* carrier =
      known != nullptr && known->carrier ? switchboard_->leg(*known->carrier) : nullptr;
  if (carrier == nullptr || carrier->direction != call::Direction::Inbound) return {};
  const bool number = carrier->to.kind == base::Address::Kind::Number;
  return number && carrier->from.text == leg.request.from.text ? carrier->to.text : std::string();
}

Result<void> Gateway::invite(Leg& leg, const Way& way, const Target& target) {
  const directory::Trunk* trunk = way.trunk ? directory_->trunk(*way.trunk) : nullptr;
  // Each target is offered its own kind of protection: the answers are told apart by their offers.
  const Handshake handshake = target.security == sdp::Security::Dtls ? Handshake::Possible : Handshake::No;
  const auto ports = ports_.media.ports_of(leg.id);
  if (!ports) return fail(ports.error());
  LegSdp sdp = make_sdp(*ports, trunk != nullptr ? trunk->codecs : settings_.codecs, handshake);
  OutgoingIdentity identity =
      write_identity(leg.request.from, forwarded_number(leg), settings_.domain, trunk);
  sip::InviteOptions invite;
  invite.target = target.uri;
  invite.flow = target.flow;
  invite.flow_bound = target.flow_bound;
  invite.from = std::move(identity.from);
  invite.headers = extra_headers(leg.request.headers);
  invite.headers.insert(invite.headers.end(), identity.headers.begin(), identity.headers.end());
  if (way.loops) invite.headers.push_back({std::string(LoopToken::kHeader), token_.mark(leg.id)});
  invite.sdp = sdp.make_offer(target.security);
  invite.max_forwards = static_cast<uint32_t>(leg.hops_left);
  const bool trunk_login = trunk != nullptr && !trunk->user.empty();
  invite.auth_user = trunk_login ? trunk->user : leg.request.user;
  invite.auth_password = trunk_login ? trunk->password : leg.request.password;
  // With another way to go to, silence is not waited out.
  if (!leg.ways.empty()) invite.silence_max = settings_.way_silence_max;
  const auto session = user_agent_->invite(std::move(invite));
  if (!session) return fail(session.error());
  leg.attempts.emplace(*session, std::move(sdp));
  sessions_[*session] = leg.id;
  note_call_id(leg.id, *session);
  return {};
}

void Gateway::cancel_attempts(Leg& leg, const EndReason& reason) {
  for (const auto& [attempt, sdp] : std::exchange(leg.attempts, {})) {
    sessions_.erase(attempt);
    static_cast<void>(user_agent_->hang_up(attempt, hang_up_of(reason)));  // ended in this moment: as wanted
  }
}

void Gateway::on_progress(sip::SessionId session, const sip::ProgressEvent& progress) {
  Leg* leg = find(session);
  if (leg == nullptr || progress.status < 180) return;
  bool early = false;
  // Only one device's early media can be heard: the first one's.
  const bool first = leg->early == sip::SessionId::None || leg->early == session;
  const auto attempt = leg->attempts.find(session);
  if (!progress.sdp.empty() && !progress.sdp_is_offer && first && attempt != leg->attempts.end()) {
    early = attempt->second.accept_answer(progress.sdp).has_value();
    if (early) {
      leg->early = session;
      leg->sdp.emplace(attempt->second);
    }
  }
  if (early) agreed(*leg);
  switchboard_->on_ringing(leg->id, early);
}

void Gateway::on_answered(sip::SessionId session, const sip::AnsweredEvent& answered) {
  Leg* leg = find(session);
  if (leg == nullptr) {
    static_cast<void>(user_agent_->hang_up(session));  // nobody wants it any more
    return;
  }
  const call::LegId id = leg->id;
  auto attempt = leg->attempts.extract(session);
  CHECK(!attempt.empty());
  leg->sdp.emplace(std::move(attempt.mapped()));
  leg->session = session;
  leg->ways.clear();
  cancel_attempts(*leg, {EndCause::AnsweredElsewhere, call::EndedBy::Platform, 0, {}});
  if (!answered.sdp.empty()) {
    if (auto accepted = leg->sdp->accept_answer(answered.sdp); !accepted) {
      forget(id);
      static_cast<void>(user_agent_->hang_up(session));  // ended in this very moment: as wanted
      switchboard_->on_ended(id,
                             {EndCause::FarFailure, call::EndedBy::Platform, 488, accepted.error().detail});
      return;
    }
  }
  agreed(*leg);
  switchboard_->on_answered(id, custom_headers(&answered.message));
}

void Gateway::on_attempt_ended(Leg& leg, sip::SessionId session, const sip::EndedEvent& ended) {
  sessions_.erase(session);
  leg.attempts.erase(session);
  const EndReason reason = reason_of(ended);
  if (!leg.failure || rank(reason) < rank(*leg.failure)) leg.failure = reason;
  // RFC 3261 §16.7: a refusal for the whole person ends the search; any other, only that device's.
  if (ended.status >= 600) cancel_attempts(leg, reason);
  if (!leg.attempts.empty()) return;
  const bool network = ended.by == sip::EndedBy::Network;
  if (!leg.ways.empty() && (network || worth_another_route(ended.status))) {
    leg.early = sip::SessionId::None;
    return try_next(leg.id);
  }
  const call::LegId id = leg.id;
  const EndReason best = *leg.failure;
  forget(id);
  switchboard_->on_ended(id, best, custom_headers(ended.message));
}

}  // namespace sotto::telephony
