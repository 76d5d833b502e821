// Requests inside a confirmed (or early) dialog: BYE, offers by re-INVITE and UPDATE, INFO (RFC 3261 §14, RFC
// 3311).
#include <algorithm>

#include "sip/user_agent_core.h"

namespace sotto::sip {
namespace {
using namespace std::chrono_literals;

auto conflict(const char* detail) {
  return fail(ErrorCode::Conflict, detail);
}
}  // namespace

void Session::on_request(TransactionId id, const Message& request, const Flow& flow) {
  // RFC 3261 §12.2.2: older than what we have seen.
  if (request.method != Method::Cancel && request.cseq.number <= dialog_.remote_cseq &&
      dialog_.remote_cseq != 0) {
    return respond(id, 500, "Retry-After: 1\r\n");
  }
  if (phase_ == Phase::Calling && request.method != Method::Bye && request.method != Method::Info) {
    return respond(id, request.method == Method::Update ? 500 : 481, "Retry-After: 1\r\n");
  }
  dialog_.remote_cseq = request.cseq.number;
  if (!dialog_.flow_bound && is_stream(flow.protocol)) dialog_.flow = flow;
  switch (request.method) {
    case Method::Bye:
      respond(id, 200);
      if (phase_ == Phase::Incoming) {
        core_.by_invite.erase(static_cast<uint64_t>(setup_->transaction));
        respond(setup_->transaction, 487);
      }
      return finish({.by = EndedBy::Remote,
                     .answered = phase_ == Phase::Answered,
                     .reason_header = request.value(HeaderName::Reason),
                     .message = &request});
    case Method::Invite:
    case Method::Update: return on_remote_offer(id, request);
    case Method::Prack: return on_prack(id, request);
    case Method::Info:
      respond(id, 200);
      return core_.ports.events.on_info(id_, request.value(HeaderName::ContentType), request.body);
    case Method::Refer: return on_refer(id, request);
    case Method::Notify: return on_notify(id, request);
    case Method::Options: return core_.on_outside_request(id, request, flow);
    default: return respond(id, 405, header_line(HeaderName::Allow, kAllow));
  }
}

void Session::on_remote_offer(TransactionId id, const Message& request) {
  const bool ours_open = std::any_of(outgoing_.begin(), outgoing_.end(), [](const Outgoing& one) {
    return one.method == Method::Invite || (one.method == Method::Update && !one.body.empty());
  });
  const bool refresh = request.method == Method::Update && request.body.empty();
  // RFC 3261 §14.2: glare. Theirs is still open: RFC 3311 §5.2.
  if (!refresh && (ours_open || ack_with_offer_cseq_ != 0)) return respond(id, 491);
  if (!refresh && (offer_request_ != TransactionId::None || resend_status_ == 200) &&
      (offer_request_ != TransactionId::None || resend_request_ != TransactionId::None)) {
    return respond(id, 500, "Retry-After: " + std::to_string(core_.ports.random.below(10)) + "\r\n");
  }
  if (request.method == Method::Invite && phase_ != Phase::Confirmed)
    return respond(id, 500, "Retry-After: 1\r\n");
  dialog_.refresh_target(request);
  if (refresh) {
    return respond(id, 200,
                   header_line(HeaderName::Contact, dialog_.contact) + session_timer_headers(request));
  }
  offer_request_ = id;
  offer_method_ = request.method;
  if (request.method == Method::Invite) invite_cseq_ = request.cseq.number;
  core_.ports.events.on_offer(id_, {.message = request, .sdp = request.body});
}

Result<void> Session::answer_offer(std::string sdp) {
  if (sdp.empty()) return fail(ErrorCode::Invalid, "answer: no SDP");
  if (phase_ == Phase::Calling && !setup_->offered_fork.empty() && !setup_->rack.empty()) {
    const auto fork = std::find_if(setup_->forks.begin(), setup_->forks.end(),
                                   [&](const Dialog& one) { return one.remote_tag == setup_->offered_fork; });
    if (fork != setup_->forks.end()) send_prack(*fork, std::exchange(setup_->rack, {}), std::move(sdp));
    return {};
  }
  if (phase_ == Phase::Ended) return fail(ErrorCode::NotFound, "session: it has ended");
  if (ack_with_offer_cseq_ != 0) {
    local_sdp_ = ack_sdp_ = sdp;
    invite_cseq_ = std::exchange(ack_with_offer_cseq_, 0);
    send_ack(invite_cseq_, sdp);
    return {};
  }
  if (offer_request_ == TransactionId::None) return conflict("answer: no offer is open");
  const TransactionId id = std::exchange(offer_request_, TransactionId::None);
  const Message* request = core_.transactions.request_of(id);
  if (request == nullptr) return conflict("answer: the offer is gone");
  local_sdp_ = sdp;
  if (offer_method_ == Method::Invite) {
    we_offer_in_answer_ = request->body.empty();
    send_success(id, session_timer_headers(*request), sdp);
  } else {
    std::string headers = header_line(HeaderName::Contact, dialog_.contact);
    if (offer_method_ == Method::Update) headers += session_timer_headers(*request);
    respond(id, 200, headers, sdp);
  }
  return {};
}

Result<void> Session::refuse_offer(int status) {
  if (status < 300 || status > 699) return fail(ErrorCode::OutOfRange, "refuse: status");
  if (ack_with_offer_cseq_ != 0) {
    // An offer in a 2xx cannot be refused but by ending the call (RFC 3261 §13.2.2.4).
    send_ack(std::exchange(ack_with_offer_cseq_, 0), {});
    return hang_up({});
  }
  if (offer_request_ == TransactionId::None) return conflict("refuse: no offer is open");
  respond(std::exchange(offer_request_, TransactionId::None), status);
  return {};
}

Result<void> Session::offer(std::string sdp, OfferMethod method) {
  if (phase_ == Phase::Ended) return fail(ErrorCode::NotFound, "session: it has ended");
  if (phase_ != Phase::Confirmed) return conflict("offer: the call is not confirmed");
  const bool open = std::any_of(outgoing_.begin(), outgoing_.end(), [](const Outgoing& one) {
    return one.method == Method::Invite || one.method == Method::Update;
  });
  if (open || retry_pending_ || offer_request_ != TransactionId::None || ack_with_offer_cseq_ != 0 ||
      resend_request_ != TransactionId::None) {
    return conflict("offer: another one is open");
  }
  const bool update = method == OfferMethod::Update;
  if (update && !dialog_.peer_takes_update)
    return fail(ErrorCode::Unsupported, "offer: the far side takes no UPDATE");
  if (update && sdp.empty()) return fail(ErrorCode::Invalid, "offer: UPDATE needs SDP");
  send_request(Outgoing{.method = update ? Method::Update : Method::Invite,
                        .content_type = std::string(kSdpType),
                        .body = std::move(sdp)});
  return {};
}

Result<void> Session::info(std::string content_type, std::string body) {
  if (phase_ != Phase::Confirmed) return conflict("info: the call is not confirmed");
  if (!is_allowed_extra("X-Any", content_type)) return fail(ErrorCode::Invalid, "info: content type");
  send_request(
      Outgoing{.method = Method::Info, .content_type = std::move(content_type), .body = std::move(body)});
  return {};
}

// The final response to any request of ours in the dialog.
void Session::on_offer_response(Outgoing outgoing, const Message& response) {
  const bool success = response.status < 300;
  if (outgoing.method == Method::Invite && success) {
    dialog_.refresh_target(response);
    start_session_timer(response, true);
    if (outgoing.body.empty()) {
      ack_with_offer_cseq_ = outgoing.cseq;
      return core_.ports.events.on_offer(id_, {.message = response, .sdp = response.body});
    }
    send_ack(outgoing.cseq, {});
  }
  if (outgoing.transfer != TransferId::None) {
    if (!success)
      std::erase_if(transfers_, [&](const Transfer& one) { return one.id == outgoing.transfer && one.ours; });
    return core_.ports.events.on_transfer_progress(id_, outgoing.transfer, response.status, !success);
  }
  if (!success && (response.status == 481 || response.status == 408)) {
    // RFC 3261 §12.2.1.2: the far side does not know the dialog any more.
    if (phase_ != Phase::Confirmed) return;
    send_bye({});
    return finish({.by = EndedBy::Network, .status = response.status, .message = &response});
  }
  if (outgoing.method != Method::Invite && outgoing.method != Method::Update) return;
  if (outgoing.method == Method::Update && success) start_session_timer(response, true);
  if (outgoing.refresh) {
    if (!success) start(TimerKind::Refresh, std::max<base::Duration>(session_interval_ / 4, 5s));
    return;
  }
  if (success) {
    local_sdp_ = std::move(outgoing.body);
    return core_.ports.events.on_offer_answered(id_, response.body);
  }
  if (response.status == 491) {
    // RFC 3261 §14.1: who made the Call-ID waits 2.1 to 4 s, the other side up to 2 s.
    retry_sdp_ = std::move(outgoing.body);
    retry_method_ = outgoing.method == Method::Update ? OfferMethod::Update : OfferMethod::Invite;
    retry_pending_ = true;
    const bool owner = dialog_.call_id.ends_with(tag_.substr(0, 8));
    start(TimerKind::Retry, (owner ? 2100ms : 0ms) + 10ms * core_.ports.random.below(owner ? 190 : 200));
    return;
  }
  core_.ports.events.on_offer_refused(id_, response.status);
}

}  // namespace sotto::sip
