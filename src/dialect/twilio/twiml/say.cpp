#include "dialect/host/speech.h"
#include "dialect/twilio/twiml/builder.h"
#include "dialect/twilio/twiml/voices.h"
#include "text/ssml.h"

namespace sotto::twilio {

// Twilio's limits count characters, and for Google's voices the markup too (twilio.md §2.5).
std::optional<flow::PlayStep> read_say(Builder& builder, const XmlElement& element, int loop_code,
                                       int voice_code) {
  Attributes attributes(builder, element);
  const std::string voice = attributes.text("voice");
  const std::string language = attributes.text("language");
  const int64_t loop = attributes.whole("loop", 1, 0, 1000, loop_code);
  const text::Speech speech = text::speech_from_xml(element);
  if (speech.empty()) {
    builder.warn(13520, element, "has nothing to say");
    return std::nullopt;
  }
  const Voice chosen = choose_voice(voice, language);
  if (!chosen.known) builder.warn(voice_code, element, "voice: \"" + voice + "\" is not known");
  if (!chosen.language_known) builder.warn(13512, element, "language: \"" + language + "\" is not known");
  if (speech.characters() > chosen.characters_max) {
    builder.warn(13521, element, "has more than " + std::to_string(chosen.characters_max) + " characters");
    return std::nullopt;
  }
  flow::PlayStep step;
  step.prompt.playlist = {dialect::to_speech(speech, chosen.language, chosen.male ? "male" : "female")};
  step.prompt.loops = static_cast<int>(loop);
  return step;
}

void parse_say(Builder& builder, const XmlElement& element) {
  auto step = read_say(builder, element, 13510, 13511);
  if (step) builder.add(std::move(*step));
}

}  // namespace sotto::twilio
