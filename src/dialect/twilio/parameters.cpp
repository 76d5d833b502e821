#include "dialect/twilio/parameters.h"

#include <algorithm>
#include <cstdio>

#include "dialect/twilio/sid.h"
#include "text/ascii.h"
#include "text/e164.h"

namespace sotto::twilio {
namespace {

using call::EndCause;
using std::chrono::duration_cast;
using std::chrono::seconds;

std::string truth(bool value) {
  return value ? "true" : "false";
}

std::string whole_seconds(std::chrono::milliseconds length) {
  return std::to_string(duration_cast<seconds>(length).count());
}

std::string country_text(const call::Address& address) {
  if (address.kind != call::Address::Kind::Number) return {};
  return std::string(text::country_of(address.text));
}

bool is_number(const call::Address& address) {
  return address.kind == call::Address::Kind::Number;
}

void add_places(text::Parameters& out, std::string_view who, const call::Address& address) {
  for (const std::string_view what : {"City", "State", "Zip"}) {
    out.emplace_back(std::string(who) + std::string(what), "");
  }
  out.emplace_back(std::string(who) + "Country", country_text(address));
}

void add_sip(text::Parameters& out, const call::Leg& leg, const std::string& domain_sid) {
  if (leg.medium != call::Medium::Sip || leg.sip_call_id.empty()) return;
  out.emplace_back("SipCallId", leg.sip_call_id);
  if (leg.direction != call::Direction::Inbound) return;
  if (!leg.sip_domain.empty()) out.emplace_back("SipDomain", leg.sip_domain);
  if (!domain_sid.empty()) out.emplace_back("SipDomainSid", domain_sid);
  if (!leg.sip_source_ip.empty()) out.emplace_back("SipSourceIp", leg.sip_source_ip);
  for (const auto& [name, value] : leg.headers) out.emplace_back("SipHeader_" + name, value);
}

struct OutcomeFields {
  const Link& link;
  const Host& host;
  const std::optional<call::Leg>& child;
  text::Parameters out;

  void operator()(const flow::Answered&) {}
  void operator()(const flow::Played&) {}
  void operator()(const flow::Reached&) {}
  void operator()(const flow::Streamed&) {}

  void operator()(const flow::Gathered& gathered) {
    if (gathered.speech && !gathered.speech->guesses.empty()) {
      const auto& best = gathered.speech->guesses.front();
      char confidence[32];
      std::snprintf(confidence, sizeof(confidence), "%.4f", static_cast<double>(best.confidence));
      if (!gathered.speech->final) {
        out.emplace_back("UnstableSpeechResult", best.text);
        out.emplace_back("Stability", confidence);
        return;
      }
      out.emplace_back("SpeechResult", best.text);
      out.emplace_back("Confidence", confidence);
      return;
    }
    out.emplace_back("Digits", gathered.digits);
    out.emplace_back("FinishedOnKey",
                     gathered.finished_by == 0 ? std::string() : std::string(1, gathered.finished_by));
    out.emplace_back("msg", "Gather End");
  }

  void operator()(const flow::Dialled& dialled) {
    out.emplace_back("DialCallStatus", std::string(dial_status(dialled)));
    out.emplace_back("DialBridged", truth(dialled.bridged));
    if (dialled.child) out.emplace_back("DialCallSid", sid("CA", *dialled.child));
    if (dialled.bridged && dialled.status != flow::DialStatus::ChildTaken) {
      out.emplace_back("DialCallDuration", whole_seconds(dialled.talked));
    }
    if (child && child->to.kind == call::Address::Kind::Sip) {
      if (!child->sip_call_id.empty()) out.emplace_back("DialSipCallId", child->sip_call_id);
      const int code = dialled.bridged || child->answered_at ? 200
                       : dialled.child_end                   ? dialled.child_end->sip_code
                                                             : 0;
      if (code != 0) out.emplace_back("DialSipResponseCode", std::to_string(code));
      for (const auto& [name, value] : child->far_headers) out.emplace_back("DialSipHeader_" + name, value);
    }
    if (!dialled.recording) return;
    out.emplace_back("RecordingSid", sid("RE", *dialled.recording));
    out.emplace_back("RecordingUrl", recording_url(*dialled.recording, host));
    out.emplace_back("RecordingDuration", whole_seconds(dialled.talked));
  }

  void operator()(const flow::LeftRoom&) { out.emplace_back("DialCallStatus", "answered"); }

