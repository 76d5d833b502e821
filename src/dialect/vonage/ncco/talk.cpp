#include "dialect/host/speech.h"
#include "dialect/vonage/ncco/action.h"
#include "dialect/vonage/ncco/speech.h"
#include "dialect/vonage/voices.h"

namespace sotto::vonage {
namespace {

constexpr int kLoopsMax = 1'000'000;

void parse(Options& options, Build& build) {
  flow::PlayStep step;
  step.prompt = read_speech(options, "voiceName");
  build.barge_in = build.barge_in || options.boolean("bargeIn", false);
  step.barge_in = build.barge_in;
  step.wait = build.barge_in ? flow::Wait::No : flow::Wait::Yes;
  build.add(std::move(step));
}

constexpr Option kOptions[] = {{"text"},
                               {"bargeIn"},
                               {"loop"},
                               {"level"},
                               {"language", Honoured::Nearly, "spoken by the voices that are installed"},
                               {"style", Honoured::Nearly, "chooses between a woman's and a man's voice"},
                               {"voiceName", Honoured::Nearly, "chooses between a woman's and a man's voice"},
                               {"premium", Honoured::No, "there is one quality"},
                               {"provider", Honoured::No, "our own speech is used"},
                               {"providerOptions", Honoured::No, "our own speech is used"}};

}  // namespace

const Action kTalk{"talk", parse, kOptions};

void read_playing(Options& options, call::PromptSpec& prompt) {
  prompt.loops = static_cast<int>(options.integer("loop", 1, {0, kLoopsMax}));
  prompt.gain_db = gain_db(options.number("level", 0, {-1, 1}));
}

// A language says more than the old voice name (vonage.md §4.2).
call::PromptSpec read_speech(Options& options, std::string_view voice_key) {
  const std::string words = options.required_text("text");
  std::string language = options.text("language", "en-US");
  int64_t style = options.integer("style", 0, {0, 99});
  std::string voice = voice_of(language, style);
  const Voice* named = voice_named(options.text(voice_key));
  if (named != nullptr && !options.has("language")) {
    language = named->language;
    voice = named->name;
  }
  call::PromptSpec prompt;
  prompt.playlist = {dialect::to_speech(text::parse_speech(words), std::move(language), std::move(voice))};
  (void)options.boolean("premium", false);
  read_playing(options, prompt);
  return prompt;
}

}  // namespace sotto::vonage
