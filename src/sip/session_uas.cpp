// The side of a session that is called (RFC 3261 §13.3, RFC 3262 §3, RFC 4028 §9).
#include <algorithm>

#include "sip/user_agent_core.h"

namespace sotto::sip {
namespace {
constexpr int kTimeoutInT1 = 64;

auto conflict(const char* detail) {
  return fail(ErrorCode::Conflict, detail);
}

bool extras_are_valid(const std::vector<ExtraHeader>& headers) {
  return std::all_of(headers.begin(), headers.end(),
                     [](const ExtraHeader& one) { return is_allowed_extra(one.name, one.value); });
}
}  // namespace

void Session::accept_invite(TransactionId id, const Message& invite, const Flow& flow) {
  phase_ = Phase::Incoming;
  setup_ = std::make_unique<Setup>();
  setup_->transaction = id;
  setup_->caller_offered = !invite.body.empty();
  setup_->caller_requires_reliable = invite.lists(HeaderName::Require, "100rel");
  setup_->caller_takes_reliable =
      setup_->caller_requires_reliable || invite.lists(HeaderName::Supported, "100rel");
  const std::string_view user =
      invite.uri.user.empty() ? std::string_view(core_.config.contact_user) : invite.uri.user;
  dialog_ = Dialog::from_invite(
      invite, flow, tag_, make_contact(user, core_.ports.transport.local_host_port(flow), flow.protocol));
  invite_cseq_ = invite.cseq.number;
}

Result<void> Session::progress(const Progress& progress) {
  if (phase_ != Phase::Incoming) return conflict("progress: the call is answered or ended");
  if (progress.status <= 100 || progress.status >= 200)
    return fail(ErrorCode::OutOfRange, "progress: status");
  if (!extras_are_valid(progress.headers)) return fail(ErrorCode::Invalid, "progress: headers");
  // One reliable response at a time; while it is open, or if the caller cannot, a plain one does.
  const bool wanted =
      setup_->caller_requires_reliable || (progress.reliable && setup_->caller_takes_reliable);
  const bool reliable = wanted && resend_request_ == TransactionId::None;
  // RFC 3262 §3: who requires it gets nothing unreliable, and one at a time; he knows that it rings.
  if (setup_->caller_requires_reliable && !reliable) return {};
  if (!progress.sdp.empty() && !setup_->caller_offered && !reliable) {
    return conflict("progress: an offer needs a reliable response");
  }
  const Message* invite = core_.transactions.request_of(setup_->transaction);
  const Flow* flow = core_.transactions.flow_of(setup_->transaction);
  if (invite == nullptr) return conflict("progress: the call is answered or ended");
  MessageWriter out = begin_response(*invite, *flow, progress.status, {}, tag_);
  out.header(HeaderName::Contact, dialog_.contact).header(HeaderName::Allow, kAllow);
  if (reliable) {
    setup_->rseq =
        setup_->rseq == 0 ? 1 + static_cast<uint32_t>(core_.ports.random.below(1'000'000)) : setup_->rseq + 1;
    out.header(HeaderName::Require, "100rel").header(HeaderName::RSeq, setup_->rseq);
  }
  std::string bytes = out.add(header_lines(progress.headers)).finish(kSdpType, progress.sdp);
  if (!progress.sdp.empty()) setup_->sdp = local_sdp_ = progress.sdp;
  if (reliable) {
    resend_request_ = setup_->transaction;
    resend_bytes_ = bytes;
    resend_status_ = progress.status;
    resend_interval_ = core_.config.t1;
    start(TimerKind::Resend, resend_interval_);
    start(TimerKind::GiveUp, core_.config.t1 * kTimeoutInT1);
  }
  core_.transactions.respond(setup_->transaction, progress.status, std::move(bytes));
  return {};
}

Result<void> Session::answer(const Answer& answer) {
  if (phase_ != Phase::Incoming) return conflict("answer: the call is answered or ended");
  if (!extras_are_valid(answer.headers)) return fail(ErrorCode::Invalid, "answer: headers");
  const Message* invite = core_.transactions.request_of(setup_->transaction);
  if (invite == nullptr) return conflict("answer: the call is answered or ended");
  std::string sdp = answer.sdp.empty() ? setup_->sdp : answer.sdp;
  if (sdp.empty()) return fail(ErrorCode::Invalid, "answer: no SDP");
  const TransactionId id = setup_->transaction;
  core_.by_invite.erase(static_cast<uint64_t>(id));
  we_offer_in_answer_ = !setup_->caller_offered && setup_->sdp.empty();
  std::string headers = session_timer_headers(*invite) + header_lines(answer.headers);
  setup_.reset();
  phase_ = Phase::Answered;
  local_sdp_ = sdp;
  send_success(id, std::move(headers), sdp);
  return {};
}

// A 2xx to an INVITE, sent again until its ACK (RFC 3261 §13.3.1.4).
void Session::send_success(TransactionId id, std::string headers, std::string_view sdp) {
  const Message* invite = core_.transactions.request_of(id);
  const Flow* flow = core_.transactions.flow_of(id);
  if (invite == nullptr || flow == nullptr) return;
  MessageWriter out = begin_response(*invite, *flow, 200, {}, tag_);
  out.header(HeaderName::Contact, dialog_.contact).header(HeaderName::Allow, kAllow);
  out.header(HeaderName::Supported, kSupported).header(HeaderName::Server, core_.config.product).add(headers);
  resend_bytes_ = out.finish(kSdpType, sdp);
  resend_request_ = id;
  resend_status_ = 200;
  resend_interval_ = core_.config.t1;
  start(TimerKind::Resend, resend_interval_);
  start(TimerKind::GiveUp, core_.config.t1 * kTimeoutInT1);
  core_.transactions.respond(id, 200, resend_bytes_);
}

Result<void> Session::reject(const Rejection& rejection) {
  if (phase_ != Phase::Incoming) return conflict("reject: the call is answered or ended");
  if (rejection.status < 300 || rejection.status > 699) return fail(ErrorCode::OutOfRange, "reject: status");
  if (!extras_are_valid(rejection.headers)) return fail(ErrorCode::Invalid, "reject: headers");
  std::string headers = header_lines(rejection.headers);
  if (!rejection.contact.empty()) headers += header_line(HeaderName::Contact, rejection.contact);
  core_.by_invite.erase(static_cast<uint64_t>(setup_->transaction));
  core_.respond(setup_->transaction, rejection.status, tag_, headers, {}, {}, rejection.reason);
  finish({.by = EndedBy::Local, .status = rejection.status});
  return {};
}

void Session::on_cancel(const Message& cancel) {
  if (phase_ != Phase::Incoming) return;
  core_.by_invite.erase(static_cast<uint64_t>(setup_->transaction));
  respond(setup_->transaction, 487);
  finish({.by = EndedBy::Remote,
          .status = 487,
          .reason_header = cancel.value(HeaderName::Reason),
          .message = &cancel});
}

void Session::on_ack(const Message& ack) {
  if (resend_status_ < 200 || resend_request_ == TransactionId::None || ack.cseq.number != invite_cseq_)
    return;
  resend_request_ = TransactionId::None;
  std::string().swap(resend_bytes_);  // an assignment would keep its memory for as long as the call lasts
  core_.ports.timers.stop(timers_[static_cast<size_t>(TimerKind::Resend)]);
  core_.ports.timers.stop(timers_[static_cast<size_t>(TimerKind::GiveUp)]);
  const bool first = phase_ == Phase::Answered;
  if (first) phase_ = Phase::Confirmed;
  const bool holds_answer = we_offer_in_answer_;
  we_offer_in_answer_ = false;
  if (end_after_ack_) {
    hang_up({});
  } else if (first) {
    core_.ports.events.on_confirmed(id_, holds_answer ? ack.body : std::string_view{});
  } else if (holds_answer) {
    core_.ports.events.on_offer_answered(id_, ack.body);
  }
}

void Session::on_prack(TransactionId id, const Message& prack) {
  const auto rack = parse_rack(prack.value(HeaderName::RAck));
  const bool expected = phase_ == Phase::Incoming && rack && resend_request_ == setup_->transaction &&
                        rack->rseq == setup_->rseq && rack->cseq.number == invite_cseq_;
  if (!expected) return respond(id, 481);
  resend_request_ = TransactionId::None;
  core_.ports.timers.stop(timers_[static_cast<size_t>(TimerKind::Resend)]);
  core_.ports.timers.stop(timers_[static_cast<size_t>(TimerKind::GiveUp)]);
  if (prack.body.empty()) return respond(id, 200);
  if (setup_->caller_offered) return on_remote_offer(id, prack);
  // The answer to the offer in our reliable response.
  setup_->caller_offered = true;
  respond(id, 200);
  core_.ports.events.on_early_answer(id_, prack.body);
}

// RFC 4028 §9: what our 2xx says about the session's refresh; starts our part of it.
std::string Session::session_timer_headers(const Message& request) {
  const std::string_view value = request.value(HeaderName::SessionExpires);
  const bool peer_can = request.lists(HeaderName::Supported, "timer");
  const auto asked = parse_number(trim(value.substr(0, value.find(';'))), 86'400);
  if (!asked && (core_.config.session_expires.count() == 0 || !peer_can)) return {};
  session_interval_ = asked ? std::chrono::seconds(*asked) : core_.config.session_expires;
  const std::string_view wanted =
      find_param(value.substr(std::min(value.find(';'), value.size())), "refresher").value_or("");
  refreshing_is_ours_ = !peer_can || iequals(wanted, "uas");
  start(TimerKind::Refresh,
        refreshing_is_ours_ ? session_interval_ / 2
                            : session_interval_ - std::min(std::chrono::seconds(32), session_interval_ / 3));
  std::string out = "Session-Expires: " + std::to_string(session_interval_.count());
  out += refreshing_is_ours_ ? ";refresher=uas\r\n" : ";refresher=uac\r\n";
  if (peer_can) out += "Require: timer\r\n";
  return out;
}

// The far side's 2xx decides who refreshes.
void Session::start_session_timer(const Message& response, bool we_asked) {
  const std::string_view value = response.value(HeaderName::SessionExpires);
  const auto interval = parse_number(trim(value.substr(0, value.find(';'))), 86'400);
  if (!interval || std::chrono::seconds(*interval) < core_.config.min_session_expires) return;
  session_interval_ = std::chrono::seconds(*interval);
  const std::string_view who =
      find_param(value.substr(std::min(value.find(';'), value.size())), "refresher").value_or("uac");
  refreshing_is_ours_ = iequals(who, "uac") == we_asked;
  start(TimerKind::Refresh,
        refreshing_is_ours_ ? session_interval_ / 2
                            : session_interval_ - std::min(std::chrono::seconds(32), session_interval_ / 3));
}

}  // namespace sotto::sip
