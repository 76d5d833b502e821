#include "telephony/gateway.h"

#include "base/check.h"
#include "base/log.h"
#include "directory/route.h"
#include "telephony/addresses.h"
#include "telephony/end_codes.h"
#include "telephony/info_digit.h"

namespace sotto::telephony {
namespace {

using call::EndCause;
using call::EndReason;

// Header fields that belong to the application, not to SIP: they travel with the call both ways.
bool is_custom(std::string_view name) {
  return name.size() > 2 && (name[0] == 'X' || name[0] == 'x') && name[1] == '-';
}

base::HeaderFields custom_headers(const sip::Message& message) {
  base::HeaderFields out;
  for (const sip::Header& header : message.headers) {
    if (is_custom(header.text) || header.text == "User-to-User") out.emplace(header.text, header.value);
  }
  return out;
}

std::vector<sip::ExtraHeader> extra_headers(const base::HeaderFields& fields) {
  std::vector<sip::ExtraHeader> out;
  for (const auto& [name, value] : fields) out.push_back({name, value});
  return out;
}

std::string quoted(std::string_view name) {
  std::string out = "\"";
  for (const char c : name) {
    if (static_cast<unsigned char>(c) < 0x20) continue;
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

}  // namespace

Gateway::Gateway(Settings settings, Ports ports) : settings_(std::move(settings)), ports_(ports) {}

void Gateway::connect(sip::UserAgent& user_agent, call::Switchboard& switchboard) {
  user_agent_ = &user_agent;
  switchboard_ = &switchboard;
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
  if (!node.empty()) sessions_.erase(node.mapped().session);
}

Result<void> Gateway::open_sdp(Leg& leg) {
  const auto ports = ports_.media.ports_of(leg.id);
  if (!ports) return fail(ports.error());
  leg.sdp.emplace(*ports, ports_.random.next() >> 2, settings_.codecs, settings_.media_silence_max);
  const auto wants_dtls = [](const Target& target) { return target.security == sdp::Security::Dtls; };
  const bool dtls =
      asks_for_dtls(leg.remote_offer) || std::any_of(leg.targets.begin(), leg.targets.end(), wants_dtls);
  leg.sdp->set_keys(SoundKeys::make(ports_.random, dtls ? ports_.media.dtls_fingerprint() : std::string()));
  return {};
}

// Both ends know what to send: the leg's sound begins, or goes on under the new terms.
void Gateway::agreed(Leg& leg) {
  if (!leg.sdp || !leg.sdp->settings()) return;
  if (auto done = ports_.media.configure(leg.id, *leg.sdp->settings()); !done) {
    base::log(base::LogLevel::Warning, "telephony", "leg not configured", {{"why", done.error().detail}});
  }
}

sip::AccessPolicy::Access Gateway::access(const sip::Message&, const sip::Flow& flow) {
  if (directory_ && directory::trunk_of(*directory_, sip::ip_text(flow.peer)) != nullptr)
    return Access::Allow;
  return directory_ && !directory_->all().phones.empty() ? Access::Challenge : Access::Refuse;
}

void Gateway::on_invite(sip::SessionId session, const sip::Invite& invite) {
  if (!invite.sdp.empty()) {
    LegSdp probe({"127.0.0.1", 9, 10}, 1, settings_.codecs, settings_.media_silence_max);
    probe.set_keys(SoundKeys::make(ports_.random, "sha-256 00"));
    if (auto possible = probe.answer(invite.sdp); !possible) {
      sip::Rejection rejection{488, {}, {}, {{"Warning", "399 sotto " + quoted(possible.error().detail)}}};
      CHECK(user_agent_->reject(session, std::move(rejection)).has_value());
      return;
    }
  }
  call::OfferedLeg offered;
  offered.leg = call::LegId::make(ports_.random);
  offered.from = party_of(invite.message.from);
  offered.to = party_of(invite.message.uri.text, {});
  offered.headers = custom_headers(invite.message);
  offered.sip_call_id = invite.message.call_id;
  if (const directory::Phone* phone = directory_ ? directory_->phone_by_user(invite.user) : nullptr) {
    offered.origin.account = base::to_hex(phone->account);
    offered.origin.extension = phone->extension;
  }
  Leg& leg = legs_[offered.leg];
  leg.id = offered.leg;
  leg.session = session;
  leg.remote_offer = invite.sdp;
  sessions_[session] = leg.id;
  switchboard_->on_offered(std::move(offered));
}

// Our side of an inbound leg's SDP, made when it is first to be sent.
Result<void> Gateway::describe(Leg& leg) {
  if (leg.sdp) return {};
  if (auto opened = open_sdp(leg); !opened) return opened;
  if (leg.remote_offer.empty()) {
    leg.description = leg.sdp->make_offer();
    return {};
  }
  auto answer = leg.sdp->answer(leg.remote_offer);
  if (!answer) return fail(answer.error());
  leg.description = std::move(*answer);
  agreed(leg);
  return {};
}

void Gateway::fail_inbound(Leg& leg, const Error& error) {
  const int status = error.code == ErrorCode::Exhausted ? 503 : 488;
  static_cast<void>(user_agent_->hang_up(leg.session, sip::HangUp{status}));  // gone already: nothing to tell
  end_later(leg.id, {EndCause::Overloaded, call::EndedBy::Platform, status, error.detail});
}

void Gateway::progress(call::LegId id, call::Progress progress) {
  Leg* leg = find(id);
  if (leg == nullptr) return;
  sip::Progress out;
  if (progress == call::Progress::EarlyMedia) {
    if (auto described = describe(*leg); !described) return fail_inbound(*leg, described.error());
    out.status = 183;
    if (!leg->remote_offer.empty()) out.sdp = leg->description;
  }
  if (auto sent = user_agent_->progress(leg->session, std::move(out)); !sent) {
    base::log(base::LogLevel::Debug, "telephony", "no provisional response sent",
              {{"why", sent.error().detail}});
  }
}

void Gateway::answer(call::LegId id) {
  Leg* leg = find(id);
  if (leg == nullptr) return;
  if (auto described = describe(*leg); !described) return fail_inbound(*leg, described.error());
  if (auto sent = user_agent_->answer(leg->session, sip::Answer{leg->description, {}}); !sent) {
    end_later(id, {EndCause::Cancelled, call::EndedBy::FarEnd, 487, sent.error().detail});
  }
}

void Gateway::hang_up(call::LegId id, const EndReason& reason) {
  if (ports_.media.socket_audio().hang_up(id)) return;
  Leg* leg = find(id);
  if (leg == nullptr) return;
  const sip::SessionId session = leg->session;
  forget(id);
  // A session that ended in this very moment is what was wanted.
  if (session != sip::SessionId::None) static_cast<void>(user_agent_->hang_up(session, hang_up_of(reason)));
}

void Gateway::dial(const call::DialRequest& request) {
  if (request.to.kind == base::Address::Kind::WebSocket) return ports_.media.socket_audio().dial(request);
  Leg& leg = legs_[request.leg];
  leg.id = request.leg;
  leg.request = request;
  auto targets = targets_of(request);
  if (!targets) {
    const EndCause cause =
        targets.error().code == ErrorCode::Unreachable ? EndCause::Unreachable : EndCause::Unroutable;
    return end_later(leg.id, {cause, call::EndedBy::Platform, 404, targets.error().detail});
  }
  leg.targets = std::move(*targets);
  if (auto opened = open_sdp(leg); !opened) {
    return end_later(leg.id, {EndCause::Overloaded, call::EndedBy::Platform, 503, opened.error().detail});
  }
  if (!try_next(leg)) {
    end_later(leg.id, {EndCause::Unreachable, call::EndedBy::Platform, 503, "to: no way there works"});
  }
}

// The next way to the far end; false if none is left.
bool Gateway::try_next(Leg& leg) {
  while (!leg.targets.empty()) {
    const Target target = std::move(leg.targets.front());
    leg.targets.erase(leg.targets.begin());
    sip::InviteOptions invite;
    invite.target = target.uri;
    invite.flow = target.flow;
    invite.flow_bound = target.flow_bound;
    const base::Address& from = leg.request.from;
    const std::string display = from.display_name.empty() ? "" : quoted(from.display_name) + " ";
    invite.from = display + "<sip:" + user_part(from) + "@" + settings_.domain + ">";
    invite.headers = extra_headers(leg.request.headers);
    invite.sdp = leg.sdp->make_offer(target.security);
    invite.auth_user = target.user.empty() ? leg.request.user : target.user;
    invite.auth_password = target.user.empty() ? leg.request.password : target.password;
    auto session = user_agent_->invite(std::move(invite));
    if (session) {
      leg.session = *session;
      sessions_[*session] = leg.id;
      return true;
    }
    base::log(base::LogLevel::Warning, "telephony", "INVITE not sent",
              {{"to", target.uri}, {"why", session.error().detail}});
  }
  return false;
}

void Gateway::on_progress(sip::SessionId session, const sip::ProgressEvent& progress) {
  Leg* leg = find(session);
  if (leg == nullptr || progress.status < 180) return;
  const bool early =
      !progress.sdp.empty() && !progress.sdp_is_offer && leg->sdp->accept_answer(progress.sdp).has_value();
  if (early) agreed(*leg);
  switchboard_->on_ringing(leg->id, early);
}

void Gateway::on_answered(sip::SessionId session, const sip::AnsweredEvent& answered) {
  Leg* leg = find(session);
  if (leg == nullptr) return;
  const call::LegId id = leg->id;
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
  switchboard_->on_answered(id);
}

void Gateway::on_confirmed(sip::SessionId session, std::string_view sdp) {
  Leg* leg = find(session);
  if (leg == nullptr || sdp.empty() || !leg->sdp) return;
  if (leg->sdp->accept_answer(sdp)) agreed(*leg);
}

void Gateway::on_ended(sip::SessionId session, const sip::EndedEvent& ended) {
  Leg* leg = find(session);
  if (leg == nullptr) return;
  const call::LegId id = leg->id;
  sessions_.erase(session);
  leg->session = sip::SessionId::None;
  const bool network = ended.by == sip::EndedBy::Network;
  if (!ended.answered && !leg->targets.empty() && (network || worth_another_route(ended.status)) &&
      try_next(*leg))
    return;
  EndReason reason = reason_of(ended);
  const call::Leg* known = switchboard_->leg(id);
  if (known != nullptr && known->direction == call::Direction::Inbound && !known->answered())
    reason.cause = EndCause::Cancelled;
  forget(id);
  switchboard_->on_ended(id, std::move(reason));
}

void Gateway::on_offer(sip::SessionId session, const sip::OfferEvent& offer) {
  Leg* leg = find(session);
  if (leg == nullptr || !leg->sdp) return;
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
  switchboard_->on_refer_asked(leg->id, party_of(refer.target, {}), replaces);
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

}  // namespace sotto::telephony
