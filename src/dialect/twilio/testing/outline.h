#pragma once

#include <string>
#include <vector>

#include "dialect/twilio/twiml/parser.h"
#include "text/time_format.h"

// Programs as one line for each step, for tests that compare whole outcomes.
namespace sotto::twilio::testing {

using namespace std::chrono_literals;

// Keeps what the document refers to; the reference is the place in the list, from 1.
struct RecordedLinks final : Links {
  flow::DocumentRef add(Link link) override {
    links.push_back(std::move(link));
    return {"twilio", links.size()};
  }
  std::string text(const flow::DocumentRef& document) const {
    if (!document) return "-";
    const Link& link = links.at(document.id - 1);
    return std::string(to_string(link.method)) + " " + (link.url.empty() ? "?" : link.url);
  }
  std::vector<Link> links;
};

inline std::string number(float value) {
  std::string out = std::to_string(value);
  return out.substr(0, out.find('.') + 2);
}

inline std::string outline(const call::PromptSpec& spec) {
  std::string out;
  for (const call::Sound& sound : spec.playlist) {
    if (const auto* speech = std::get_if<call::Speech>(&sound)) {
      out += "'";
      for (const call::SpeechRun& run : speech->runs) out += run.text;
      out += "' " + speech->language + " " + speech->voice;
    } else if (const auto* file = std::get_if<call::AudioFile>(&sound)) {
      out += file->url;
    } else if (const auto* tone = std::get_if<call::Tone>(&sound)) {
      if (tone->kind == call::Tone::Kind::Sine) return "music";
      out += "tone " + tone->country;
    }
  }
  return spec.loops == 1 ? out : out + " x" + std::to_string(spec.loops);
}

class Describer {
 public:
  explicit Describer(const RecordedLinks& links) : links_(links) {}

