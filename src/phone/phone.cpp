#include "phone/phone.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "base/check.h"
#include "base/log.h"
#include "text/json.h"

namespace sotto::phone {
namespace {

constexpr milliseconds kRegisteringInterval{50};  // between two looks whether we are

std::string folder_of(const std::string& path) {
  const auto parent = std::filesystem::path(path).parent_path();
  return parent.empty() ? "." : parent.string();
}

// A phone takes calls from anybody: its directory holds one trunk, which is everybody, and one for the place
// where it registers, which takes the numbers that it dials.
std::shared_ptr<const directory::Snapshot> surroundings(const Script& script, base::Random& random) {
  directory::Entities entities;
  directory::Trunk everybody;
  everybody.id = directory::TrunkId::make(random);
  everybody.name = "everybody";
  everybody.allow_from = {"0.0.0.0/0", "::/0"};
  entities.trunks.push_back(std::move(everybody));
  if (!script.registrar.empty()) {
    directory::Trunk home;
    home.id = directory::TrunkId::make(random);
    home.name = "home";
    home.hosts = {script.registrar};
    home.user = script.user;
    home.password = script.password;
    home.registers = true;
    home.probes = false;
    home.format = directory::NumberFormat::Bare;
    entities.trunks.push_back(std::move(home));
  }
  auto snapshot = directory::Snapshot::create(std::move(entities));
  CHECK(snapshot.has_value());
  return *snapshot;
}

base::Address party(const std::string& text) {
  const bool uri = text.starts_with("sip:") || text.starts_with("sips:");
  return {uri ? base::Address::Kind::Sip : base::Address::Kind::Number, text, {}};
}

}  // namespace

Phone::Phone(net::Loop& loop, Script script, Say say)
    : loop_(loop),
      script_(std::move(script)),
      say_(std::move(say)),
      pool_(loop, 1),
      files_(pool_, {}),
      prompts_(pool_, files_,
               [this](const call::Speech&, sound::Prompts::Spoken spoken) {
                 pool_.later([spoken = std::move(spoken)] {
                   spoken(fail(ErrorCode::Unsupported, "speech: a phone plays files and tones"));
                 });
               }),
      folder_(folder_of(script_.record)) {}

Phone::~Phone() {
  for (base::TimerId& timer : timers_) loop_.timers().stop(timer);
}

Result<std::unique_ptr<Phone>> Phone::start(net::Loop& loop, Script script, Say say) {
  std::unique_ptr<Phone> phone(new Phone(loop, std::move(script), std::move(say)));
  if (auto opened = phone->open(); !opened) return fail(opened.error());
  return phone;
}

Result<void> Phone::open() {
  if (!script_.record.empty()) recorder_ = std::make_unique<sound::FileRecorder>(loop_, folder_);
  telephony::StackSettings settings;
  settings.sip_transports.listen = script_.listen;
  settings.media.bind_ip = script_.listen.address.to_string();
  settings.media.port_min = script_.rtp_port_min;
  settings.media.real_time_priority = true;
  settings.media.port_max = static_cast<uint16_t>(script_.rtp_port_min + kPortsPerPhone);
  settings.gateway.domain = script_.listen.address.to_string();
  settings.gateway.media_silence_max = milliseconds(0);
  settings.gateway.telephone_events = script_.keys == Script::Keys::Events;
  settings.sip.product = "Sotto phone";
  auto stack = telephony::Stack::start(loop_, settings, {prompts_, recorder_.get()});
  if (!stack) return fail(stack.error());
  stack_ = std::move(*stack);
  base::SystemRandom random;
  stack_->set_directory(surroundings(script_, random));
  stack_->switchboard().add_sink(*this);
  if (!script_.registrar.empty()) start(Registering, kRegisteringInterval);
  return script_.dial.empty() ? Result<void>{} : dial();
}

Result<void> Phone::dial() {
  call::NewLeg leg;
  leg.to = party(script_.dial);
  leg.from = {base::Address::Kind::Number, script_.user, {}};
  auto dialled = stack_->switchboard().dial(std::move(leg));
  if (!dialled) return fail(dialled.error());
  return {};
}

void Phone::report(const call::Event& event, std::string_view name, std::string_view key,
                   const std::string& value) {
  text::JsonObject line{{"event", std::string(name)},
                        {"at_us", static_cast<int64_t>(event.wall.time_since_epoch().count())}};
  if (!key.empty()) line.set(std::string(key), value);
  say_(text::to_text(text::Json(std::move(line))));
}

void Phone::on_event(const call::Event& event) {
  if (std::holds_alternative<call::LegCreated>(event.what)) return on_created(event);
  if (const auto* recorded = std::get_if<call::RecordingEnded>(&event.what))
    return on_recording(recorded->recording);
  if (!leg_ || event.leg != *leg_) return;
  if (const auto* ringing = std::get_if<call::LegRinging>(&event.what)) {
    report(event, "ringing", "early_media", ringing->early_media ? "yes" : "no");
  } else if (std::holds_alternative<call::LegAnswered>(event.what)) {
    on_answered(event);
  } else if (const auto* digit = std::get_if<call::DigitReceived>(&event.what)) {
    report(event, "digit", "digit", std::string(1, digit->digit));
  } else if (const auto* asked = std::get_if<call::ReferProgress>(&event.what)) {
    report(event, "transfer", "status", std::to_string(asked->notify_code));
  } else if (const auto* held = std::get_if<call::FarHold>(&event.what)) {
    report(event, held->on ? "held" : "resumed");
  } else if (const auto* ended = std::get_if<call::LegEnded>(&event.what)) {
    over_ = true;
    report(event, "ended", "reason", std::string(to_string(ended->reason.cause)));
  }
}

void Phone::on_created(const call::Event& event) {
  call::Switchboard& board = stack_->switchboard();
  const bool inbound = board.leg(event.leg)->direction == call::Direction::Inbound;
  if (leg_) {
    board.hang_up(event.leg, {call::EndCause::Busy, call::EndedBy::Platform, 486, {}});
    return;
  }
  leg_ = event.leg;
  report(event, inbound ? "incoming" : "dialling", inbound ? "from" : "to",
         inbound ? board.leg(event.leg)->from.text : script_.dial);
  if (!script_.record.empty()) {
    call::RecordingSpec spec;
    spec.policy = call::RecordingPolicy::OneVoice;
    if (auto recording = board.record(event.leg, spec)) {
      recording_ = *recording;
      report(event, "recording");
    }
  }
  if (!inbound) return;
  if (script_.reject_with != 0) {
    board.hang_up(event.leg, {call::EndCause::Declined, call::EndedBy::Platform, script_.reject_with, {}});
    return;
  }
  if (auto rung = board.progress(event.leg, call::Progress::Ringing); !rung) return;
  start(Answer, script_.ring);
}

void Phone::start(Timer timer, milliseconds delay) {
  timers_[timer] = loop_.timers().start(delay, *this, timer);
}

void Phone::on_answered(const call::Event& event) {
  answered_ = true;
  report(event, "answered");
  say_something();
  if (!script_.press.empty()) start(Press, script_.press_after);
  if (script_.hold_after.count() > 0) start(Hold, script_.hold_after);
  if (!script_.transfer.empty()) start(Transfer, script_.transfer_after);
  if (script_.hang_up_after.count() > 0) start(HangUp, script_.hang_up_after);
}

void Phone::say_something() {
  call::Switchboard& board = stack_->switchboard();
  call::PromptSpec said;
  said.loops = 0;
  if (!script_.play.empty()) {
    said.playlist.emplace_back(call::AudioFile{script_.play});
  } else if (script_.tone_hz > 0) {
    call::Tone tone;
    tone.kind = call::Tone::Kind::Sine;
    tone.hertz = script_.tone_hz;
    said.playlist.emplace_back(tone);
  }
  if (said.playlist.empty()) return;
  auto playing = board.play({board.leg(*leg_)->room, *leg_}, std::move(said));
  if (!playing) base::log(base::LogLevel::Error, "phone", "cannot play", {{"why", playing.error().detail}});
}

void Phone::on_timer(uint64_t token) {
  timers_[token] = base::TimerId::None;
  if (token == Registering) return look_at_registration();
  const call::Leg* leg = leg_ ? stack_->switchboard().leg(*leg_) : nullptr;
  if (leg == nullptr || !leg->live()) return;
  switch (static_cast<Timer>(token)) {
    case Answer:
      if (auto answered = stack_->switchboard().answer(*leg_); !answered)
        base::log(base::LogLevel::Warning, "phone", "cannot answer", {{"why", answered.error().detail}});
      return;
    case Press: return press();
    case Hold:
    case Resume: return hold(token == Hold);
    case Transfer: return transfer();
    case HangUp:
      return stack_->switchboard().hang_up(*leg_, {call::EndCause::HungUp, call::EndedBy::Platform, 0, {}});
    case Registering:
    case Count: break;
  }
  CHECK(false);
}

void Phone::look_at_registration() {
  for (const auto& trunk : stack_->trunks()) {
    if (!trunk.registered) continue;
    return say_(text::to_text(
        text::JsonObject{{"event", "registered"},
                         {"at_us", static_cast<int64_t>(loop_.clock().wall().time_since_epoch().count())}}));
  }
  start(Registering, kRegisteringInterval);
}

void Phone::press() {
  const auto send = [this]() -> Result<void> {
    if (script_.keys != Script::Keys::Info) return stack_->switchboard().send_digits(*leg_, script_.press);
    for (const char digit : script_.press) {
      if (auto sent = stack_->gateway().send_digit_in_info(*leg_, digit); !sent) return sent;
    }
    return {};
  };
  if (auto sent = send(); !sent)
    base::log(base::LogLevel::Warning, "phone", "cannot press", {{"why", sent.error().detail}});
}

void Phone::hold(bool on) {
  if (auto held = stack_->gateway().hold_far_end(*leg_, on); !held) {
    base::log(base::LogLevel::Warning, "phone", on ? "cannot hold" : "cannot go on",
              {{"why", held.error().detail}});
    return;
  }
  if (on) start(Resume, script_.hold_length);
}

// The far end tells how it went; a transfer that it makes ends our call.
void Phone::transfer() {
  base::Address target = party(script_.transfer);
  if (target.kind == base::Address::Kind::Number && !script_.registrar.empty())
    target = {base::Address::Kind::Sip, "sip:" + target.text + "@" + script_.registrar, {}};
  if (auto asked = stack_->switchboard().refer(*leg_, target, {}); !asked)
    base::log(base::LogLevel::Warning, "phone", "cannot transfer", {{"why", asked.error().detail}});
}

void Phone::on_recording(const call::RecordingInfo& recording) {
  if (!recording_ || recording.id != *recording_) return;
  recording_.reset();
  if (std::rename((folder_ + "/" + recording.path).c_str(), script_.record.c_str()) != 0) {
    base::log(base::LogLevel::Error, "phone", "recording not kept", {{"why", std::strerror(errno)}});
  }
}

}  // namespace sotto::phone
