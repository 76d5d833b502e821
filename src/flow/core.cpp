#include "flow/core.h"

#include <algorithm>

#include "base/check.h"
#include "flow/attachments.h"
#include "flow/conferences.h"
#include "flow/queues.h"
#include "flow/runner.h"

namespace sotto::flow {
namespace {

// The ids that an event is about, besides its leg and room.
Key subject_of(const call::What& what) {
  if (const auto* prompt = std::get_if<call::PromptEnded>(&what)) return key_of(prompt->prompt);
  if (const auto* recording = std::get_if<call::RecordingEnded>(&what))
    return key_of(recording->recording.id);
  if (const auto* speech = std::get_if<call::SpeechHeard>(&what)) return key_of(speech->tap);
  if (const auto* stream = std::get_if<call::StreamChanged>(&what)) return key_of(stream->tap);
  return Key{};
}

}  // namespace

Core::Core(call::Switchboard& switchboard, Documents& documents, base::Timers& timers,
           const base::Clock& clock, Options options)
    : switchboard_(switchboard),
      documents_(documents),
      timers_(timers),
      clock_(clock),
      options_(std::move(options)),
      attachments_(std::make_unique<Attachments>(*this)),
      conferences_(std::make_unique<Conferences>(*this)),
      queues_(std::make_unique<Queues>(*this)) {}

Core::~Core() {
  closing_ = true;
  slots_.clear();
  attachments_.reset();
  graveyard_.clear();
  for (auto& [token, alarm] : alarms_) timers_.stop(alarm.first);
}

Core::Entry::Entry(Core& core) : core_(core), batch_(core.switchboard_) {
  ++core_.depth_;
}

Core::Entry::~Entry() {
  if (core_.depth_ == 1) core_.settle();
  --core_.depth_;
}

void Core::settle() {
  while (!ready_.empty() || !notes_.empty()) {
    while (!ready_.empty()) {
      Runner* runner = ready_.front();
      ready_.pop_front();
      runner->advance();
    }
    if (notes_.empty()) break;
    const auto note = std::move(notes_.front());
    notes_.pop_front();
    for (Observer* observer : observers_) note(*observer);
  }
  graveyard_.clear();
}

const call::Leg* Core::live(LegId leg) const {
  const call::Leg* found = switchboard_.leg(leg);
  return found != nullptr && found->live() ? found : nullptr;
}

Core::Slot* Core::find_slot(LegId leg) {
  const auto it = slots_.find(leg);
  return it == slots_.end() ? nullptr : &it->second;
}

Runner* Core::main_of(LegId leg) {
  Slot* slot = find_slot(leg);
  return slot == nullptr ? nullptr : slot->main.get();
}

void Core::take(LegId leg) {
  drop_replacement(leg);
  Slot& here = slot(leg);
  if (here.main != nullptr) {
    here.main->cancel(Cancel::Replaced);
    bury(std::move(here.main));
    (void)switchboard_.set_driven(leg, false);
  }
  detach(leg);
  (void)switchboard_.end_supervision(leg);
  attachments_->unhold(leg);
  (void)switchboard_.isolate(leg);
}

void Core::detach(LegId leg) {
  Carrier* carrier = std::exchange(slot(leg).carrier, nullptr);
  if (carrier == nullptr) return;
  (void)switchboard_.set_carrier(leg, std::nullopt);
  carrier->on_taken(leg);
}

void Core::bridge(LegId a, LegId b) {
  DialStep talk;
  talk.adopt = b;
  talk.end_caller_with_callee = true;
  auto program = std::make_shared<Program>();
  program->steps = {Step{std::move(talk), Needs::Answering}};
  // One may be carried by the other's dial, which would end it on being taken.
  detach(a);
  detach(b);
  take(b);
  take(a);
  // Out of a room that ended with the other, he may be gone.
  if (live(a) == nullptr) {
    return switchboard_.hang_up(b, {call::EndCause::DriverLeft, call::EndedBy::OtherLeg, 0, {}});
  }
  run_main(a, std::move(program));
}

Runner& Core::make_main(LegId leg) {
  Slot& here = slot(leg);
  here.main = std::make_unique<Runner>(*this, Subject(leg), Runner::Place{}, *this);
  (void)switchboard_.set_driven(leg, true);
  return *here.main;
}

void Core::run_main(LegId leg, std::shared_ptr<const Program> program) {
  make_main(leg).run(std::move(program));
}

void Core::run_main(LegId leg, const DocumentRef& first) {
  make_main(leg).run(first, Answered{});
}

void Core::on_runner_ended(Runner& runner, const Ending& ending) {
  const LegId leg = runner.leg();
  bury(std::move(slot(leg).main));
  note([leg](Observer& observer) { observer.on_program_ended(leg); });
  switchboard_.hang_up(leg, ending.reason);
}

void Core::carry(LegId leg, LegId parent, Carrier& carrier) {
  slot(leg).carrier = &carrier;
  (void)switchboard_.set_carrier(leg, parent);
}

void Core::uncarry(LegId leg) {
  Slot* here = find_slot(leg);
  if (here == nullptr || here->carrier == nullptr) return;
  here->carrier = nullptr;
  (void)switchboard_.set_carrier(leg, std::nullopt);
}

void Core::expect_replacement(LegId leg, const DocumentRef& document, Outcome outcome,
                              std::function<void(std::shared_ptr<const Program>)> use) {
  drop_replacement(leg);
  slot(leg).replacement = ask(Subject(leg), document, outcome, [this, leg, use](Result<Answer> answer) {
    slot(leg).replacement = 0;
    if (!answer || live(leg) == nullptr) return;
    if (const End* end = std::get_if<End>(&*answer)) return switchboard_.hang_up(leg, end->reason);
    const Replace* replace = std::get_if<Replace>(&*answer);
    if (replace == nullptr) return;
    const auto valid = validate(*replace->program, Role::Main);
    if (!valid) return warn(leg, "program", valid.error().detail);
    use(replace->program);
  });
}

void Core::drop_replacement(LegId leg) {
  if (Slot* here = find_slot(leg)) drop_request(here->replacement);
}

void Core::watch(Key key, Watcher& watcher) {
  watchers_[key].push_back(&watcher);
}

void Core::unwatch(Key key, Watcher& watcher) {
  const auto it = watchers_.find(key);
  if (it == watchers_.end()) return;
  const auto found = std::find(it->second.begin(), it->second.end(), &watcher);
  if (found != it->second.end()) it->second.erase(found);
  if (it->second.empty()) watchers_.erase(it);
}

Consumed Core::dispatch(Key key, const call::Event& event, std::vector<Watcher*>& told) {
  const auto it = watchers_.find(key);
  if (it == watchers_.end()) return Consumed::No;
  const auto tell = [&](Watcher* watcher) {
    if (std::find(told.begin(), told.end(), watcher) != told.end()) return Consumed::No;
    told.push_back(watcher);
    return watcher->on_watched(event);
  };
  if (it->second.size() == 1) return tell(it->second.front());
  Consumed consumed = Consumed::No;
  for (Watcher* watcher : std::vector<Watcher*>(it->second)) {
    const auto now = watchers_.find(key);
    if (now == watchers_.end()) break;
    // One that was told before it may have made this one stop watching.
    if (std::find(now->second.begin(), now->second.end(), watcher) == now->second.end()) continue;
    if (tell(watcher) == Consumed::Yes) consumed = Consumed::Yes;
  }
  return consumed;
}

Consumed Core::dispatch(const call::Event& event) {
  std::vector<Watcher*> told;
  Consumed consumed = Consumed::No;
  for (const Key key : {subject_of(event.what), key_of(event.leg), key_of(event.room)}) {
    if (key.valid() && dispatch(key, event, told) == Consumed::Yes) consumed = Consumed::Yes;
  }
  return consumed;
}

void Core::on_event(const call::Event& event) {
  if (closing_) return;
  const Entry entry(*this);
  conferences_->on_event(event);
  const Consumed consumed = dispatch(event);
  attachments_->on_event(event);
  if (std::holds_alternative<call::DigitReceived>(event.what) && consumed == Consumed::No) relay_digit(event);
  if (std::holds_alternative<call::ReferAsked>(event.what) && consumed == Consumed::No) {
    (void)switchboard_.refuse_refer(event.leg, 603);
  }
  if (const auto* ended = std::get_if<call::RecordingEnded>(&event.what)) recorded(ended->recording);
  if (std::holds_alternative<call::LegAnswered>(event.what)) start_what_waited(event.leg);
  if (std::holds_alternative<call::LegEnded>(event.what)) forget(event.leg);
}

void Core::start_what_waited(LegId leg) {
  Slot* found = find_slot(leg);
  if (found == nullptr) return;
  for (const Slot::Waiting& each : std::exchange(found->when_answered, {})) each.start();
}

void Core::forget(LegId leg) {
  drop_replacement(leg);
  const auto it = slots_.find(leg);
  if (it == slots_.end()) return;
  if (it->second.main != nullptr) bury(std::move(it->second.main));
  slots_.erase(it);
}

// In a talk of two, a digit goes on to the other, so that menus behind a bridge work. A supervisor's never
// does, and he does not count.
void Core::relay_digit(const call::Event& event) {
  const std::optional<LegId> peer = peer_of(event.leg);
  if (!peer) return;
  (void)switchboard_.send_digits(*peer, std::string(1, std::get<call::DigitReceived>(event.what).digit));
}

std::optional<LegId> Core::peer_of(LegId leg) const {
  const call::Leg* from = live(leg);
  if (from == nullptr || !from->answered() || switchboard_.supervision_of(leg)) return std::nullopt;
  const call::Room* room = switchboard_.room(from->room);
  if (room == nullptr) return std::nullopt;
  std::vector<LegId> voices;
  for (const LegId member : room->members) {
    if (!switchboard_.supervision_of(member)) voices.push_back(member);
  }
  if (voices.size() != 2) return std::nullopt;
  const LegId peer = voices[0] == leg ? voices[1] : voices[0];
  const call::Leg* to = live(peer);
  if (to == nullptr || !to->answered() || to->facts.waiting || from->facts.waiting) return std::nullopt;
  return peer;
}

uint64_t Core::start_timer(base::Duration delay, std::function<void()> ring) {
  const uint64_t token = next_token_++;
  alarms_[token] = {timers_.start(delay, *this, token), std::move(ring)};
  return token;
}

void Core::stop_timer(uint64_t& timer) {
  const auto it = alarms_.find(std::exchange(timer, 0));
  if (it == alarms_.end()) return;
  timers_.stop(it->second.first);
  alarms_.erase(it);
}

void Core::on_timer(uint64_t token) {
  const Entry entry(*this);
  const auto it = alarms_.find(token);
  CHECK(it != alarms_.end());
  const auto ring = std::move(it->second.second);
  alarms_.erase(it);
  ring();
}

uint64_t Core::ask(const Subject& subject, const DocumentRef& document, const Outcome& outcome,
                   std::function<void(Result<Answer>)> use) {
  const uint64_t request = next_token_++;
  requests_[request] = std::move(use);
  documents_.next(static_cast<RequestId>(request), subject, document, outcome);
  return request;
}

void Core::drop_request(uint64_t& request) {
  const uint64_t dropped = std::exchange(request, 0);
  if (requests_.erase(dropped) != 0) documents_.cancel(static_cast<RequestId>(dropped));
}

void Core::on_document(RequestId request, Result<Answer> answer) {
  const Entry entry(*this);
  const auto it = requests_.find(static_cast<uint64_t>(request));
  if (it == requests_.end()) return;
  const auto use = std::move(it->second);
  requests_.erase(it);
  use(std::move(answer));
}

void Core::tell_when_recorded(call::RecordingId recording, const Subject& subject,
                              const DocumentRef& document, char end_key) {
  if (document) told_when_recorded_[recording] = Told{subject, document, end_key};
}

void Core::recorded(const call::RecordingInfo& recording) {
  const auto it = told_when_recorded_.find(recording.id);
  if (it == told_when_recorded_.end()) return;
  const Told told = it->second;
  told_when_recorded_.erase(it);
  Recorded outcome{recording};
  if (told.end_key != 0) outcome.recording->end_key = told.end_key;
  documents_.tell(told.subject, told.document, outcome);
}

void Core::wake(Runner& runner) {
  ready_.push_back(&runner);
}

void Core::bury(std::unique_ptr<Runner> runner) {
  if (runner != nullptr) graveyard_.push_back(std::move(runner));
}

void Core::note(std::function<void(Observer&)> what) {
  if (!observers_.empty()) notes_.push_back(std::move(what));
}

void Core::warn(LegId leg, std::string code, std::string detail) {
  switchboard_.notice(leg, call::Notice{call::Notice::Level::Error, std::move(code), std::move(detail)});
}

void Alarm::start(base::Duration delay, std::function<void()> ring) {
  stop();
  timer_ = core_.start_timer(delay, [this, ring = std::move(ring)] {
    timer_ = 0;
    ring();
  });
}

void Request::ask(const Subject& subject, const DocumentRef& document, const Outcome& outcome,
                  std::function<void(Result<Answer>)> use) {
  drop();
  request_ = core_.ask(subject, document, outcome, [this, use = std::move(use)](Result<Answer> answer) {
    request_ = 0;
    use(std::move(answer));
  });
}

void Watch::add(Key key) {
  keys_.push_back(key);
  core_.watch(key, watcher_);
}

void Watch::remove(Key key) {
  if (std::erase(keys_, key) != 0) core_.unwatch(key, watcher_);
}

void Watch::clear() {
  for (const Key key : std::exchange(keys_, {})) core_.unwatch(key, watcher_);
}

Result<void> Sound::play(const call::Audience& audience, call::PromptSpec spec,
                         std::function<void(call::PromptEnd)> over) {
  stop();
  auto prompt = core_.board().play(audience, std::move(spec));
  if (!prompt) return fail(prompt.error());
  prompt_ = *prompt;
  over_ = std::move(over);
  watch_.add(key_of(*prompt));
  return {};
}

void Sound::stop() {
  if (!prompt_) return;
  watch_.clear();
  core_.board().stop(*std::exchange(prompt_, std::nullopt));
}

void Sound::leave() {
  watch_.clear();
  prompt_.reset();
}

Consumed Sound::on_watched(const call::Event& event) {
  const auto* ended = std::get_if<call::PromptEnded>(&event.what);
  if (ended == nullptr || prompt_ != ended->prompt) return Consumed::No;
  watch_.clear();
  prompt_.reset();
  if (const auto over = std::move(over_)) over(ended->how);
  return Consumed::No;
}

milliseconds sending_time(const std::string& digits) {
  milliseconds total{0};
  for (const char digit : digits) {
    if (digit == 'W') {
      total += 1000ms;
    } else {
      total += digit == 'w' || digit == 'p' ? 500ms : 200ms;
    }
  }
  return total;
}

}  // namespace sotto::flow
