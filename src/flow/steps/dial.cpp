#include "flow/steps/dial.h"

#include <algorithm>

#include "base/check.h"
#include "flow/steps/steps.h"

namespace sotto::flow {
namespace {

using call::EndCause;
using call::EndedBy;

const EndReason kAnsweredElsewhere{EndCause::AnsweredElsewhere, EndedBy::OtherLeg, 0, {}};
const EndReason kCallerLeft{EndCause::DriverLeft, EndedBy::OtherLeg, 0, {}};
const EndReason kCallerGaveUp{EndCause::Cancelled, EndedBy::OtherLeg, 487, {}};
const EndReason kTransferred{EndCause::Transferred, EndedBy::Program, 0, {}};

call::PromptSpec tone_of_ringing() {
  return call::PromptSpec{{call::Tone{}}, 0, 0.0F};
}

// How the caller's side names what became of one callee.
DialStatus status_of(const Attempt& attempt) {
  if (attempt.taken()) return DialStatus::ChildTaken;
  if (!attempt.end()) return DialStatus::Failed;
  switch (attempt.end()->cause) {
    case EndCause::Busy:
    case EndCause::Declined: return DialStatus::Busy;
    case EndCause::RingTimeout:
    case EndCause::NoAnswer:
    case EndCause::NotAccepted: return DialStatus::NoAnswer;
    case EndCause::Cancelled: return DialStatus::Cancelled;
    default: return attempt.answered() ? DialStatus::NoAnswer : DialStatus::Failed;
  }
}

// Its network or phone could not be asked at all: another way to the same party may do.
bool is_unreachable(const Attempt& attempt) {
  if (attempt.answered() || attempt.taken() || !attempt.end()) return false;
  const EndCause cause = attempt.end()->cause;
  if (cause == EndCause::RingTimeout) return !attempt.rang();
  const bool global = attempt.end()->sip_code >= 600;  // RFC 3261 §21.6: true wherever one asks
  return !global &&
         (cause == EndCause::Unroutable || cause == EndCause::Unreachable || cause == EndCause::FarFailure);
}

}  // namespace

DialRun::DialRun(Runner& runner, const DialStep& spec)
    : runner_(runner),
      spec_(spec),
      core_(runner.core()),
      parent_(runner.leg()),
      ringback_(core_),
      talk_max_(core_),
      refer_request_(core_) {}

DialRun::~DialRun() = default;

void DialRun::start() {
  if (spec_.adopt) {
    if (!pick_up(*spec_.adopt)) finish(DialStatus::Failed);
    return;
  }
  if (spec_.recording && spec_.recording->from_ringing) start_recording();
  if (spec_.order == Order::Together) {
    ring_all();
  } else {
    ring_next();
  }
  if (!over_) update_ringback();
}

Attempt& DialRun::add_attempt(const Destination& destination) {
  attempts_.push_back(std::make_unique<Attempt>(core_, parent_, destination, runner_.place().depth, *this));
  return *attempts_.back();
}

Attempt* DialRun::find(LegId leg) const {
  const auto it = std::find_if(attempts_.begin(), attempts_.end(),
                               [leg](const auto& each) { return !each->over() && each->leg() == leg; });
  return it == attempts_.end() ? nullptr : it->get();
}

// False: neither it nor what may be rung in its place can be tried.
bool DialRun::ring(const Destination& destination) {
  for (const Destination* each = &destination; each != nullptr; each = each->otherwise.get()) {
    if (!add_attempt(*each).ring({spec_.from, spec_.ring_timeout, relay_room()})) continue;
    core_.note([parent = parent_, leg = *attempts_.back()->leg(), dial = spec_.tag,
                tag = each->tag](Observer& observer) { observer.on_dial_started(parent, leg, dial, tag); });
    return true;
  }
  return false;
}

void DialRun::ring_all() {
  for (const Destination& destination : spec_.destinations) (void)ring(destination);
  const bool any =
      std::any_of(attempts_.begin(), attempts_.end(), [](const auto& each) { return !each->over(); });
  if (!any) finish(best_failure());
}

// The next that can be tried; false, and the dial is over, if there is none.
bool DialRun::ring_next() {
  while (next_ < spec_.destinations.size()) {
    if (ring(spec_.destinations[next_++])) return true;
  }
  finish(best_failure());
  return false;
}

// Only when one callee rings at a time can the caller hear his network.
std::optional<RoomId> DialRun::relay_room() const {
  const bool one = spec_.destinations.size() == 1 || spec_.order == Order::InTurn;
  const call::Leg* parent = core_.live(parent_);
  if (!spec_.ringback.far_end || !one || parent == nullptr) return std::nullopt;
  return parent->room;
}

std::optional<call::PromptSpec> DialRun::wanted_ringback() const {
  const call::Leg* parent = core_.live(parent_);
  if (over_ || talk_ != nullptr || parent == nullptr) return std::nullopt;
  for (const auto& attempt : attempts_) {
    if (!attempt->screening()) continue;
    if (attempt->destination().ringback) return attempt->destination().ringback;
    if (spec_.ringback.own) return spec_.ringback.own;
    // An unanswered caller whom nothing was sent yet is told by his own side that it rings.
    const bool silent = !parent->answered() && !attempt->early_media();
    if (silent) return std::nullopt;
    return core_.options().ringback.playlist.empty() ? tone_of_ringing() : core_.options().ringback;
  }
  for (const auto& attempt : attempts_) {
    if (!attempt->over() && attempt->relayed() && attempt->early_media()) return std::nullopt;
  }
  return spec_.ringback.own;
}

void DialRun::update_ringback() {
  std::optional<call::PromptSpec> wanted = wanted_ringback();
  if (wanted) wanted->loops = 0;
  if (wanted == ringing_with_) return;
  ringback_.stop();
  ringing_with_ = wanted;
  if (!wanted) return;
  const call::Leg* parent = core_.live(parent_);
  if (!parent->answered()) (void)core_.board().progress(parent_, call::Progress::EarlyMedia);
  const call::Audience caller{parent->room, parent_};
  const RoomId room = parent->room;
  (void)ringback_.play(caller, *wanted, [this, room](call::PromptEnd how) {
    // A file that cannot be had must not make the caller believe that the line is dead.
    if (how == call::PromptEnd::Failed) (void)ringback_.play({room, parent_}, tone_of_ringing(), nullptr);
  });
}

void DialRun::start_recording() {
  if (!spec_.recording || recording_) return;
  const auto recording = core_.board().record(parent_, spec_.recording->spec);
  if (recording) recording_ = *recording;
}

void DialRun::on_attempt_ringing(Attempt&, bool early_media) {
  const call::Leg* parent = core_.live(parent_);
  if (parent != nullptr && !parent->answered()) {
    (void)core_.board().progress(parent_, early_media ? call::Progress::EarlyMedia : call::Progress::Ringing);
  }
  update_ringback();
}

void DialRun::on_attempt_answered(Attempt& attempt) {
  if (spec_.winner == DialStep::Winner::FirstAnswer) release_all(kAnsweredElsewhere, &attempt);
  update_ringback();
}

void DialRun::on_attempt_accepted(Attempt& attempt) {
  const call::Leg* parent = core_.live(parent_);
  // The caller or he may have gone in this very instant: their last events are on the way.
  if (over_ || parent == nullptr || core_.live(*attempt.leg()) == nullptr) return;
  release_all(kAnsweredElsewhere, &attempt);
  join(attempt);
  bridged_at_ = core_.clock().now();
  start_recording();
  if (spec_.talk_max.count() > 0) {
    talk_max_.start(spec_.talk_max, [this] { drop_callee({EndCause::TimeLimit, EndedBy::Platform, 0, {}}); });
  }
}

void DialRun::join(Attempt& attempt) {
  talk_ = &attempt;
  bridged_ = &attempt;
  update_ringback();
  if (!core_.live(parent_)->answered()) (void)core_.board().answer(parent_);
  attempt.join(core_.live(parent_)->room);
  core_.note(
      [parent = parent_, leg = *attempt.leg()](Observer& observer) { observer.on_accepted(parent, leg); });
}

void DialRun::on_attempt_over(Attempt& attempt) {
  if (over_) return;
  if (&attempt == talk_) return on_callee_left(attempt);
  if (talk_ != nullptr || transfer_ != nullptr) return;
  const Destination* instead = attempt.destination().otherwise.get();
  if (instead != nullptr && is_unreachable(attempt) && ring(*instead)) return update_ringback();
  const bool any =
      std::any_of(attempts_.begin(), attempts_.end(), [](const auto& each) { return !each->over(); });
  if (!any && attempt.taken()) return finish(DialStatus::ChildTaken);
  if (!any && spec_.order == Order::InTurn && !ring_next()) return;
  if (!any && spec_.order == Order::Together) return finish(best_failure());
  update_ringback();
}

void DialRun::on_callee_left(Attempt& attempt) {
  talked_ += std::chrono::duration_cast<milliseconds>(core_.clock().now() - bridged_at_);
  talk_ = nullptr;
  // He asked for a transfer and hung up before it was made: the caller still waits for the target.
  if (transfer_ != nullptr && transfer_->parties().left == parent_ && !attempt.taken()) return;
  finish(attempt.taken() ? DialStatus::ChildTaken : DialStatus::Completed);
}

void DialRun::drop_callee(const EndReason& reason) {
  if (talk_ == nullptr) return;
  Attempt& attempt = *talk_;
  attempt.release(reason);
  if (transfer_ != nullptr) std::exchange(transfer_, nullptr)->cancel();
  on_callee_left(attempt);
}

Consumed DialRun::on_event(const call::Event& event) {
  if (over_ || event.leg != parent_) return Consumed::No;
  if (const auto* digit = std::get_if<call::DigitReceived>(&event.what)) {
    if (spec_.caller_drop_keys.find(digit->digit) == std::string::npos) return Consumed::No;
    if (talk_ != nullptr) {
      drop_callee({EndCause::HungUp, EndedBy::OtherLeg, 0, {}});
    } else {
      finish(DialStatus::Cancelled);
    }
    return Consumed::Yes;
  }
  const auto* asked = std::get_if<call::ReferAsked>(&event.what);
  if (asked == nullptr || talk_ == nullptr) return Consumed::No;
  return on_refer(parent_, *talk_->leg(), *asked);
}

Consumed DialRun::on_attempt_refer(Attempt& attempt, const call::ReferAsked& asked) {
  if (&attempt != talk_) return Consumed::No;
  return on_refer(*attempt.leg(), parent_, asked);
}

void DialRun::cancel(Cancel why) {
  if (over_) return;
  over_ = true;
  if (talk_ != nullptr) {
    talked_ += std::chrono::duration_cast<milliseconds>(core_.clock().now() - bridged_at_);
  }
  ringback_.stop();
  talk_max_.stop();
  refer_request_.drop();
  if (recording_) core_.board().stop_recording(*recording_);
  std::optional<std::pair<LegId, call::Address>> left;
  if (transfer_ != nullptr) {
    if (why == Cancel::Gone && transfer_->parties().by == parent_) {
      left = {transfer_->parties().left, transfer_->target()};
    }
    std::exchange(transfer_, nullptr)->cancel();
  }
  if (left) return finish_transfer_alone(left->first, left->second);
  if (why == Cancel::Gone) leave_screened();
  for (const auto& attempt : attempts_) attempt->release(attempt->answered() ? kCallerLeft : kCallerGaveUp);
}

// The caller asked to transfer his callee and hung up at once: the callee goes on to the target by himself.
void DialRun::finish_transfer_alone(LegId left, const call::Address& target) {
  for (const auto& attempt : attempts_) attempt->leave_alone();
  DialStep onward;
  onward.destinations.resize(1);
  onward.destinations[0].to = target;
  onward.destinations[0].screening.accept = Accept::AnyAnswer;
  onward.from = spec_.from;
  onward.ring_timeout = spec_.ring_timeout;
  onward.ringback.own = tone_of_ringing();
  onward.end_caller_with_callee = true;
  auto program = std::make_shared<Program>();
  program->steps = {Step{std::move(onward), Needs::Answering}};
  if (core_.live(left) == nullptr) return;
  core_.take(left);
  core_.run_main(left, std::move(program));
}

// Whoever is being screened hears in one sentence that the caller has left, if that is wished.
void DialRun::leave_screened() {
  for (const auto& attempt : attempts_) {
    const auto& notice = attempt->destination().caller_gone_notice;
    if (!attempt->screening() || !notice || core_.live(*attempt->leg()) == nullptr) continue;
    attempt->say_goodbye(*notice);
  }
}

void DialRun::release_all(const EndReason& reason, const Attempt* but) {
  for (const auto& attempt : attempts_) {
    if (attempt.get() != but) attempt->release(reason);
  }
}

void DialRun::finish(DialStatus status) {
  if (over_) return;
  over_ = true;
  update_ringback();
  ringback_.stop();
  talk_max_.stop();
  refer_request_.drop();
  if (transfer_ != nullptr) std::exchange(transfer_, nullptr)->cancel();
  release_all(kCallerGaveUp, nullptr);
  if (recording_) core_.board().stop_recording(*recording_);
  runner_.finish(result(status));
  const bool follows = runner_.followed() || (spec_.ask.document && spec_.ask.when != Asking::Never &&
                                              spec_.ask.when != Asking::OnFailure);
  if (spec_.end_caller_with_callee && bridged_ != nullptr && status == DialStatus::Completed && !follows) {
    core_.board().hang_up(parent_, {EndCause::HungUp, EndedBy::OtherLeg, 0, {}});
  }
  if (spec_.refuse_caller_as_callee && bridged_ == nullptr && !follows) refuse_caller(status);
}

// A caller who was not answered is told what became of his callee: that he is busy, above all.
void DialRun::refuse_caller(DialStatus status) {
  const call::Leg* parent = core_.live(parent_);
  if (parent == nullptr || parent->answered()) return;
  for (const auto& attempt : attempts_) {
    const auto& end = attempt->end();
    if (!end || status_of(*attempt) != status) continue;
    // Only a code that says what is wrong with the number is meant for him as it is.
    const int code = end->cause == EndCause::Unroutable ? end->sip_code : 0;
    return core_.board().hang_up(parent_, {end->cause, EndedBy::OtherLeg, code, {}});
  }
}

// Of several failures the caller is told the one that says most: it rang, before it was busy, before all
// else.
DialStatus DialRun::best_failure() const {
  DialStatus best = DialStatus::Failed;
  constexpr DialStatus kOrder[] = {DialStatus::NoAnswer, DialStatus::Busy, DialStatus::Cancelled,
                                   DialStatus::ChildTaken};
  for (const DialStatus status : kOrder) {
    const bool found = std::any_of(attempts_.begin(), attempts_.end(),
                                   [status](const auto& each) { return status_of(*each) == status; });
    if (found) return status;
  }
  return best;
}

Dialled DialRun::result(DialStatus status) const {
  Dialled dialled;
  dialled.status = status;
  dialled.bridged = bridged_ != nullptr;
  dialled.talked = talked_;
  dialled.recording = recording_;
  const Attempt* child = bridged_;
  for (const auto& attempt : attempts_) {
    if (bridged_ == nullptr && attempt->leg()) child = attempt.get();
  }
  if (child != nullptr) {
    dialled.child = child->leg();
    dialled.child_end = child->end();
  }
  return dialled;
}

Outcome DialRun::outcome_when_gone() const {
  return result(bridged_ != nullptr ? DialStatus::Completed : DialStatus::Cancelled);
}

Result<void> DialRun::pick_up(LegId leg) {
  if (over_ || talk_ != nullptr) return fail(ErrorCode::Conflict, "dial: its talk has begun");
  const call::Leg* picked = core_.live(leg);
  if (picked == nullptr || !picked->answered()) return fail(ErrorCode::Conflict, "leg: it is not up");
  Attempt* attempt = find(leg);
  if (attempt == nullptr) {
    attempt = &add_attempt(adopted_);
    attempt->adopt(leg);
  }
  on_attempt_accepted(*attempt);
  return {};
}

std::optional<LegId> DialRun::callee() const {
  return talk_ == nullptr ? std::nullopt : talk_->leg();
}

Consumed DialRun::on_refer(LegId by, LegId left, const call::ReferAsked& asked) {
  if (spec_.on_refer == DialStep::OnRefer::Refuse || transfer_ != nullptr || refer_request_.pending()) {
    return Consumed::No;
  }
  (void)core_.board().accept_refer(by);
  if (spec_.on_refer == DialStep::OnRefer::AskDocument) {
    ask_for_transfer(by, left, asked);
    return Consumed::Yes;
  }
  call::Address target = asked.target;
  if (asked.replaces) {
    const std::optional<LegId> next = core_.peer_of(*asked.replaces);
    const bool own = asked.replaces == by || asked.replaces == left || next == by || next == left;
    if (own) {
      (void)core_.board().report_refer(by, 603);
      return Consumed::Yes;
    }
    if (next) {
      (void)core_.board().report_refer(by, 200);
      core_.board().hang_up(*asked.replaces, kTransferred);
      hand_over(by, left, *next);
      return Consumed::Yes;
    }
    // The other call still rings: it is called once more, by the party that is left.
    if (const call::Leg* other = core_.live(*asked.replaces)) target = other->to;
  }
  const Transfer::Parties parties{parent_, by, left};
  transfer_ = std::make_unique<Transfer>(core_, parties, target, runner_.place().depth, *this);
  const call::PromptSpec& own = core_.options().ringback;
  transfer_->start(spec_.from, spec_.ring_timeout, own.playlist.empty() ? tone_of_ringing() : own);
  return Consumed::Yes;
}

void DialRun::ask_for_transfer(LegId by, LegId left, const call::ReferAsked& asked) {
  const Outcome outcome = TransferAsked{by, asked.target};
  refer_request_.ask(Subject(left), spec_.refer_document, outcome, [this, by, left](Result<Answer> answer) {
    const Replace* next = answer ? std::get_if<Replace>(&*answer) : nullptr;
    const bool valid = next != nullptr && validate(*next->program, Role::Main).has_value();
    (void)core_.board().report_refer(by, valid ? 200 : 603);
    if (!valid || core_.live(left) == nullptr) return;
    core_.board().hang_up(by, kTransferred);
    core_.take(left);
    core_.run_main(left, next->program);
  });
}

// `left` and `next` talk from now on, and `by` is done.
void DialRun::hand_over(LegId by, LegId left, LegId next) {
  // One of them may have gone in this very instant: his last event is on its way.
  if (core_.live(left) == nullptr || core_.live(next) == nullptr) return;
  if (left != parent_) {
    core_.board().hang_up(by, kTransferred);
    core_.bridge(left, next);
    return;
  }
  core_.take(next);
  if (talk_ != nullptr) talk_->release(kTransferred);
  Attempt& attempt = add_attempt(adopted_);
  attempt.adopt(next);
  join(attempt);
}

void DialRun::on_transfer_made(std::unique_ptr<Attempt> made) {
  const Transfer::Parties parties = transfer_->parties();
  const LegId next = *made->leg();
  made->leave_alone();
  spent_ = std::move(made);
  old_transfer_ = std::move(transfer_);
  if (core_.live(parties.left) == nullptr) {
    core_.board().hang_up(next, kCallerLeft);
    return;
  }
  hand_over(parties.by, parties.left, next);
}

void DialRun::on_transfer_failed() {
  old_transfer_ = std::move(transfer_);
  if (talk_ == nullptr) finish(DialStatus::Completed);
}

std::unique_ptr<StepRun> make_run(Runner& runner, const DialStep& spec) {
  return std::make_unique<DialRun>(runner, spec);
}

}  // namespace sotto::flow
