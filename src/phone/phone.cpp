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

constexpr uint16_t kRtpPorts = 100;

std::string folder_of(const std::string& path) {
  const auto parent = std::filesystem::path(path).parent_path();
  return parent.empty() ? "." : parent.string();
}

// A phone takes calls from anybody: its directory holds one trunk, which is everybody.
std::shared_ptr<const directory::Snapshot> everybody(base::Random& random) {
  directory::Entities entities;
  directory::Trunk trunk;
  trunk.id = directory::TrunkId::make(random);
  trunk.name = "everybody";
  trunk.allow_from = {"0.0.0.0/0", "::/0"};
  entities.trunks.push_back(std::move(trunk));
  auto snapshot = directory::Snapshot::create(std::move(entities));
  CHECK(snapshot.has_value());
  return *snapshot;
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
  settings.media.port_max = static_cast<uint16_t>(script_.rtp_port_min + kRtpPorts);
  settings.gateway.domain = script_.listen.address.to_string();
  settings.gateway.media_silence_max = milliseconds(0);
  settings.sip.product = "Sotto phone";
  auto stack = telephony::Stack::start(loop_, settings, {prompts_, recorder_.get()});
  if (!stack) return fail(stack.error());
  stack_ = std::move(*stack);
  base::SystemRandom random;
  stack_->set_directory(everybody(random));
  stack_->switchboard().add_sink(*this);
  return script_.dial.empty() ? Result<void>{} : dial();
}

Result<void> Phone::dial() {
  call::NewLeg leg;
  leg.to = {base::Address::Kind::Sip, script_.dial, {}};
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
  timers_[Answer] = loop_.timers().start(script_.ring, *this, Answer);
}

void Phone::on_answered(const call::Event& event) {
  answered_ = true;
  report(event, "answered");
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
  if (!said.playlist.empty()) {
    auto playing = board.play({board.leg(*leg_)->room, *leg_}, std::move(said));
    if (!playing) base::log(base::LogLevel::Error, "phone", "cannot play", {{"why", playing.error().detail}});
  }
  if (!script_.press.empty()) timers_[Press] = loop_.timers().start(script_.press_after, *this, Press);
  if (script_.hang_up_after.count() > 0)
    timers_[HangUp] = loop_.timers().start(script_.hang_up_after, *this, HangUp);
}

void Phone::on_timer(uint64_t token) {
  timers_[token] = base::TimerId::None;
  const call::Leg* leg = leg_ ? stack_->switchboard().leg(*leg_) : nullptr;
  if (leg == nullptr || !leg->live()) return;
  call::Switchboard& board = stack_->switchboard();
  if (token == Answer) {
    if (auto answered = board.answer(*leg_); !answered) {
      base::log(base::LogLevel::Warning, "phone", "cannot answer", {{"why", answered.error().detail}});
    }
  } else if (token == Press) {
    if (auto sent = board.send_digits(*leg_, script_.press); !sent) {
      base::log(base::LogLevel::Warning, "phone", "cannot press", {{"why", sent.error().detail}});
    }
  } else {
    board.hang_up(*leg_, {call::EndCause::HungUp, call::EndedBy::Platform, 0, {}});
  }
}

void Phone::on_recording(const call::RecordingInfo& recording) {
  if (!recording_ || recording.id != *recording_) return;
  recording_.reset();
  if (std::rename((folder_ + "/" + recording.path).c_str(), script_.record.c_str()) != 0) {
    base::log(base::LogLevel::Error, "phone", "recording not kept", {{"why", std::strerror(errno)}});
  }
}

}  // namespace sotto::phone
