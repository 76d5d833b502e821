#include "flow/runner.h"

#include "base/check.h"
#include "base/limits.h"

namespace sotto::flow {
namespace {

const Ask* ask_of(const Step& step) {
  return std::visit(
      [](const auto& spec) -> const Ask* {
        if constexpr (requires { spec.ask; }) return &spec.ask;
        return nullptr;
      },
      step.spec);
}

bool failed(const Outcome& outcome) {
  if (const auto* played = std::get_if<Played>(&outcome)) return played->failed;
  if (const auto* dialled = std::get_if<Dialled>(&outcome)) return dialled->status != DialStatus::Completed;
  if (const auto* dequeued = std::get_if<Dequeued>(&outcome)) return !dequeued->bridged;
  if (const auto* referred = std::get_if<Referred>(&outcome)) {
    return referred->refer_code / 100 != 2 || referred->notify_code / 100 != 2;
  }
  if (const auto* streamed = std::get_if<Streamed>(&outcome)) return streamed->failed;
  if (const auto* left = std::get_if<LeftRoom>(&outcome)) {
    return left->why == LeftRoom::Why::Full || left->why == LeftRoom::Why::Refused;
  }
  return false;
}

bool has_input(const Outcome& outcome) {
  if (const auto* gathered = std::get_if<Gathered>(&outcome)) return gathered->has_input();
  if (const auto* recorded = std::get_if<Recorded>(&outcome)) return recorded->recording.has_value();
  return true;
}

bool asks(const Ask& ask, const Outcome& outcome) {
  if (!ask.document) return false;
  switch (ask.when) {
    case Asking::Never: return false;
    case Asking::Always: return true;
    case Asking::WithInput: return has_input(outcome);
    case Asking::OnFailure: return failed(outcome);
  }
  CHECK(false);
}

// Whether a program that comes to this step has given or taken something: one that only ever asks for the
// next is cut off.
bool is_media(const StepSpec& spec) {
  return std::holds_alternative<PlayStep>(spec) || std::holds_alternative<PauseStep>(spec) ||
         std::holds_alternative<GatherStep>(spec) || std::holds_alternative<DialStep>(spec) ||
         std::holds_alternative<JoinRoomStep>(spec) || std::holds_alternative<EnqueueStep>(spec) ||
         std::holds_alternative<DequeueStep>(spec) || std::holds_alternative<RecordStep>(spec) ||
         std::holds_alternative<SendDigitsStep>(spec) || std::holds_alternative<SuperviseStep>(spec) ||
         std::holds_alternative<StreamStep>(spec);
}

const EndReason kProgramEnded{call::EndCause::ProgramEnded, call::EndedBy::Program, 0, {}};

EndReason program_failed(std::string detail) {
  return EndReason{call::EndCause::ProgramFailed, call::EndedBy::Platform, 0, std::move(detail)};
}

}  // namespace

Consumed StepRun::on_event(const call::Event&) {
  return Consumed::No;
}

Outcome StepRun::outcome_when_gone() const {
  return Reached{};
}

Runner::Runner(Core& core, Subject subject, Place place, RunnerOwner& owner)
    : core_(core),
      subject_(subject),
      place_(place),
      owner_(owner),
      request_(core),
      watch_(core, *this),
      under_sound_(core) {
  CHECK(place.depth < base::limits::kProgramDepthMax);
  core_.count_runner(1);
  std::visit([this](const auto& id) { watch_.add(key_of(id)); }, subject_);
}

Runner::~Runner() {
  core_.count_runner(-1);
}

const call::Leg* Runner::live() const {
  return core_.live(leg());
}

void Runner::run(std::shared_ptr<const Program> program) {
  program_ = std::move(program);
  core_.wake(*this);
}

void Runner::run(const DocumentRef& first, Outcome outcome) {
  first_ = {first, std::move(outcome)};
  core_.wake(*this);
}

void Runner::cancel(Cancel why) {
  if (phase_ == Phase::Done) return;
  if (step_ != nullptr && phase_ == Phase::Running) step_->cancel(why);
  let_go();
}

void Runner::let_go() {
  phase_ = Phase::Done;
  request_.drop();
  watch_.clear();
  under_.clear();
  under_sound_.stop();
}

void Runner::advance() {
  // The leg has ended, and its event is on its way: what finished is told of then.
  if (std::holds_alternative<LegId>(subject_) && live() == nullptr) return;
  if (phase_ == Phase::Finished) {
    step_.reset();
    under_over_ = nullptr;
    const Outcome outcome = *std::exchange(finished_, std::nullopt);
    follow(outcome);
  }
  if (phase_ != Phase::Ready) return;
  if (first_) {
    // The leg that we dialled must be up before its program is asked for.
    if (!fulfil_needs(Step{AskStep{}, Needs::Nothing})) return;
    const auto [document, outcome] = *std::exchange(first_, std::nullopt);
    phase_ = Phase::Asking;
    program_ = std::make_shared<Program>();
    request_.ask(subject_, document, outcome, [this](Result<Answer> answer) { use(std::move(answer)); });
    return;
  }
  CHECK(program_ != nullptr);
  if (index_ >= program_->steps.size()) return no_more_steps();
  start_step();
}

// False: not yet; the answer wakes this runner.
bool Runner::fulfil_needs(const Step& step) {
  if (!std::holds_alternative<LegId>(subject_)) return true;
  const call::Leg* subject = live();
  if (subject == nullptr || subject->answered()) return true;  // its end is on its way
  if (subject->direction == call::Direction::Outbound) {
    if (!first_ && step.needs != Needs::Answering) return true;
    phase_ = Phase::Answering;
    return false;
  }
  if (step.needs == Needs::Answering) (void)core_.board().answer(leg());
  if (step.needs == Needs::Ringing) (void)core_.board().progress(leg(), call::Progress::Ringing);
  return true;
}

void Runner::start_step() {
  const Step& step = program_->steps[index_];
  if (!fulfil_needs(step)) return;
  if (is_media(step.spec)) documents_without_media_ = 0;
  phase_ = Phase::Running;
  step_ = make_step_run(*this, step);
  step_->start();
}

void Runner::finish(Outcome outcome) {
  if (phase_ != Phase::Running) return;
  phase_ = Phase::Finished;
  finished_ = std::move(outcome);
  core_.wake(*this);
}

void Runner::end(Ending ending) {
  if (phase_ == Phase::Done) return;
  let_go();
  owner_.on_runner_ended(*this, ending);
}

void Runner::follow(Outcome outcome) {
  const std::shared_ptr<const Program> program = program_;
  const Step& step = program->steps[index_++];
  if (const LegId* subject = std::get_if<LegId>(&subject_)) {
    core_.note([program, &step, outcome, leg = *subject](Observer& observer) {
      observer.on_step_ended(leg, step, outcome);
    });
  }
  const Ask* ask = ask_of(step);
  if (ask == nullptr || !asks(*ask, outcome)) {
    phase_ = Phase::Ready;
    return;
  }
  phase_ = Phase::Asking;
  request_.ask(subject_, ask->document, outcome, [this](Result<Answer> answer) { use(std::move(answer)); });
}

void Runner::use(Result<Answer> answer) {
  if (!answer) {
    return end({Ending::How::Failed, program_failed(answer.error().detail)});
  }
  if (const End* ended = std::get_if<End>(&*answer)) return end({Ending::How::HungUp, ended->reason});
  if (const Replace* replacement = std::get_if<Replace>(&*answer)) return replace(replacement->program);
  phase_ = Phase::Ready;
  core_.wake(*this);
}

void Runner::replace(std::shared_ptr<const Program> program) {
  const LegId* subject = std::get_if<LegId>(&subject_);
  const auto refuse = [&](const std::string& detail) {
    if (subject != nullptr) core_.warn(*subject, "program", detail);
    end({Ending::How::Failed, program_failed(detail)});
  };
  if (const auto valid = validate(*program, place_.role); !valid) return refuse(valid.error().detail);
  if (++documents_without_media_ > base::limits::kDocumentsWithoutMediaMax) {
    return refuse("program: too many documents in a row that play or collect nothing");
  }
  program_ = std::move(program);
  index_ = 0;
  phase_ = Phase::Ready;
  core_.wake(*this);
}

void Runner::no_more_steps() {
  if (!under_.empty()) {
    phase_ = Phase::Draining;
    return;
  }
  end({Ending::How::Ended, kProgramEnded});
}

void Runner::subject_gone() {
  if (phase_ == Phase::Done) return;
  if (phase_ == Phase::Running) {
    step_->cancel(Cancel::Gone);
    tell(program_->steps[index_], step_->outcome_when_gone());
  } else if (phase_ == Phase::Finished) {
    tell(program_->steps[index_], *finished_);
  }
  let_go();
}

void Runner::tell(const Step& step, const Outcome& outcome) {
  const LegId* subject = std::get_if<LegId>(&subject_);
  if (subject != nullptr) {
    core_.note([program = program_, &step, outcome, leg = *subject](Observer& observer) {
      observer.on_step_ended(leg, step, outcome);
    });
  }
  const Ask* ask = ask_of(step);
  // A recording is told of when its file is there.
  if (ask == nullptr || !ask->tell_when_gone || std::holds_alternative<RecordStep>(step.spec)) return;
  if (ask->document) core_.documents().tell(subject_, ask->document, outcome);
}

Consumed Runner::on_watched(const call::Event& event) {
  if (phase_ == Phase::Done) return Consumed::No;
  const bool gone = std::holds_alternative<LegId>(subject_)
                        ? std::holds_alternative<call::LegEnded>(event.what) && event.leg == leg()
                        : std::holds_alternative<call::RoomEnded>(event.what);
  if (gone) {
    subject_gone();
    return Consumed::No;
  }
  if (phase_ == Phase::Answering && std::holds_alternative<call::LegAnswered>(event.what)) {
    phase_ = Phase::Ready;
    core_.wake(*this);
    return Consumed::No;
  }
  Consumed consumed = Consumed::No;
  if (std::holds_alternative<call::DigitReceived>(event.what)) key_pressed_ = true;
  if (phase_ == Phase::Running) consumed = step_->on_event(event);
  const auto* digit = std::get_if<call::DigitReceived>(&event.what);
  if (digit == nullptr || consumed == Consumed::Yes) return consumed;
  if (under_.empty() || !under_.front().barge_in) return consumed;
  typed_ahead_ += digit->digit;
  stop_under();
  return Consumed::Yes;
}

call::Audience Runner::audience() const {
  if (const RoomId* room = std::get_if<RoomId>(&subject_)) return {*room, place_.only};
  const call::Leg* subject = live();
  return {subject == nullptr ? RoomId{} : subject->room, leg()};
}

void Runner::play_under(call::PromptSpec prompt, bool barge_in) {
  under_.push_back(Under{std::move(prompt), barge_in});
  if (under_.size() == 1) next_under();
}

void Runner::next_under() {
  while (!under_.empty()) {
    const auto played = under_sound_.play(audience(), under_.front().prompt, [this](call::PromptEnd) {
      under_.erase(under_.begin());
      next_under();
    });
    if (played) return;
    under_.erase(under_.begin());
  }
  if (const auto then = std::exchange(under_over_, nullptr)) then();
  if (phase_ != Phase::Draining) return;
  phase_ = Phase::Ready;
  core_.wake(*this);
}

void Runner::stop_under() {
  if (under_.empty()) return;
  under_sound_.stop();
  under_.clear();
  next_under();
}

std::string Runner::take_typed_ahead() {
  return std::exchange(typed_ahead_, {});
}

bool Runner::followed() const {
  return program_ != nullptr && index_ + 1 < program_->steps.size();
}

std::string_view Runner::doing() const {
  if (program_ == nullptr || index_ >= program_->steps.size() || phase_ == Phase::Done) return {};
  return step_name(program_->steps[index_].spec.index());
}

}  // namespace sotto::flow