  void operator()(const flow::LeftQueue& left) {
    using Why = flow::LeftQueue::Why;
    std::string_view result = "error";
    switch (left.why) {
      case Why::Bridged: result = "bridged"; break;
      case Why::Leave: result = "leave"; break;
      case Why::HungUp: result = "hangup"; break;
      case Why::Full: result = "queue-full"; break;
      case Why::Redirected: result = "redirected"; break;
      case Why::RedirectedPreparing: result = "bridging-in-process"; break;
      case Why::RedirectedFromBridge: result = "redirected-from-bridged"; break;
      case Why::Refused: result = "error"; break;
      case Why::Failed: result = "system-error"; break;
    }
    out.emplace_back("QueueResult", std::string(result));
    out.emplace_back("QueueSid", queue_sid(left.queue));
    out.emplace_back("QueueTime", whole_seconds(left.waited));
    if (left.taker) out.emplace_back("DequeingCallSid", sid("CA", *left.taker));
  }

  void operator()(const flow::Dequeued& dequeued) {
    out.emplace_back("DialCallStatus", dequeued.bridged                            ? "answered"
                                       : dequeued.unknown_queue || dequeued.failed ? "failed"
                                                                                   : "no-answer");
    out.emplace_back("DialBridged", truth(dequeued.bridged));
    out.emplace_back("QueueSid", queue_sid(dequeued.queue));
    out.emplace_back("QueueTime", whole_seconds(dequeued.waited));
    out.emplace_back("QueueResult", dequeued.bridged  ? "bridged"
                                    : dequeued.failed ? "system-error"
                                                      : "error");
    if (!dequeued.taken) return;
    out.emplace_back("DialCallSid", sid("CA", *dequeued.taken));
    out.emplace_back("DialCallDuration", whole_seconds(dequeued.talked));
  }

  void operator()(const flow::Recorded& recorded) {
    if (!recorded.recording) return;
    const call::RecordingInfo& info = *recorded.recording;
    out.emplace_back("RecordingUrl", recording_url(info.id, host));
    out.emplace_back("RecordingSid", sid("RE", info.id));
    out.emplace_back("RecordingDuration", whole_seconds(info.length));
    std::string digits;
    if (info.end == call::RecordingEnd::Key) digits = std::string(1, info.end_key);
    if (info.end == call::RecordingEnd::LegLeft) digits = "hangup";
    out.emplace_back("Digits", digits);
  }

  // Examples of the vendor's page: 202 and 200 is in-progress, 202 and 487 canceled, 405 failed.
  void operator()(const flow::Referred& referred) {
    std::string_view status = "failed";
    if (referred.notify_code == 486 || referred.notify_code == 600) status = "busy";
    if (referred.notify_code == 180 || referred.notify_code == 487) status = "canceled";
    if (referred.notify_code / 100 == 2) status = "in-progress";
    out.emplace_back("ReferCallStatus", std::string(status));
    if (referred.refer_code != 0) {
      out.emplace_back("ReferSipResponseCode", std::to_string(referred.refer_code));
    }
    if (referred.notify_code != 0) {
      out.emplace_back("NotifySipResponseCode", std::to_string(referred.notify_code));
    }
  }

  void operator()(const flow::Waiting& waiting) {
    if (waiting.queue.empty()) {
      out.emplace_back("FriendlyName", link.about);
      return;
    }
    out.emplace_back("QueuePosition", std::to_string(waiting.position));
    out.emplace_back("QueueSid", queue_sid(waiting.queue));
    out.emplace_back("QueueTime", whole_seconds(waiting.waited));
    out.emplace_back("CurrentQueueSize", std::to_string(waiting.length));
  }

