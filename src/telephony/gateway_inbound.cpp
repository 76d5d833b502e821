// Legs that call us: who they are, and what they are told until they are answered.
#include <algorithm>

#include "base/check.h"
#include "base/log.h"
#include "base/rising_id.h"
#include "telephony/addresses.h"
#include "telephony/custom_headers.h"
#include "telephony/gateway.h"
#include "telephony/identity.h"

namespace sotto::telephony {
namespace {

using call::EndCause;
using call::EndReason;

// What stands for our address and port until the leg's are there.
const media::LocalPorts kNoPlaceYet{"127.0.0.1", 9, 10};

// What the phone may call itself: what the directory says, not what it sends.
base::Address party_of(const directory::Phone& phone) {
  base::Address out{base::Address::Kind::User, phone.user, phone.caller_id_name};
  if (!phone.extension.empty()) out = {base::Address::Kind::Phone, phone.extension, phone.caller_id_name};
  if (!phone.caller_id_number.empty())
    out = {base::Address::Kind::Number, phone.caller_id_number, phone.caller_id_name};
  return out;
}

}  // namespace

sip::AccessPolicy::Access Gateway::access(const sip::Message& request, const sip::Flow& flow) {
  if (!directory_) return Access::Refuse;
  if (looping(request, flow) != nullptr || trunk_at(flow) != nullptr) return Access::Allow;
  return directory_->all().phones.empty() ? Access::Refuse : Access::Challenge;
}

// The dialling side of a call to ourselves.
const call::DialRequest* Gateway::looping(const sip::Message& invite, const sip::Flow& flow) const {
  const sip::Header* mark = invite.find(LoopToken::kHeader);
  if (mark == nullptr || flow.peer != around_.loop) return nullptr;
  const auto id = token_.read(mark->value);
  const auto it = id ? legs_.find(*id) : legs_.end();
  return it != legs_.end() ? &it->second.request : nullptr;
}

call::OfferedLeg Gateway::offered_by(const sip::Invite& invite, const directory::Trunk* trunk) const {
  call::OfferedLeg offered;
  offered.leg = base::rising_id<call::LegId>(ports_.loop.clock(), ports_.random);
  offered.headers = custom_headers(&invite.message);
  offered.sip_call_id = invite.message.call_id;
  if (const call::DialRequest* dialling = looping(invite.message, invite.flow)) {
    offered.from = dialling->from;
    offered.to = dialling->to;
    offered.origin.account = dialling->origin.account;
    if (const call::Leg* leg = switchboard_->leg(dialling->leg)) offered.call = leg->call;
    return offered;
  }
  CallerIdentity identity = read_identity(invite.message, trunk);
  offered.from = std::move(identity.from);
  offered.forwarded_from = std::move(identity.forwarded_from);
  if (!identity.charged.empty()) offered.headers.emplace("P-Charge-Info", identity.charged);
  offered.to = telephony::party_of(invite.message.uri.text, {});
  if (trunk != nullptr) offered.to = party_from_trunk(offered.to, *trunk);
  const directory::Phone* phone = invite.user.empty() ? nullptr : directory_->phone_by_user(invite.user);
  if (phone == nullptr) return offered;
  offered.from = party_of(*phone);
  offered.to = colleague_or(offered.to, *directory_);
  offered.sip_domain = invite.message.uri.host;
  offered.sip_source_ip = sip::ip_text(invite.flow.peer);
  offered.origin.account = base::to_hex(phone->account);
  offered.origin.extension = phone->extension;
  return offered;
}

void Gateway::on_invite(sip::SessionId session, const sip::Invite& invite) {
  const bool loops = looping(invite.message, invite.flow) != nullptr;
  const directory::Trunk* trunk = loops || !invite.user.empty() ? nullptr : trunk_at(invite.flow);
  std::optional<LegSdp> prepared;
  if (!invite.sdp.empty()) {
    const Handshake handshake = asks_for_dtls(invite.sdp) ? Handshake::Possible : Handshake::No;
    prepared.emplace(make_sdp(kNoPlaceYet, trunk != nullptr ? trunk->codecs : settings_.codecs, handshake));
    if (auto taken = prepared->take_offer(invite.sdp); !taken) {
      sip::Rejection rejection{488, {}, {}, {{"Warning", "399 sotto " + sip::quote(taken.error().detail)}}};
      CHECK(user_agent_->reject(session, std::move(rejection)).has_value());
      return;
    }
  }
  if (invite.replaces != sip::SessionId::None) {
    if (Leg* replaced = find(invite.replaces)) return take_over(*replaced, session, invite);
  }
  call::OfferedLeg offered = offered_by(invite, trunk);
  Leg& leg = legs_[offered.leg];
  leg.id = offered.leg;
  leg.session = session;
  if (const auto hops = invite.message.max_forwards)
    leg.hops_left = std::min(static_cast<int>(*hops), kHopsMax);
  leg.far_offers = prepared.has_value();
  if (prepared) leg.prepared.emplace(std::move(*prepared));
  if (trunk != nullptr) {
    leg.lease = limits_.count(*trunk);
    leg.codecs = trunk->codecs;
  }
  sessions_[session] = leg.id;
  const call::LegId id = leg.id;
  switchboard_->on_offered(std::move(offered));
  note_call_id(id, session);
}

// RFC 3891: a new call steps into the place of one that is up. To the core it is the same leg, whose far end
// has moved.
void Gateway::take_over(Leg& leg, sip::SessionId session, const sip::Invite& invite) {
  const sip::SessionId old = leg.session;
  if (old != invite.replaces || !leg.sdp) {
    CHECK(user_agent_->reject(session, {481, {}, {}, {}}).has_value());
    return;
  }
  auto description =
      invite.sdp.empty() ? Result<std::string>(leg.sdp->make_offer()) : leg.sdp->answer(invite.sdp);
  if (!description) {
    CHECK(user_agent_->reject(session, {488, {}, {}, {}}).has_value());
    return;
  }
  sessions_.erase(old);
  sessions_[session] = leg.id;
  leg.session = session;
  agreed(leg);
  const call::LegId id = leg.id;
  CHECK(user_agent_->answer(session, {std::move(*description), {}}).has_value());
  static_cast<void>(user_agent_->hang_up(old));  // ended in this very moment: as wanted
  switchboard_->on_far_hold(id, false);
}

// Our side of an inbound leg's SDP, made when it is first to be sent.
Result<void> Gateway::describe(Leg& leg) {
  if (leg.sdp) return {};
  const auto ports = ports_.media.ports_of(leg.id);
  if (!ports) return fail(ports.error());
  if (!leg.far_offers) {
    leg.sdp.emplace(make_sdp(*ports, leg.codecs, Handshake::No));
    leg.description = leg.sdp->make_offer();
    return {};
  }
  leg.sdp.emplace(std::move(*leg.prepared));
  leg.prepared.reset();
  leg.sdp->set_place(*ports);
  leg.description = leg.sdp->description();
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
  if (leg == nullptr || leg->told == progress) return;
  leg->told = progress;
  sip::Progress out;
  if (progress == call::Progress::EarlyMedia) {
    if (auto described = describe(*leg); !described) return fail_inbound(*leg, described.error());
    out.status = 183;
    if (leg->far_offers) out.sdp = leg->description;
    out.reliable = true;  // what it describes is already to be heard
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

}  // namespace sotto::telephony
