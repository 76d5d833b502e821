// The side of a session that calls: the first INVITE, its forks and its end (RFC 3261 §13.2, RFC 3262 §4).
#include <algorithm>

#include "sip/digest_auth.h"
#include "sip/user_agent_core.h"

namespace sotto::sip {
namespace {
constexpr uint8_t kAuthTriesMax = 2;
constexpr size_t kForksMax = 12;

bool needs_reliable(const Message& response) {
  return response.lists(HeaderName::Require, "100rel") && response.find(HeaderName::RSeq) != nullptr;
}
}  // namespace

Result<void> Session::call(InviteOptions options, std::string call_id) {
  phase_ = Phase::Calling;
  const auto from = parse_name_addr(options.from);
  if (!from) return fail(from.error());
  const std::string to = options.to.empty() ? "<" + options.target + ">" : options.to;
  const auto parsed_to = parse_name_addr(to);
  if (!parsed_to) return fail(parsed_to.error());
  dialog_.call_id = std::move(call_id);
  dialog_.local_uri = without_tag(*from);
  dialog_.local_tag = tag_;
  dialog_.remote_uri = without_tag(*parsed_to);
  dialog_.remote_target = options.target;
  for (const std::string& route : options.route) dialog_.route += (dialog_.route.empty() ? "" : ", ") + route;
  dialog_.flow = options.flow;
  dialog_.flow_bound = options.flow_bound;
  if (!options.auth_user.empty()) {
    login_ = std::make_unique<std::pair<std::string, std::string>>(options.auth_user, options.auth_password);
  }
  setup_ = std::make_unique<Setup>();
  setup_->options = std::move(options);
  local_sdp_ = setup_->options.sdp;
  session_interval_ = core_.config.session_expires;
  start(TimerKind::GiveUp, core_.config.ring_max);
  send_invite();
  return {};
}

std::string Session::write_invite(std::string_view branch, const Flow& flow) {
  const InviteOptions& options = setup_->options;
  const std::string& user = options.contact_user.empty() ? core_.config.contact_user : options.contact_user;
  const std::string host_port = core_.ports.transport.local_host_port(flow);
  dialog_.contact = make_contact(user, host_port, flow.protocol);
  MessageWriter out = dialog_.begin_request(
      {Method::Invite, invite_cseq_, branch, host_port, flow.protocol, options.max_forwards});
  out.header(HeaderName::Contact, dialog_.contact).header(HeaderName::UserAgent, core_.config.product);
  out.header(HeaderName::Allow, kAllow).header(HeaderName::Supported, kSupported);
  if (session_interval_.count() > 0) {
    out.header(HeaderName::SessionExpires, static_cast<uint64_t>(session_interval_.count()));
    out.header(HeaderName::MinSE, static_cast<uint64_t>(core_.config.min_session_expires.count()));
  }
  out.add(header_lines(options.headers)).add(setup_->authorization);
  return out.finish(kSdpType, options.sdp);
}

void Session::send_invite() {
  const InviteOptions& options = setup_->options;
  const std::string branch = core_.transactions.make_branch();
  invite_cseq_ = ++dialog_.local_cseq;
  std::string bytes = write_invite(branch, options.flow);
  const Flow flow = setup_->datagram_only || options.flow_bound
                        ? options.flow
                        : core_.flow_for(options.flow, bytes.size(), options.target);
  setup_->switched = flow != options.flow;
  if (setup_->switched) bytes = write_invite(branch, flow);
  setup_->provisional_seen = false;
  if (options.silence_max.count() > 0) start(TimerKind::Silence, options.silence_max);
  setup_->transaction =
      core_.transactions.request(Method::Invite, branch, std::move(bytes), flow, static_cast<uint64_t>(id_));
}

void Session::on_client_response(TransactionId id, const Message& response, const Flow& flow) {
  if (phase_ == Phase::Ended) return;
  if (phase_ == Phase::Calling && id == setup_->transaction) return on_invite_response(response, flow);
  Outgoing* found = find_outgoing(id);
  if (found == nullptr) {
    // A 2xx again: our ACK was lost, or another device has answered as well.
    if (response.method != Method::Invite || response.status < 200 || response.status >= 300) return;
    if (response.to.tag() != dialog_.remote_tag) return core_.acknowledge_and_end(response, flow);
    if (ack_with_offer_cseq_ != response.cseq.number)
      send_ack(response.cseq.number, response.cseq.number == invite_cseq_ ? ack_sdp_ : std::string());
    return;
  }
  if (response.status < 200) return;
  Outgoing outgoing = std::move(*found);
  outgoing_.erase(outgoing_.begin() + (found - outgoing_.data()));
  if ((response.status == 401 || response.status == 407) && !outgoing.authorized) {
    const std::string line = credentials_for(response, outgoing.method);
    if (!line.empty()) {
      outgoing.headers += line;
      outgoing.authorized = true;
      outgoing.cseq = 0;
      send_request(std::move(outgoing));
      return;
    }
  }
  on_offer_response(std::move(outgoing), response);
}

void Session::on_client_failed(TransactionId id, int status) {
  if (phase_ == Phase::Ended) return;
  if (phase_ == Phase::Calling && id == setup_->transaction) {
    if (setup_->switched && status == 503 && !setup_->cancelling) {
      setup_->datagram_only = true;
      return send_invite();
    }
    return finish({.by = setup_->cancelling ? EndedBy::Local : EndedBy::Network, .status = status});
  }
  const Outgoing* found = find_outgoing(id);
  if (found == nullptr) return;
  Outgoing outgoing = *found;
  std::erase_if(outgoing_, [&](const Outgoing& one) { return one.id == id; });
  if (outgoing.switched && status == 503) {
    // RFC 3261 §18.1.1: a host that takes no TCP gets the datagram after all.
    outgoing.datagram_only = true;
    outgoing.cseq = 0;
    send_request(std::move(outgoing));
    return;
  }
  if (outgoing.transfer != TransferId::None) {
    std::erase_if(transfers_, [&](const Transfer& one) { return one.id == outgoing.transfer && one.ours; });
    core_.ports.events.on_transfer_progress(id_, outgoing.transfer, status, true);
    if (phase_ == Phase::Ended) return;
  }
  // RFC 3261 §12.2.1.2: no answer inside a dialog ends it.
  if (phase_ == Phase::Confirmed && outgoing.method != Method::Cancel) {
    send_bye({});
    finish({.by = EndedBy::Network, .status = status});
  }
}

void Session::on_invite_response(const Message& response, const Flow& flow) {
  if (response.status < 200) return on_provisional(response, flow);
  if (response.status < 300) return on_invite_success(response, flow);
  on_invite_failure(response);
}

void Session::on_provisional(const Message& response, const Flow& flow) {
  setup_->provisional_seen = true;
  try_cancel();
  if (response.status == 100 || setup_->cancelling || response.to.tag().empty()) return;
  auto fork = std::find_if(setup_->forks.begin(), setup_->forks.end(),
                           [&](const Dialog& one) { return one.remote_tag == response.to.tag(); });
  if (fork == setup_->forks.end()) {
    if (setup_->forks.size() == kForksMax) return;
    setup_->forks.push_back(dialog_);
    fork = setup_->forks.end() - 1;
    fork->learn(response);
    if (!fork->flow_bound) fork->flow = flow;
  }
  ProgressEvent event{
      .message = response, .status = response.status, .sdp = response.body, .fork = response.to.tag()};
  if (needs_reliable(response)) {
    const auto rseq = parse_number(response.value(HeaderName::RSeq), 0x7fffffff);
    if (!rseq || (fork->remote_rseq != 0 && *rseq != fork->remote_rseq + 1)) return;
    fork->remote_rseq = static_cast<uint32_t>(*rseq);
    std::string rack = std::to_string(*rseq) + " " + std::to_string(response.cseq.number) + " INVITE";
    event.sdp_is_offer =
        !response.body.empty() && setup_->options.sdp.empty() && setup_->offered_fork.empty();
    if (event.sdp_is_offer) {
      setup_->offered_fork = fork->remote_tag;
      setup_->rack = std::move(rack);
    } else {
      send_prack(*fork, std::move(rack), {});
    }
  }
  core_.ports.events.on_progress(id_, event);
}

void Session::send_prack(Dialog& fork, std::string rack, std::string sdp) {
  // Requests are made from dialog_; an early dialog stands in for this one.
  std::swap(dialog_, fork);
  dialog_.local_cseq = std::max(dialog_.local_cseq, fork.local_cseq);
  send_request(Outgoing{.method = Method::Prack,
                        .headers = header_line(HeaderName::RAck, rack),
                        .content_type = std::string(kSdpType),
                        .body = std::move(sdp)});
  fork.local_cseq = dialog_.local_cseq;
  std::swap(dialog_, fork);
}

void Session::try_cancel() {
  if (!setup_->cancelling || setup_->cancel_sent || !setup_->provisional_seen) return;
  setup_->cancel_sent = true;
  std::vector<std::string> lines;
  if (!setup_->hang_up.reason_header.empty())
    lines.push_back(header_line(HeaderName::Reason, setup_->hang_up.reason_header));
  core_.transactions.cancel(setup_->transaction, lines, static_cast<uint64_t>(id_));
}

void Session::on_invite_success(const Message& response, const Flow& flow) {
  const uint32_t last_cseq = dialog_.local_cseq;
  const auto fork = std::find_if(setup_->forks.begin(), setup_->forks.end(),
                                 [&](const Dialog& one) { return one.remote_tag == response.to.tag(); });
  if (fork != setup_->forks.end()) dialog_ = std::move(*fork);
  dialog_.local_cseq = std::max(last_cseq, dialog_.local_cseq);
  dialog_.learn(response);
  if (!dialog_.flow_bound) dialog_.flow = flow;
  core_.ports.timers.stop(timers_[static_cast<size_t>(TimerKind::GiveUp)]);
  const bool cancelled = setup_->cancelling;
  const bool late = setup_->options.sdp.empty() && setup_->offered_fork.empty();
  HangUp hang_up = std::move(setup_->hang_up);
  setup_.reset();
  phase_ = Phase::Confirmed;
  if (cancelled) {
    // It was answered before our CANCEL arrived.
    send_ack(invite_cseq_, {});
    this->hang_up(hang_up);
    return;
  }
  start_session_timer(response, true);
  if (late && !response.body.empty()) {
    ack_with_offer_cseq_ = invite_cseq_;
  } else {
    send_ack(invite_cseq_, {});
  }
  core_.ports.events.on_answered(id_, {.message = response,
                                       .sdp = response.body,
                                       .sdp_is_offer = ack_with_offer_cseq_ != 0,
                                       .fork = response.to.tag()});
}

void Session::on_invite_failure(const Message& response) {
  if (!setup_->cancelling && (response.status == 401 || response.status == 407) &&
      setup_->auth_tries < kAuthTriesMax) {
    ++setup_->auth_tries;
    setup_->authorization = credentials_for(response, Method::Invite);
    if (!setup_->authorization.empty()) {
      setup_->forks.clear();
      return send_invite();
    }
  }
  if (!setup_->cancelling && response.status == 422 && setup_->auth_tries < kAuthTriesMax) {
    // RFC 4028 §7.3: again with the interval that the far side wants.
    const auto min = parse_number(trim(response.value(HeaderName::MinSE)), 86'400);
    if (min && std::chrono::seconds(*min) > session_interval_) {
      ++setup_->auth_tries;
      session_interval_ = std::chrono::seconds(*min);
      setup_->authorization.clear();  // its nonce has been counted
      return send_invite();
    }
  }
  finish({.by = setup_->cancelling ? EndedBy::Local : EndedBy::Remote,
          .status = response.status,
          .reason = response.reason,
          .reason_header = response.value(HeaderName::Reason),
          .message = &response});
}

}  // namespace sotto::sip
