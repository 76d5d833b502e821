#include "telephony/media_control.h"

#include "base/check.h"
#include "base/log.h"

namespace sotto::telephony {
namespace {

uint16_t channels_of(const call::RecordingSpec& spec) {
  switch (spec.policy) {
    case call::RecordingPolicy::Mixed:
    case call::RecordingPolicy::OneVoice:
    case call::RecordingPolicy::OneEar: return 1;
    case call::RecordingPolicy::SaidAndHeard:
    case call::RecordingPolicy::CallerCallee: return 2;
    case call::RecordingPolicy::TrackPerLeg: return static_cast<uint16_t>(std::max(spec.channels, 1));
  }
  CHECK(false);
}

call::MachineVerdict::Kind verdict_of(audio::MachineDetector::Verdict verdict) {
  using Verdict = audio::MachineDetector::Verdict;
  using Kind = call::MachineVerdict::Kind;
  switch (verdict) {
    case Verdict::Human: return Kind::Human;
    case Verdict::MachineStart: return Kind::MachineStart;
    case Verdict::MachineEndBeep: return Kind::MachineEndBeep;
    case Verdict::MachineEndSilence: return Kind::MachineEndSilence;
    case Verdict::MachineEndOther: return Kind::MachineEndOther;
    case Verdict::Fax: return Kind::Fax;
    case Verdict::None:
    case Verdict::Unknown: break;
  }
  return Kind::Unknown;
}

}  // namespace

void MediaControl::connect(media::Engine& engine, call::Switchboard& switchboard) {
  engine_ = &engine;
  switchboard_ = &switchboard;
  socket_audio_.connect(engine, switchboard, [this](std::function<void()> what) { later_(std::move(what)); });
}

Result<media::LocalPorts> MediaControl::ports_of(call::LegId leg) const {
  const auto it = legs_.find(leg);
  if (it == legs_.end()) return fail(ErrorCode::NotFound, "leg: it has no sound");
  return it->second;
}

Result<void> MediaControl::configure(call::LegId leg, const media::LegSettings& settings) {
  return engine_->configure_leg(leg, settings);
}

void MediaControl::open_leg(call::LegId leg, call::RoomId room) {
  legs_.emplace(leg, engine_->open_leg(leg, room));
}

void MediaControl::close_leg(call::LegId leg) {
  const auto node = legs_.extract(leg);
  if (!node.empty() && node.mapped()) engine_->close_leg(leg);
}

void MediaControl::apply(const hearing::PlanDelta& delta) {
  engine_->apply(delta);
}

void MediaControl::move_leg(call::LegId leg, call::RoomId, call::RoomId to) {
  engine_->move_leg(leg, to);
  for (const auto& [id, recording] : recordings_) {
    if (recording.leg == leg) engine_->move_tap(recording.tap, to);
  }
  for (const auto& [tap, speaker] : recognitions_) {
    if (speaker == leg) engine_->move_tap(tap, to);
  }
  socket_audio_.move_leg(leg, to);
}

void MediaControl::close_room(call::RoomId room) {
  engine_->close_room(room);
}

void MediaControl::watch_speakers(call::RoomId room) {
  engine_->watch_levels(room, true);
}

void MediaControl::start_prompt(const call::PromptStart& start) {
  if (start_way_back(start)) return;
  prompts_[start.prompt] = Prompt{start.room};
  ports_.prompts.make(start.spec, [this, prompt = start.prompt](Result<media::Playlist> playlist) {
    prompt_made(prompt, std::move(playlist));
  });
}

// What comes back from a stream needs no making: it plays as it comes.
bool MediaControl::start_way_back(const call::PromptStart& start) {
  if (start.spec.playlist.size() != 1) return false;
  const auto* inflow = std::get_if<call::Inflow>(&start.spec.playlist.front());
  auto ring = inflow == nullptr ? nullptr : socket_audio_.way_back(inflow->stream);
  if (ring == nullptr) return false;
  prompts_[start.prompt] = Prompt{start.room, true};
  media::Playlist playlist;
  playlist.clips = {media::StreamClip{std::move(ring)}};
  playlist.gain_db = start.spec.gain_db;
  engine_->start_prompt(start.prompt, start.room, std::move(playlist));
  return true;
}

void MediaControl::prompt_made(call::PromptId prompt, Result<media::Playlist> playlist) {
  const auto it = prompts_.find(prompt);
  if (it == prompts_.end()) return;  // stopped meanwhile
  if (!playlist) {
    prompts_.erase(it);
    switchboard_->on_prompt_ended(prompt, call::PromptEnd::Failed, playlist.error().detail);
    return;
  }
  it->second.playing = true;
  engine_->start_prompt(prompt, it->second.room, std::move(*playlist));
}

void MediaControl::stop_prompt(call::PromptId prompt) {
  const auto node = prompts_.extract(prompt);
  if (!node.empty() && node.mapped().playing) engine_->stop_prompt(prompt);
}

void MediaControl::start_recording(const call::RecordingStart& start) {
  recordings_[start.recording] = {start.tap, start.leg};
  if (ports_.recorder == nullptr) {
    call::RecordingInfo info;
    info.id = start.recording;
    info.end = call::RecordingEnd::Failed;
    later_([this, info] { recording_ended(info); });
    return;
  }
  auto tap = engine_->open_tap(start.tap, start.room, channels_of(start.spec));
  ports_.recorder->start(start, std::move(tap),
                         [this](call::RecordingInfo info) { recording_ended(std::move(info)); });
}

void MediaControl::recording_ended(call::RecordingInfo info) {
  const auto node = recordings_.extract(info.id);
  if (node.empty()) return;
  if (ports_.recorder != nullptr) engine_->close_tap(node.mapped().tap);
  switchboard_->on_recording_ended(std::move(info));
}

void MediaControl::pause_recording(call::RecordingId recording, bool paused) {
  const auto it = recordings_.find(recording);
  if (it != recordings_.end() && ports_.recorder != nullptr) engine_->pause_tap(it->second.tap, paused);
}

void MediaControl::stop_recording(call::RecordingId recording) {
  if (ports_.recorder != nullptr) ports_.recorder->stop(recording);
}

void MediaControl::send_digits(call::LegId leg, const std::string& digits) {
  if (socket_audio_.send_digits(leg, digits)) return;
  if (auto sent = engine_->send_digits(leg, digits); !sent) {
    base::log(base::LogLevel::Warning, "telephony", "digits not sent", {{"why", sent.error().detail}});
  }
}

void MediaControl::detect_machine(call::LegId leg, const call::MachineDetection& detection) {
  const audio::MachineRules rules{.wait_for_message_end = detection.wait_for_message_end,
                                  .timeout = detection.timeout,
                                  .speech_threshold = detection.speech_threshold,
                                  .speech_end_threshold = detection.speech_end_threshold,
                                  .silence_timeout = detection.silence_timeout};
  if (engine_->detect_machine(leg, rules)) return;
  // A leg without sound: nobody will ever say anything.
  later_([this, leg] { switchboard_->on_machine_verdict(leg, call::MachineVerdict{}); });
}

void MediaControl::start_recognition(call::LegId leg, call::TapId tap, const call::RecognitionSpec& spec) {
  const call::Leg* subject = switchboard_->leg(leg);
  if (ports_.recogniser == nullptr || subject == nullptr) {
    later_([this, tap] {
      call::SpeechHeard heard;
      heard.tap = tap;
      heard.reason = "error: no speech recognition is configured";
      switchboard_->on_speech(std::move(heard));
    });
    return;
  }
  recognitions_[tap] = leg;
  ports_.recogniser->start(tap, spec, engine_->open_tap(tap, subject->room, 1),
                           [this](call::SpeechHeard heard) { speech_heard(std::move(heard)); });
}

void MediaControl::speech_heard(call::SpeechHeard heard) {
  if (heard.final && recognitions_.erase(heard.tap) != 0) engine_->close_tap(heard.tap);
  switchboard_->on_speech(std::move(heard));
}

void MediaControl::stop_recognition(call::TapId tap) {
  if (recognitions_.erase(tap) == 0) return;
  ports_.recogniser->stop(tap);
  engine_->close_tap(tap);
}

void MediaControl::start_stream(call::LegId leg, call::TapId tap, const call::StreamSpec& spec) {
  socket_audio_.start_stream(leg, tap, spec);
}

void MediaControl::stop_stream(call::TapId tap) {
  socket_audio_.stop_stream(tap);
}

void MediaControl::on_media_event(const media::Event& event) {
  if (const auto* applied = std::get_if<media::PlanApplied>(&event)) {
    switchboard_->on_plan_applied(applied->room, applied->revision, applied->at);
  } else if (const auto* ended = std::get_if<media::PromptEnded>(&event)) {
    if (prompts_.erase(ended->prompt) != 0) {
      switchboard_->on_prompt_ended(ended->prompt, call::PromptEnd::Finished, {});
    }
  } else if (const auto* digit = std::get_if<media::DigitHeard>(&event)) {
    switchboard_->on_digit(digit->leg, digit->digit, std::chrono::milliseconds(100));
  } else if (const auto* heard = std::get_if<media::MachineHeard>(&event)) {
    switchboard_->on_machine_verdict(heard->leg, {verdict_of(heard->verdict), heard->after});
  } else if (const auto* closed = std::get_if<media::LegClosed>(&event)) {
    const media::LegStatistics& statistics = closed->statistics;
    const bool any = statistics.packets_received + statistics.packets_sent > 0;
    if (any && measured_) measured_(closed->leg, statistics);
  } else if (const auto* lost = std::get_if<media::MediaLost>(&event)) {
    switchboard_->on_media_lost(lost->leg);
  } else if (const auto* talks = std::get_if<media::SpeakerChanged>(&event)) {
    switchboard_->on_speaker(talks->room, talks->leg.valid() ? std::optional(talks->leg) : std::nullopt);
  } else if (std::holds_alternative<media::AudienceViolation>(event)) {
    base::log(base::LogLevel::Error, "telephony",
              "a plan asked for a cell outside a source's audience; it was dropped");
  }
}

}  // namespace sotto::telephony
