#include <algorithm>

#include "dialect/twilio/twiml/builder.h"
#include "text/ascii.h"

namespace sotto::twilio {
namespace {

using std::chrono::seconds;

// The prompt: Say, Play and Pause, nothing else (twilio.md §2.4).
void read_prompts(Builder& builder, const XmlElement& element, flow::GatherStep& gather) {
  for (const XmlElement* child : element.elements()) {
    if (child->name == "Say") {
      if (auto say = read_say(builder, *child, 13322, 13321)) gather.prompts.emplace_back(std::move(*say));
    } else if (child->name == "Pause") {
      gather.prompts.emplace_back(read_pause(builder, *child));
    } else if (child->name == "Play") {
      auto play = read_play(builder, *child);
      if (!play) continue;
      if (auto* sound = std::get_if<flow::PlayStep>(&*play)) {
        gather.prompts.emplace_back(std::move(*sound));
      } else {
        builder.warn(13320, *child, "with digits cannot stand in <Gather>");
      }
    } else {
      builder.warn(13320, *child, "cannot stand in <Gather>");
    }
  }
}

void read_digits(Builder& builder, const XmlElement& element, Attributes& attributes,
                 flow::GatherStep& gather) {
  gather.digits_max = static_cast<size_t>(attributes.whole("numDigits", 0, 1, 1000, 13314));
  gather.finish_keys = "#";
  if (const std::string* key = attributes.find("finishOnKey")) {
    const bool valid = key->empty() || (key->size() == 1 && key->find_first_not_of("0123456789*#") != 0);
    if (valid) gather.finish_keys = *key;
    if (!valid) builder.warn(13310, element, "finishOnKey: expected one of 0-9 * #, or nothing");
  }
  const seconds timeout(attributes.whole("timeout", 5, 1, 600, 13313));
  gather.first_digit_timeout = timeout;
  gather.next_digit_timeout = timeout;
}

void read_speech(Builder& builder, const XmlElement& element, Attributes& attributes,
                 flow::GatherStep& gather) {
  call::RecognitionSpec& speech = gather.recognition;
  const std::string model = attributes.text("speechModel", "default");
  const std::string silence = attributes.text("speechTimeout");
  speech.start_timeout = gather.first_digit_timeout;
  speech.end_silence = gather.first_digit_timeout;
  if (silence == "auto") {
    speech.end_silence = std::chrono::milliseconds(1200);
    // A model that waits for the end of a phrase by itself is not asked to guess it.
    if (model.starts_with("experimental")) {
      builder.warn(13335, element, "speechTimeout: auto is not possible with speechModel " + model);
    }
  } else {
    speech.end_silence =
        seconds(attributes.whole("speechTimeout", gather.first_digit_timeout.count() / 1000, 1, 600, 13327));
  }
  speech.length_max = seconds(attributes.whole("maxSpeechTime", 60, 1, 600, 13328));
  speech.language = attributes.text("language", "en-US");
  if (speech.language.size() < 2 || !text::is_letter(speech.language[0])) {
    builder.warn(13331, element, "language: \"" + speech.language + "\" is not known");
    speech.language = "en-US";
  }
  const std::string hints = attributes.text("hints");
  for (const std::string_view hint : text::split(hints, ',')) {
    const std::string_view phrase = text::trim(hint);
    if (phrase.empty()) continue;
    if (phrase.size() > 100 || speech.hints.size() == 500) {
      builder.warn(13330, element, "hints: expected up to 500 phrases of up to 100 characters");
      break;
    }
    speech.hints.emplace_back(phrase);
  }
  (void)attributes.flag("profanityFilter", true, 13333);
}

}  // namespace

void parse_gather(Builder& builder, const XmlElement& element) {
  Attributes attributes(builder, element);
  flow::GatherStep gather;
  const auto input = attributes.words("input", {"dtmf", "speech"}, {"dtmf"}, 13326);
  gather.digits = std::find(input.begin(), input.end(), "dtmf") != input.end();
  gather.speech = std::find(input.begin(), input.end(), "speech") != input.end();
  read_digits(builder, element, attributes, gather);
  read_speech(builder, element, attributes, gather);
  gather.barge_in = attributes.flag("bargeIn", true, 13332);
  const std::string partial = attributes.text("partialResultCallback");
  const http::Method partial_method = attributes.method("partialResultCallbackMethod", 13329);
  if (gather.speech && !partial.empty()) {
    gather.recognition.partial_results = true;
    gather.partial_results = builder.link(partial, partial_method);
  }
  const bool always = attributes.flag("actionOnEmptyResult", false, 13338);
  gather.ask.when = always ? flow::Asking::Always : flow::Asking::WithInput;
  gather.ask.document = builder.link(attributes.text("action"), attributes.method("method", 13312));
  attributes.ignore({"enhanced", "debug"});
  read_prompts(builder, element, gather);
  builder.add(std::move(gather));
}

}  // namespace sotto::twilio
