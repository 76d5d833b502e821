#include "dialect/voipnow/programs.h"

#include "dialect/voipnow/name.h"

namespace sotto::voipnow {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kVoicemail = "voicemail ";
constexpr auto kMessageMax = 300s;
constexpr auto kMessageSilence = 5s;
// Nobody's melody: a quiet note now and then tells the waiting party that the line is alive.
constexpr float kWaitingNoteHertz = 425;
constexpr auto kWaitingNote = 250ms;
constexpr auto kWaitingPause = 3750ms;
constexpr float kWaitingGain_db = -12;

}  // namespace

ProgramPtr make_program(std::vector<flow::Step> steps) {
  auto made = std::make_shared<flow::Program>();
  made->steps = std::move(steps);
  return made;
}

call::PromptSpec hold_music(const std::string& file) {
  call::PromptSpec music;
  music.loops = 0;
  if (!file.empty()) {
    music.playlist = {call::AudioFile{file}};
    return music;
  }
  call::Tone note;
  note.kind = call::Tone::Kind::Sine;
  note.hertz = kWaitingNoteHertz;
  note.length = kWaitingNote;
  music.playlist = {note, call::Silence{kWaitingPause}};
  music.gain_db = kWaitingGain_db;
  return music;
}

flow::DialStep dial_step(const DialOrder& order) {
  flow::DialStep dial;
  for (const base::Address& to : order.to) {
    flow::Destination destination;
    destination.to = to;
    destination.screening.accept = flow::Accept::AnyAnswer;
    dial.destinations.push_back(std::move(destination));
  }
  dial.from = order.from;
  dial.ring_timeout = order.ring;
  if (order.talk.count() > 0) dial.talk_max = order.talk;
  dial.ringback.own = call::PromptSpec{{call::Tone{}}, 0, 0.0F};
  dial.ringback.far_end = true;
  dial.end_caller_with_callee = true;
  dial.ask = order.ask;
  return dial;
}

std::string conference_room(const std::string& extension, const std::string& number) {
  const std::string room = "voipnow conference " + extension;
  return number.empty() ? room : room + " " + number;
}

ProgramPtr voicemail(const directory::Phone& mailbox, const std::string& greeting_file) {
  flow::PlayStep greeting;
  if (greeting_file.empty()) {
    const std::string name = mailbox.caller_id_name.empty() ? "The person" : mailbox.caller_id_name;
    call::Speech speech;
    speech.runs = {call::SpeechRun{name + " is not available. Please leave a message after the tone."}};
    greeting.prompt.playlist = {std::move(speech)};
  } else {
    greeting.prompt.playlist = {call::AudioFile{greeting_file}};
  }
  flow::RecordStep message;
  message.spec.policy = call::RecordingPolicy::OneVoice;
  message.spec.beep = true;
  message.spec.end_on_silence = kMessageSilence;
  message.spec.end_on_keys = "#";
  message.spec.length_max = kMessageMax;
  message.spec.owner = voicemail_owner(mailbox.extension);
  return make_program({{greeting}, {message}, {flow::HangUpStep{}}});
}

std::string voicemail_owner(std::string_view extension) {
  return std::string(kVoicemail) + std::string(extension);
}

std::optional<std::string> mailbox_of(std::string_view owner) {
  if (!owner.starts_with(kVoicemail)) return std::nullopt;
  return std::string(owner.substr(kVoicemail.size()));
}

flow::DocumentRef FollowUps::add(call::LegId leg, Make make) {
  const uint64_t id = next_++;
  entries_[id] = {leg, std::move(make)};
  by_leg_.emplace(leg, id);
  return {std::string(kName), id};
}

ProgramPtr FollowUps::make(const flow::DocumentRef& document, const flow::Outcome& outcome) const {
  const auto it = entries_.find(document.id);
  return it == entries_.end() ? nullptr : it->second.make(outcome);
}

void FollowUps::forget(call::LegId leg) {
  const auto [first, last] = by_leg_.equal_range(leg);
  for (auto it = first; it != last; ++it) entries_.erase(it->second);
  by_leg_.erase(leg);
}

}  // namespace sotto::voipnow