  std::string operator()(const flow::AnswerStep&) const { return "answer"; }
  std::string operator()(const flow::PlayStep& step) const { return "play " + outline(step.prompt); }
  std::string operator()(const flow::PauseStep& step) const {
    return "pause " + std::to_string(step.length / 1000ms);
  }
  std::string operator()(const flow::GatherStep& step) const {
    std::string out = "gather";
    for (const auto& prompt : step.prompts) {
      out += " [" + std::visit([this](const auto& each) { return (*this)(each); }, prompt) + "]";
    }
    if (step.digits) out += " digits " + std::to_string(step.digits_max) + " end '" + step.finish_keys + "'";
    if (step.speech) {
      out += " speech " + step.recognition.language + " silence " +
             std::to_string(step.recognition.end_silence / 1ms) + " max " +
             std::to_string(step.recognition.length_max / 1000ms);
      for (const std::string& hint : step.recognition.hints) out += " hint " + hint;
    }
    out += " timeout " + std::to_string(step.first_digit_timeout / 1000ms);
    if (!step.barge_in) out += " no barge";
    if (step.partial_results) out += " partial " + links_.text(step.partial_results);
    return out + ask(step.ask);
  }
  std::string operator()(const flow::DialStep& step) const {
    std::string out = step.order == flow::Order::InTurn ? "dial in turn" : "dial";
    for (const flow::Destination& each : step.destinations) out += " " + describe_callee(each);
    out += " from " + address_text(step.from) + " ring " + std::to_string(step.ring_timeout / 1000ms) +
           " talk " + std::to_string(step.talk_max.count());
    if (step.ringback.own) out += " ringback " + outline(*step.ringback.own);
    if (step.ringback.far_end) out += " far";
    if (!step.caller_drop_keys.empty()) out += " drop " + step.caller_drop_keys;
    if (step.recording) {
      out += " record " + std::to_string(static_cast<int>(step.recording->spec.policy));
      if (step.recording->from_ringing) out += " early";
      if (step.recording->spec.trim_silence) out += " trim";
    }
    if (step.on_refer == flow::DialStep::OnRefer::AskDocument) {
      out += " refer " + links_.text(step.refer_document);
    }
    return out + ask(step.ask);
  }
  std::string operator()(const flow::JoinRoomStep& step) const {
    std::string out = "join " + step.room;
    if (!step.start_on_enter) out += " waits";
    if (step.end_on_exit) out += " ends";
    if (step.muted) out += " muted";
    if (step.beep_on_enter) out += " beep-in";
    if (step.beep_on_exit) out += " beep-out";
    if (step.legs_max != 250) out += " max " + std::to_string(step.legs_max);
    if (const auto* music = std::get_if<call::PromptSpec>(&step.wait)) out += " hears " + outline(*music);
    if (const auto* wait = std::get_if<flow::DocumentRef>(&step.wait)) out += " wait " + links_.text(*wait);
    if (step.coach) out += " coach " + base::to_hex(step.coach->target);
    if (step.recording) out += step.recording->trim_silence ? " record trim" : " record";
    if (!step.leave_keys.empty()) out += " leave " + step.leave_keys;
    return out + " time " + std::to_string(step.time_max.count()) + ask(step.ask);
  }
  std::string operator()(const flow::EnqueueStep& step) const {
    std::string out = "enqueue " + step.queue + " max " + std::to_string(step.size_max);
    if (step.music) out += " hears " + outline(*step.music);
    if (step.wait) out += " wait " + links_.text(step.wait);
    return out + ask(step.ask);
  }
  std::string operator()(const flow::LeaveQueueStep&) const { return "leave"; }
  std::string operator()(const flow::DequeueStep& step) const {
    std::string out = "dequeue " + step.queue + " timeout " + std::to_string(step.timeout / 1000ms);
    if (step.before_bridge) out += " whisper " + links_.text(step.before_bridge);
    return out + ask(step.ask);
  }
  std::string operator()(const flow::RecordStep& step) const {
    std::string out = "record " + std::to_string(static_cast<int>(step.spec.policy));
    if (step.wait == flow::Wait::No) return out + " beside '" + step.tag + "'";
    out += " silence " + std::to_string(step.spec.end_on_silence / 1000ms) + " keys '" +
           step.spec.end_on_keys + "' max " + std::to_string(step.spec.length_max.count());
    if (step.spec.beep) out += " beep";
    if (step.spec.trim_silence) out += " trim";
    return out + ask(step.ask);
  }
  std::string operator()(const flow::StopRecordingStep& step) const {
    return "stop recording '" + step.tag + "'";
  }
  std::string operator()(const flow::SendDigitsStep& step) const { return "digits " + step.digits; }
  std::string operator()(const flow::ReferStep& step) const {
    return "refer " + address_text(step.target) + ask(step.ask);
  }
  std::string operator()(const flow::StreamStep& step) const {
    std::string out = "stream " + step.spec.url;
    if (!step.spec.name.empty()) out += " '" + step.spec.name + "'";
    out += " tracks " + std::to_string(step.spec.tracks.size());
    if (step.spec.both_ways) out += " both ways";
    return out + ask(step.ask);
  }
  std::string operator()(const flow::StopStreamStep& step) const { return "stop stream '" + step.name + "'"; }
  std::string operator()(const flow::SuperviseStep&) const { return "supervise"; }
  std::string operator()(const flow::HangUpStep& step) const {
    return step.reason.cause == call::EndCause::NotAccepted ? "decline" : "hang up";
  }
  std::string operator()(const flow::RejectStep& step) const {
    return "reject " + std::to_string(step.reason.sip_code);
  }
  std::string operator()(const flow::AskStep& step) const { return "ask" + ask(step.ask); }

 private:
  std::string describe_callee(const flow::Destination& callee) const {
    std::string out = "(" + address_text(callee.to);
    if (const auto* screen = std::get_if<flow::DocumentRef>(&callee.screening.program)) {
      out += " screen " + links_.text(*screen);
      if (!callee.screening.silence_accepts) out += " key";
    }
    if (!callee.digits_on_answer.empty()) out += " digits " + callee.digits_on_answer;
    if (callee.detection) out += callee.detection->wait_for_message_end ? " amd end" : " amd";
    if (!callee.user.empty()) out += " as " + callee.user;
    for (const auto& [name, value] : callee.headers) out += " " + name + "=" + value;
    out += ")";
    return callee.otherwise == nullptr ? out : out + " or " + describe_callee(*callee.otherwise);
  }
  std::string ask(const flow::Ask& ask) const {
    if (ask.when == flow::Asking::Never) return {};
    return (ask.when == flow::Asking::Always ? " -> " : " => ") + links_.text(ask.document);
  }
  const RecordedLinks& links_;
};

// "answers" is what an unanswered leg is left in where that is not the usual.
inline std::string outline(const flow::Program& program, const RecordedLinks& links) {
  std::string out;
  for (const flow::Step& step : program.steps) {
    if (!out.empty()) out += "\n";
    if (step.needs == flow::Needs::Ringing) out += "(ringing) ";
    out += std::visit(Describer(links), step.spec);
  }
  return out;
}

}  // namespace sotto::twilio::testing
