#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "call/testing/fake_ports.h"
#include "flow/engine.h"

// The engine on fake ports and a fake application, for tests of whole calls in virtual time.
namespace sotto::flow::testing {

using call::testing::World;
using namespace std::chrono_literals;

// Documents by number. One that is scripted is answered at the next pump; others wait for the test.
class FakeDocuments final : public Documents {
 public:
  struct Asked {
    RequestId request = RequestId::None;
    Subject subject;
    DocumentRef document;
    Outcome outcome;
  };

  void next(RequestId request, const Subject& subject, const DocumentRef& document,
            const Outcome& outcome) override {
    asked.push_back({request, subject, document, outcome});
    open.push_back(asked.back());
  }
  void cancel(RequestId request) override {
    cancelled.push_back(request);
    std::erase_if(open, [request](const Asked& each) { return each.request == request; });
  }
  void tell(const Subject& subject, const DocumentRef& document, const Outcome& outcome) override {
    told.push_back({RequestId::None, subject, document, outcome});
  }

  size_t times(uint64_t document) const {
    size_t count = 0;
    for (const Asked& each : asked) count += each.document.id == document ? 1 : 0;
    return count;
  }

  std::vector<Asked> asked;
  std::vector<Asked> open;
  std::vector<Asked> told;
  std::vector<RequestId> cancelled;
  std::map<uint64_t, Answer> script;
};

struct FakeObserver final : Observer {
  void on_dial_started(LegId, LegId child, const std::string&, const std::string& tag) override {
    dialled.emplace_back(child, tag);
  }
  void on_accepted(LegId, LegId child) override { accepted.push_back(child); }
  void on_declined(LegId, LegId child) override { declined.push_back(child); }
  void on_step_ended(LegId leg, const Step& step, const Outcome& outcome) override {
    ended.push_back({leg, std::string(step_name(step.spec.index())), outcome});
  }
  void on_program_ended(LegId leg) override { finished.push_back(leg); }

  template <typename Kind>
  const Kind* last(LegId leg) const {
    for (auto it = ended.rbegin(); it != ended.rend(); ++it) {
      const Kind* found = it->leg == leg ? std::get_if<Kind>(&it->outcome) : nullptr;
      if (found != nullptr) return found;
    }
    return nullptr;
  }

  struct StepEnd {
    LegId leg;
    std::string step;
    Outcome outcome;
  };
  std::vector<std::pair<LegId, std::string>> dialled;
  std::vector<LegId> accepted;
  std::vector<LegId> declined;
  std::vector<StepEnd> ended;
  std::vector<LegId> finished;
};

// Programs in few words.
inline call::PromptSpec say(std::string text, int loops = 1) {
  call::Speech speech;
  speech.runs = {call::SpeechRun{std::move(text)}};
  return call::PromptSpec{{std::move(speech)}, loops, 0.0F};
}
inline call::PromptSpec file(std::string url, int loops = 1) {
  return call::PromptSpec{{call::AudioFile{std::move(url)}}, loops, 0.0F};
}
inline call::PromptSpec ringing() {
  return call::PromptSpec{{call::Tone{}}, 0, 0.0F};
}
inline DocumentRef document(uint64_t id) {
  return DocumentRef{"test", id};
}
inline std::shared_ptr<const Program> program(std::vector<Step> steps) {
  auto made = std::make_shared<Program>();
  made->steps = std::move(steps);
  return made;
}
inline PlayStep talk(std::string text) {
  PlayStep step;
  step.prompt = say(std::move(text));
  return step;
}
inline call::Address number(std::string digits) {
  return {call::Address::Kind::Number, std::move(digits), {}};
}
inline Destination to(std::string digits) {
  Destination destination;
  destination.to = number(digits);
  destination.tag = std::move(digits);
  return destination;
}
inline Destination whispered(std::string digits, std::string text) {
  Destination destination = to(std::move(digits));
  destination.screening.program = program({Step{talk(std::move(text))}});
  return destination;
}
inline DialStep dial(std::vector<Destination> destinations) {
  DialStep step;
  step.destinations = std::move(destinations);
  step.from = number("100");
  step.ringback.own = ringing();
  return step;
}
inline JoinRoomStep join(std::string room) {
  JoinRoomStep step;
  step.room = std::move(room);
  return step;
}

class Bench {
 public:
  explicit Bench(uint64_t seed = 1, Options options = {file("hold.mp3", 0), {}})
      : world(seed), engine(world.switchboard, documents, world.timers, world.clock, std::move(options)) {
    engine.add_observer(observer);
  }

  call::Switchboard& board() { return world.switchboard; }