  void operator()(const flow::TransferAsked& asked) {
    out.emplace_back("ReferTransferTarget", asked.target.text);
  }
};

}  // namespace

std::string final_status(const call::Leg& leg, const call::EndReason& reason) {
  if (leg.answered_at) return "completed";
  const bool inbound = leg.direction == call::Direction::Inbound;
  switch (reason.cause) {
    case EndCause::Busy: return "busy";
    case EndCause::Declined: return inbound ? "no-answer" : "busy";
    case EndCause::NoAnswer:
    case EndCause::RingTimeout:
    case EndCause::NotAccepted: return "no-answer";
    case EndCause::Cancelled: return inbound && reason.by == call::EndedBy::FarEnd ? "no-answer" : "canceled";
    case EndCause::AnsweredElsewhere:
    case EndCause::DriverLeft: return "canceled";
    case EndCause::HungUp: return reason.by == call::EndedBy::Api ? "canceled" : "no-answer";
    case EndCause::ProgramEnded: return "no-answer";
    default: return "failed";
  }
}

std::string call_status(const call::Leg& leg) {
  switch (leg.state) {
    case call::LegState::Offered: return "ringing";
    case call::LegState::Dialing: return "queued";
    case call::LegState::Ringing: return "ringing";
    case call::LegState::Answered: return "in-progress";
    case call::LegState::Ended: return final_status(leg, leg.end.value_or(call::EndReason{}));
  }
  return "failed";
}

std::string_view direction_of(const call::Leg& leg, const LegNotes& notes) {
  if (leg.direction == call::Direction::Inbound) return "inbound";
  return notes.parent_sid.empty() && !leg.carrier ? "outbound-api" : "outbound-dial";
}

std::string_view dial_status(const flow::Dialled& dialled) {
  switch (dialled.status) {
    case flow::DialStatus::Completed: return "completed";
    case flow::DialStatus::Busy: return "busy";
    case flow::DialStatus::NoAnswer: return "no-answer";
    case flow::DialStatus::Failed: return "failed";
    case flow::DialStatus::Cancelled: return "canceled";
    case flow::DialStatus::ChildTaken: return "completed";
  }
  return "failed";
}

// From the answer; a call that was answered at all lasted a second (twilio.md §8.3).
std::chrono::seconds duration_of(const call::Leg& leg) {
  if (!leg.answered_at || !leg.ended_at) return seconds(0);
  return std::max(duration_cast<seconds>(*leg.ended_at - *leg.answered_at), seconds(1));
}

text::Parameters call_parameters(const call::Leg& leg, const LegNotes& notes, const Host& host) {
  const std::string from = notes.shown_from.empty() ? address_text(leg.from) : notes.shown_from;
  const std::string to = notes.shown_to.empty() ? address_text(leg.to) : notes.shown_to;
  text::Parameters out = {{"CallSid", sid("CA", leg.id)},
                          {"AccountSid", host.account_sid},
                          {"From", from},
                          {"Caller", from},
                          {"To", to},
                          {"Called", to},
                          {"CallStatus", call_status(leg)},
                          {"ApiVersion", "2010-04-01"},
                          {"Direction", std::string(direction_of(leg, notes))}};
  if (!leg.forwarded_from.empty()) out.emplace_back("ForwardedFrom", leg.forwarded_from);
  if (!leg.from.display_name.empty()) out.emplace_back("CallerName", leg.from.display_name);
  const std::string parent =
      notes.parent_sid.empty() && leg.carrier ? sid("CA", *leg.carrier) : notes.parent_sid;
  if (!parent.empty()) out.emplace_back("ParentCallSid", parent);
  if (!notes.application_sid.empty()) out.emplace_back("ApplicationSid", notes.application_sid);
  if (!notes.answered_by.empty()) out.emplace_back("AnsweredBy", notes.answered_by);
  if (is_number(leg.from) || is_number(leg.to)) {
    add_places(out, "From", leg.from);
    add_places(out, "Caller", leg.from);
    add_places(out, "To", leg.to);
    add_places(out, "Called", leg.to);
  }
  add_sip(out, leg, host.sip_domains ? host.sip_domains(leg.sip_domain) : std::string());
  out.insert(out.end(), notes.custom.begin(), notes.custom.end());
  return out;
}

text::Parameters outcome_parameters(const flow::Outcome& outcome, const Link& link, const Host& host,
                                    const std::optional<call::Leg>& child) {
  OutcomeFields fields{link, host, child, {}};
  std::visit(fields, outcome);
  return std::move(fields.out);
}

text::Parameters recording_parameters(const call::RecordingInfo& recording, const Host& host) {
  const RecordingOwner owner = read_recording_owner(recording.spec.owner);
  text::Parameters out = {{"AccountSid", host.account_sid},
                          {"RecordingSid", sid("RE", recording.id)},
                          {"RecordingUrl", recording_url(recording.id, host)},
                          {"RecordingChannels", std::to_string(recording.spec.channels)},
                          {"RecordingSource", owner.source},
                          {"RecordingTrack", owner.track}};
  if (recording.leg) {
    out.emplace_back("CallSid", sid("CA", *recording.leg));
  } else {
    out.emplace_back("ConferenceSid", sid("CF", recording.room));
  }
  return out;
}

std::chrono::seconds average_wait(const std::vector<flow::QueueEntry>& entries, base::WallTime now) {
  std::chrono::seconds total{0};
  for (const flow::QueueEntry& entry : entries)
    total += std::chrono::duration_cast<std::chrono::seconds>(now - entry.since);
  return entries.empty() ? total : total / static_cast<int64_t>(entries.size());
}

std::string queue_sid(const std::string& scoped_name) {
  return named_sid("QU", scoped_name);
}

std::string recording_url(const call::RecordingId& id, const Host& host) {
  return host.api_base + "/Recordings/" + sid("RE", id);
}

std::string_view answered_by(call::MachineVerdict::Kind kind) {
  using Kind = call::MachineVerdict::Kind;
  switch (kind) {
    case Kind::Human: return "human";
    case Kind::MachineStart: return "machine_start";
    case Kind::MachineEndBeep: return "machine_end_beep";
    case Kind::MachineEndSilence: return "machine_end_silence";
    case Kind::MachineEndOther: return "machine_end_other";
    case Kind::Fax: return "fax";
    case Kind::Unknown: return "unknown";
  }
  return "unknown";
}

}  // namespace sotto::twilio
