#include "flow/steps/dial_attempt.h"

#include "base/check.h"

namespace sotto::flow {
namespace {

bool is_machine(call::MachineVerdict::Kind kind) {
  return kind != call::MachineVerdict::Kind::Human && kind != call::MachineVerdict::Kind::Unknown;
}

// A verdict that does not come must not keep two people apart.
constexpr milliseconds kVerdictGrace{5000};

const EndReason kNotAccepted{call::EndCause::NotAccepted, call::EndedBy::Program, 0, {}};

}  // namespace

Attempt::Attempt(Core& core, LegId parent, const Destination& destination, size_t depth, AttemptOwner& owner)
    : core_(core),
      parent_(parent),
      destination_(destination),
      depth_(depth),
      owner_(owner),
      alarm_(core),
      watch_(core, *this) {}

Attempt::~Attempt() = default;

bool Attempt::ring(const Ring& how) {
  const call::Leg* parent = core_.live(parent_);
  CHECK(state_ == State::New);
  if (parent == nullptr) {
    state_ = State::Over;
    return false;
  }
  call::NewLeg request;
  request.to = destination_.to;
  request.from = destination_.from.value_or(how.from);
  request.origin = parent->origin;
  request.origin.extension =
      destination_.to.kind == call::Address::Kind::Phone ? destination_.to.text : std::string();
  request.headers = destination_.headers;
  request.user = destination_.user;
  request.password = destination_.password;
  request.framing = destination_.framing;
  request.carrier = parent_;
  request.room = how.relay_to;
  request.early_media = how.relay_to.has_value();
  request.ring_timeout = how.timeout;
  const auto leg = core_.board().dial(std::move(request));
  if (!leg) {
    state_ = State::Over;
    end_ = EndReason{call::EndCause::Unroutable, call::EndedBy::Platform, 0, leg.error().detail};
    return false;
  }
  leg_ = *leg;
  state_ = State::Ringing;
  relayed_ = how.relay_to.has_value();
  if (relayed_) (void)core_.board().set_source_only(*leg, true);
  core_.carry(*leg, parent_, *this);
  watch_.add(key_of(*leg));
  return true;
}

void Attempt::adopt(LegId leg) {
  CHECK(state_ == State::New);
  leg_ = leg;
  answered_ = true;
  state_ = State::InScreening;
  core_.carry(leg, parent_, *this);
  watch_.add(key_of(leg));
}

void Attempt::join(RoomId room) {
  let_go();
  state_ = State::Talking;
  (void)core_.board().set_source_only(*leg_, false);
  (void)core_.board().move(*leg_, room);
}

void Attempt::release(EndReason reason) {
  if (state_ == State::Over) return;
  state_ = State::Over;
  end_ = reason;
  let_go();
  watch_.clear();
  if (!leg_) return;
  core_.uncarry(*leg_);
  core_.board().hang_up(*leg_, std::move(reason));
}

void Attempt::leave_alone() {
  if (state_ == State::Over) return;
  state_ = State::Over;
  let_go();
  watch_.clear();
  if (leg_) core_.uncarry(*leg_);
}

void Attempt::say_goodbye(call::Speech notice) {
  const LegId leg = *leg_;
  const EndReason reason{call::EndCause::DriverLeft, call::EndedBy::OtherLeg, 0, {}};
  leave_alone();
  end_ = reason;
  auto program = std::make_shared<Program>();
  PlayStep sentence;
  sentence.prompt.playlist = {std::move(notice)};
  program->steps = {Step{sentence, Needs::Nothing}, Step{HangUpStep{reason}, Needs::Nothing}};
  core_.take(leg);
  core_.run_main(leg, std::move(program));
}

void Attempt::let_go() {
  alarm_.stop();
  if (screening_ == nullptr) return;
  screening_->cancel(Cancel::Over);
  core_.bury(std::move(screening_));
}

Consumed Attempt::on_watched(const call::Event& event) {
  if (state_ == State::Over || event.leg != leg_) return Consumed::No;
  if (const auto* ended = std::get_if<call::LegEnded>(&event.what)) {
    become_over(ended->reason);
  } else if (const auto* ringing = std::get_if<call::LegRinging>(&event.what)) {
    rang_ = true;
    early_media_ = early_media_ || (relayed_ && ringing->early_media);
    if (state_ == State::Ringing) owner_.on_attempt_ringing(*this, relayed_ && ringing->early_media);
  } else if (std::holds_alternative<call::LegAnswered>(event.what)) {
    if (state_ == State::Ringing) on_answered();
  } else if (const auto* digit = std::get_if<call::DigitReceived>(&event.what)) {
    return on_digit(digit->digit);
  } else if (const auto* verdict = std::get_if<call::MachineVerdict>(&event.what)) {
    on_verdict(*verdict);
  } else if (const auto* asked = std::get_if<call::ReferAsked>(&event.what)) {
    return owner_.on_attempt_refer(*this, *asked);
  }
  return Consumed::No;
}

void Attempt::on_answered() {
  answered_ = true;
  const bool straight = destination_.digits_on_answer.empty() &&
                        std::holds_alternative<std::monostate>(destination_.screening.program) &&
                        destination_.screening.accept != Accept::Key &&
                        destination_.on_machine != OnMachine::WaitForVerdict;
  // What the callee's side sends from now on is his, not ringing: the caller hears it once they are joined.
  if (relayed_ && !straight) {
    relayed_ = false;
    (void)core_.board().isolate(*leg_);
    (void)core_.board().set_source_only(*leg_, false);
  }
  state_ = State::SendingDigits;
  owner_.on_attempt_answered(*this);
  if (state_ != State::SendingDigits) return;
  if (destination_.detection) (void)core_.board().detect_machine(*leg_, *destination_.detection);
  if (destination_.digits_on_answer.empty()) return after_digits();
  (void)core_.board().send_digits(*leg_, destination_.digits_on_answer);
  alarm_.start(sending_time(destination_.digits_on_answer), [this] { after_digits(); });
}

void Attempt::after_digits() {
  if (!destination_.detection || destination_.on_machine != OnMachine::WaitForVerdict) return screen();
  state_ = State::AwaitingVerdict;
  alarm_.start(destination_.detection->timeout + kVerdictGrace, [this] { screen(); });
}

void Attempt::on_verdict(const call::MachineVerdict& verdict) {
  if (destination_.on_machine == OnMachine::HangUp && is_machine(verdict.kind)) return decline();
  if (state_ == State::AwaitingVerdict) screen();
}

void Attempt::screen() {
  const Screening& screening = destination_.screening;
  state_ = State::InScreening;
  alarm_.stop();
  const auto* program = std::get_if<std::shared_ptr<const Program>>(&screening.program);
  const auto* document = std::get_if<DocumentRef>(&screening.program);
  if (program == nullptr && document == nullptr && screening.accept != Accept::Key) return accept();
  alarm_.start(screening.time_max, [this] { decline(); });
  if (program == nullptr && document == nullptr) return;
  screening_ =
      std::make_unique<Runner>(core_, Subject(*leg_), Runner::Place{Role::Screening, {}, depth_ + 1}, *this);
  if (program != nullptr) {
    screening_->run(*program);
  } else {
    screening_->run(*document, Answered{});
  }
}

Consumed Attempt::on_digit(char digit) {
  if (!screening()) return Consumed::No;
  key_pressed_ = true;
  const Screening& rule = destination_.screening;
  if (state_ != State::InScreening || rule.accept != Accept::Key) return Consumed::Yes;
  if (rule.accept_keys.empty() || rule.accept_keys.find(digit) != std::string::npos) accept();
  return Consumed::Yes;
}

void Attempt::on_runner_ended(Runner&, const Ending& ending) {
  core_.bury(std::move(screening_));
  const Screening& rule = destination_.screening;
  if (ending.how == Ending::How::HungUp) return decline();
  switch (rule.accept) {
    case Accept::AnyAnswer: return accept();
    case Accept::Key: return decline();
    case Accept::EndOfProgram:
      if (ending.how != Ending::How::Ended) return decline();
      return rule.silence_accepts || key_pressed_ ? accept() : decline();
  }
}

void Attempt::accept() {
  let_go();
  owner_.on_attempt_accepted(*this);
}

void Attempt::decline() {
  const LegId leg = *leg_;
  core_.note([parent = parent_, leg](Observer& observer) { observer.on_declined(parent, leg); });
  release(kNotAccepted);
  owner_.on_attempt_over(*this);
}

void Attempt::become_over(EndReason reason) {
  state_ = State::Over;
  end_ = std::move(reason);
  let_go();
  watch_.clear();
  owner_.on_attempt_over(*this);
}

void Attempt::on_taken(LegId) {
  taken_ = true;
  if (relayed_) (void)core_.board().set_source_only(*leg_, false);
  become_over(EndReason{call::EndCause::HungUp, call::EndedBy::Api, 0, "taken to another program"});
}

}  // namespace sotto::flow
