#include "sip/session.h"

#include <algorithm>

#include "sip/digest_auth.h"
#include "sip/user_agent_core.h"

namespace sotto::sip {

bool Session::matches(std::string_view call_id, std::string_view remote_tag) const {
  // Before the first answer, our INVITE's far side has no tag yet.
  return dialog_.call_id == call_id && (phase_ == Phase::Calling || dialog_.remote_tag == remote_tag);
}

base::TimerId Session::start(TimerKind kind, base::Duration delay) {
  base::TimerId& timer = timers_[static_cast<size_t>(kind)];
  core_.ports.timers.stop(timer);
  timer = core_.ports.timers.start(delay, *this, static_cast<uint64_t>(kind));
  return timer;
}

void Session::stop_timers() {
  for (base::TimerId& timer : timers_) core_.ports.timers.stop(timer);
}

// The one way out of every state.
void Session::finish(EndedEvent ended) {
  if (phase_ == Phase::Ended) return;
  ended.answered = ended.answered || phase_ == Phase::Confirmed;
  if (phase_ == Phase::Calling) core_.transactions.abandon(setup_->transaction);
  phase_ = Phase::Ended;
  stop_timers();
  // Whatever the far side still waits for gets an answer.
  if (offer_request_ != TransactionId::None) core_.respond(offer_request_, 487, tag_);
  for (const Transfer& transfer : transfers_) {
    if (transfer.request != TransactionId::None) core_.respond(transfer.request, 487, tag_);
  }
  for (const Outgoing& request : outgoing_) {
    if (request.method == Method::Invite) core_.transactions.abandon(request.id);
  }
  core_.remove(*this);
  core_.ports.events.on_ended(id_, ended);
}

void Session::send_bye(std::string headers) {
  send_request(Outgoing{.method = Method::Bye, .headers = std::move(headers)});
}

std::string Session::write_request(const Outgoing& outgoing, std::string_view branch,
                                   const Flow& flow) const {
  const std::string host_port = core_.ports.transport.local_host_port(flow);
  MessageWriter out =
      dialog_.begin_request({outgoing.method, outgoing.cseq, branch, host_port, flow.protocol});
  if (outgoing.method == Method::Invite || outgoing.method == Method::Update ||
      outgoing.method == Method::Refer) {
    out.header(HeaderName::Contact, dialog_.contact);
    out.header(HeaderName::Allow, kAllow).header(HeaderName::Supported, kSupported);
  }
  out.header(HeaderName::UserAgent, core_.config.product).add(outgoing.headers);
  return out.finish(outgoing.content_type, outgoing.body);
}

TransactionId Session::send_request(Outgoing outgoing) {
  const Flow hop = dialog_.next_hop(core_.ports.transport);
  const std::string branch = core_.transactions.make_branch();
  if (outgoing.cseq == 0) outgoing.cseq = ++dialog_.local_cseq;
  std::string bytes = write_request(outgoing, branch, hop);
  const Flow flow = outgoing.datagram_only || dialog_.flow_bound
                        ? hop
                        : core_.flow_for(hop, bytes.size(), dialog_.remote_target);
  outgoing.switched = flow != hop;
  if (outgoing.switched) bytes = write_request(outgoing, branch, flow);
  const bool last = outgoing.method == Method::Bye;
  outgoing.id =
      core_.transactions.request(outgoing.method, branch, std::move(bytes), flow, static_cast<uint64_t>(id_));
  const TransactionId id = outgoing.id;
  if (!last || login_ != nullptr) outgoing_.push_back(std::move(outgoing));
  return id;
}

// ACK of a 2xx: a request of its own, without a transaction (RFC 3261 §13.2.2.4).
void Session::send_ack(uint32_t cseq, std::string_view sdp) {
  const Flow flow = dialog_.next_hop(core_.ports.transport);
  const std::string branch = core_.transactions.make_branch();
  const std::string host_port = core_.ports.transport.local_host_port(flow);
  MessageWriter out = dialog_.begin_request({Method::Ack, cseq, branch, host_port, flow.protocol});
  const std::string bytes = out.finish(kSdpType, sdp);
  core_.ports.transport.send(flow, base::as_bytes(bytes));
}

void Session::respond(TransactionId id, int status, std::string_view headers, std::string_view sdp) {
  core_.respond(id, status, tag_, headers, kSdpType, sdp);
}

Session::Outgoing* Session::find_outgoing(TransactionId id) {
  const auto it =
      std::find_if(outgoing_.begin(), outgoing_.end(), [&](const Outgoing& one) { return one.id == id; });
  return it != outgoing_.end() ? &*it : nullptr;
}

Session::Transfer* Session::find_transfer(TransferId id) {
  const auto it =
      std::find_if(transfers_.begin(), transfers_.end(), [&](const Transfer& one) { return one.id == id; });
  return it != transfers_.end() ? &*it : nullptr;
}

// The header line that answers a 401 or 407; "" if we cannot.
std::string Session::credentials_for(const Message& response, Method method) {
  if (login_ == nullptr) return {};
  const auto challenge = choose_challenge(response);
  if (!challenge) return {};
  const HeaderName name = response.status == 407 ? HeaderName::ProxyAuthorization : HeaderName::Authorization;
  return header_line(name, make_credentials(*challenge, login_->first, login_->second, to_string(method),
                                            dialog_.remote_target, core_.random_text(), 1));
}

Result<void> Session::hang_up(const HangUp& hang_up) {
  std::string headers = header_lines(hang_up.headers);
  if (!hang_up.reason_header.empty()) headers += header_line(HeaderName::Reason, hang_up.reason_header);
  switch (phase_) {
    case Phase::Ended: return fail(ErrorCode::NotFound, "session: it has ended");
    case Phase::Calling:
      if (setup_->cancelling) return fail(ErrorCode::Conflict, "session: it is being cancelled");
      setup_->cancelling = true;
      setup_->hang_up = hang_up;
      try_cancel();
      return {};
    case Phase::Incoming:
      return reject(Rejection{.status = hang_up.status, .headers = [&] {
                                auto all = hang_up.headers;
                                if (!hang_up.reason_header.empty())
                                  all.push_back({"Reason", hang_up.reason_header});
                                return all;
                              }()});
    case Phase::Answered:
      // RFC 3261 §15: no BYE before the ACK.
      end_after_ack_ = true;
      return {};
    case Phase::Confirmed:
      send_bye(std::move(headers));
      finish({.by = EndedBy::Local});
      return {};
  }
  return {};
}

void Session::connection_closed(uint32_t connection) {
  if (phase_ == Phase::Ended || !is_stream(dialog_.flow.protocol) || dialog_.flow.connection != connection)
    return;
  // A phone that reconnects sends from its new connection; until then we can still be heard by its address.
  if (phase_ == Phase::Incoming) return finish({.by = EndedBy::Network, .status = 503});
  if (!dialog_.flow_bound) dialog_.flow.connection = 0;
}

void Session::on_timer(uint64_t token) {
  timers_[token] = base::TimerId::None;
  switch (static_cast<TimerKind>(token)) {
    case TimerKind::Resend:
      // RFC 3261 §13.3.1.4, RFC 3262 §3: until 64 T1 have passed.
      if (const Flow* flow = core_.transactions.flow_of(resend_request_)) {
        core_.ports.transport.send(*flow, base::as_bytes(resend_bytes_));
      }
      resend_interval_ *= 2;
      if (resend_status_ >= 200)
        resend_interval_ = std::min<base::Duration>(resend_interval_, std::chrono::seconds(4));
      start(TimerKind::Resend, resend_interval_);
      return;
    case TimerKind::Silence:
      if (phase_ != Phase::Calling || setup_->provisional_seen) return;
      return finish({.by = setup_->cancelling ? EndedBy::Local : EndedBy::Network, .status = 408});
    case TimerKind::GiveUp:
      if (phase_ == Phase::Calling) {
        hang_up({});
        return;
      }
      core_.ports.timers.stop(timers_[static_cast<size_t>(TimerKind::Resend)]);
      if (phase_ == Phase::Incoming) {
        core_.by_invite.erase(static_cast<uint64_t>(setup_->transaction));
        respond(setup_->transaction, 500);
        return finish({.by = EndedBy::Network, .status = 500});
      }
      send_bye({});
      return finish({.by = end_after_ack_ ? EndedBy::Local : EndedBy::Network, .status = 408});
    case TimerKind::Refresh:
      if (!refreshing_is_ours_) {
        send_bye(header_line(HeaderName::Reason, "SIP;cause=408;text=\"Session expired\""));
        return finish({.by = EndedBy::Network, .status = 408});
      }
      send_request(Outgoing{
          .method = dialog_.peer_takes_update ? Method::Update : Method::Invite,
          .headers = "Session-Expires: " + std::to_string(session_interval_.count()) + ";refresher=uac\r\n",
          .content_type = std::string(kSdpType),
          .body = dialog_.peer_takes_update ? std::string() : local_sdp_,
          .refresh = true});
      return;
    case TimerKind::Retry: {
      retry_pending_ = false;
      const auto sent = offer(std::move(retry_sdp_), retry_method_);
      if (!sent) core_.ports.events.on_offer_refused(id_, 491);
      return;
    }
  }
}

}  // namespace sotto::sip