  LegId caller(const std::string& from = "200") { return world.inbound(from, "100"); }
  LegId run(const LegId leg, std::vector<Step> steps) {
    CHECK(engine.run(leg, program(std::move(steps))).has_value());
    return leg;
  }

  // The latest leg that was dialled to this number, invalid if none.
  LegId dialled(const std::string& digits) const {
    for (auto it = world.signalling.dialled.rbegin(); it != world.signalling.dialled.rend(); ++it) {
      if (it->to.text == digits) return it->leg;
    }
    return LegId{};
  }
  LegId answered(const std::string& digits) {
    const LegId leg = dialled(digits);
    board().on_answered(leg);
    return leg;
  }
  void press(LegId leg, const std::string& digits) {
    for (const char digit : digits) board().on_digit(leg, digit, 100ms);
  }
  void far_end_hangs_up(LegId leg) {
    board().on_ended(leg, {call::EndCause::HungUp, call::EndedBy::FarEnd, 0, {}});
  }
  void busy(LegId leg) { board().on_ended(leg, {call::EndCause::Busy, call::EndedBy::FarEnd, 486, {}}); }

  // Ends the prompt that plays this text or file; false if none does.
  bool finish(const std::string& words, call::PromptEnd how = call::PromptEnd::Finished) {
    const call::PromptId prompt = find_prompt(words);
    if (!prompt.valid()) return false;
    world.media.playing.erase(prompt);
    board().on_prompt_ended(prompt, how, {});
    return true;
  }
  bool hears(LegId leg, const std::string& words) const {
    for (const auto& [id, start] : world.media.playing) {
      if (words_of(start.spec) == words && world.hears(leg, id)) return true;
    }
    return false;
  }
  bool hears(LegId listener, LegId speaker) const { return world.hears(listener, speaker); }
  bool talking(LegId a, LegId b) const { return hears(a, b) && hears(b, a); }
  bool up(LegId leg) {
    const call::Leg* found = board().leg(leg);
    return found != nullptr && found->answered();
  }
  bool gone(LegId leg) {
    const call::Leg* found = board().leg(leg);
    return found == nullptr || !found->live();
  }
  std::optional<EndReason> end_of(LegId leg) const {
    for (const call::Event& event : world.log.events) {
      const auto* ended = std::get_if<call::LegEnded>(&event.what);
      if (ended != nullptr && event.leg == leg) return ended->reason;
    }
    return std::nullopt;
  }

  // Gives the scripted answers to what is asked, as often as it takes.
  void answer_documents() {
    for (int round = 0; round < 1000; ++round) {
      const auto scripted =
          std::find_if(documents.open.begin(), documents.open.end(),
                       [this](const auto& each) { return documents.script.contains(each.document.id); });
      if (scripted == documents.open.end()) return;
      const FakeDocuments::Asked asked = *scripted;
      documents.open.erase(scripted);
      engine.on_document(asked.request, documents.script.at(asked.document.id));
    }
  }
  // Answers the oldest open request for this document.
  bool answer(uint64_t id, Result<Answer> with) {
    const auto open = std::find_if(documents.open.begin(), documents.open.end(),
                                   [id](const auto& each) { return each.document.id == id; });
    if (open == documents.open.end()) return false;
    const RequestId request = open->request;
    documents.open.erase(open);
    engine.on_document(request, std::move(with));
    return true;
  }
  void advance(base::Duration step) {
    answer_documents();
    world.advance(step);
    answer_documents();
  }

  // Nothing is left over: no leg, no runner, no timer, no prompt.
  bool clean() {
    world.pump();
    return board().live_legs() == 0 && engine.runners() == 0 && world.timers.pending() == 0 &&
           world.media.playing.empty() && board().is_consistent();
  }

  static std::string words_of(const call::PromptSpec& spec) {
    for (const call::Sound& sound : spec.playlist) {
      if (const auto* speech = std::get_if<call::Speech>(&sound)) return speech->runs.at(0).text;
      if (const auto* audio = std::get_if<call::AudioFile>(&sound)) return audio->url;
      if (const auto* tone = std::get_if<call::Tone>(&sound)) {
        return tone->kind == call::Tone::Kind::Beep ? "beep" : "ringing";
      }
    }
    return "silence";
  }
  call::PromptId find_prompt(const std::string& words) const {
    for (const auto& [id, start] : world.media.playing) {
      if (words_of(start.spec) == words) return id;
    }
    return {};
  }

  World world;
  FakeDocuments documents;
  FakeObserver observer;
  Engine engine;
};

}  // namespace sotto::flow::testing
