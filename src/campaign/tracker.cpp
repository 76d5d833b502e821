#include "campaign/tracker.h"

namespace sotto::campaign {
namespace {

using call::EndCause;
using call::EndedBy;
using call::LegId;

HungUpBy who_hung_up(const call::EndReason& reason, bool agent_left) {
  if (agent_left) return HungUpBy::Agent;
  return reason.by == EndedBy::FarEnd ? HungUpBy::Caller : HungUpBy::Server;
}

}  // namespace

Tracker::Tracker(const base::Clock& clock, CallerHistory& history, RecordSink& records)
    : clock_(clock), history_(history), records_(records) {}

void Tracker::begin(const Campaign& campaign, const call::Leg& caller, Open open) {
  Tracked tracked;
  tracked.since = clock_.now();
  tracked.open = open;
  CallRecord& record = tracked.record;
  record.call = caller.call;
  record.campaign = campaign.name;
  record.number = caller.to.text;
  record.started = clock_.wall();
  if (caller.from.kind != base::Address::Kind::Anonymous) record.caller = caller.from.text;
  if (!record.caller.empty()) {
    record.first_time = !history_.has_called(campaign.name, record.caller);
    history_.remember(campaign.name, record.caller);
  }
  calls_[caller.id] = std::move(tracked);
}

std::chrono::milliseconds Tracker::since(base::TimePoint from) const {
  return std::chrono::duration_cast<std::chrono::milliseconds>(clock_.now() - from);
}

void Tracker::on_event(const call::Event& event) {
  if (const auto* ended = std::get_if<call::LegEnded>(&event.what)) {
    if (calls_.contains(event.leg)) return finish(event.leg, ended->reason);
    return on_agent_ended(event.leg, ended->reason);
  }
  if (!std::holds_alternative<call::LegAnswered>(event.what)) return;
  const auto attempt = attempts_.find(event.leg);
  if (attempt == attempts_.end() || attempt->second.answered) return;
  const auto found = calls_.find(attempt->second.parent);
  if (found == calls_.end()) return;
  attempt->second.answered = true;
  Tracked& tracked = found->second;
  if (!tracked.record.time_to_answer) tracked.record.time_to_answer = since(tracked.since);
  if (!tracked.record.time_to_accept) ++tracked.in_whisper;
}

void Tracker::on_dial_started(LegId parent, LegId child, const std::string&,
                              const std::string& destination_tag) {
  if (calls_.contains(parent)) attempts_[child] = Attempt{parent, destination_tag, false};
}

void Tracker::on_accepted(LegId parent, LegId child) {
  const auto found = calls_.find(parent);
  if (found == calls_.end()) return;
  Tracked& tracked = found->second;
  if (tracked.record.time_to_accept) return;  // a transfer: the first to accept is the call's agent
  tracked.accepted = child;
  tracked.accepted_at = clock_.now();
  tracked.record.time_to_accept = since(tracked.since);
  const auto attempt = attempts_.find(child);
  if (attempt != attempts_.end()) tracked.record.agent = attempt->second.agent;
}

// Time that ran out is no refusal: a voicemail box declines nothing.
void Tracker::on_declined(LegId, LegId) {}

void Tracker::on_agent_ended(LegId child, const call::EndReason& reason) {
  const auto found = attempts_.find(child);
  if (found == attempts_.end()) return;
  const Attempt attempt = std::move(found->second);
  attempts_.erase(found);
  const auto call = calls_.find(attempt.parent);
  if (call == calls_.end()) return;
  Tracked& tracked = call->second;
  if (tracked.record.time_to_accept) {
    tracked.agent_left = child == tracked.accepted && reason.by == EndedBy::FarEnd;
    return;
  }
  if (attempt.answered) --tracked.in_whisper;
  const bool left_whisper = attempt.answered && reason.by == EndedBy::FarEnd;
  tracked.refused = tracked.refused || left_whisper || reason.cause == EndCause::Declined;
}

void Tracker::on_step_ended(LegId leg, const flow::Step&, const flow::Outcome& outcome) {
  const auto found = calls_.find(leg);
  const auto* dialled = std::get_if<flow::Dialled>(&outcome);
  if (found == calls_.end() || dialled == nullptr) return;
  // A dial is also cancelled when its caller leaves; that is not for want of an agent.
  if (!dialled->bridged && dialled->status != flow::DialStatus::Cancelled) found->second.dial_failed = true;
}

void Tracker::on_program_ended(LegId) {}

void Tracker::finish(LegId caller, const call::EndReason& reason) {
  const auto found = calls_.find(caller);
  const Tracked tracked = std::move(found->second);
  calls_.erase(found);
  std::erase_if(attempts_, [caller](const auto& each) { return each.second.parent == caller; });

  CallRecord record = tracked.record;
  record.length = since(tracked.since);
  record.hung_up_by = who_hung_up(reason, tracked.agent_left);
  if (tracked.open == Open::No) {
    record.outcome = CallOutcome::AfterHours;
  } else if (record.time_to_accept) {
    record.outcome = CallOutcome::Answered;
    record.talk = since(tracked.accepted_at);
  } else if (tracked.in_whisper > 0) {
    record.outcome = CallOutcome::LostInWhisper;
  } else if (!tracked.dial_failed && record.hung_up_by == HungUpBy::Caller) {
    record.outcome = CallOutcome::Abandoned;
  } else {
    record.outcome = tracked.refused ? CallOutcome::Declined : CallOutcome::Missed;
  }
  records_.on_record(record);
}

}  // namespace sotto::campaign
