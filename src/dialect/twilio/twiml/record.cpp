#include "dialect/twilio/callback_spec.h"
#include "dialect/twilio/twiml/builder.h"

namespace sotto::twilio {

void parse_record(Builder& builder, const XmlElement& element) {
  Attributes attributes(builder, element);
  flow::RecordStep record;
  RecordingOwner owner;
  owner.source = "RecordVerb";
  const std::string transcribed = attributes.text("transcribeCallback");
  const bool transcribe = attributes.flag("transcribe", false, 13614) || !transcribed.empty();
  if (transcribe) {
    builder.warn(13614, element, "transcribe: no engine for it is configured");
    owner.transcription.url = transcribed.empty() ? std::string() : builder.resolve(transcribed);
  }
  record.spec.policy = call::RecordingPolicy::OneVoice;
  record.spec.end_on_silence = std::chrono::seconds(attributes.whole("timeout", 5, 0, 3600, 13611));
  record.spec.end_on_keys = "1234567890*#";
  if (const std::string* keys = attributes.find("finishOnKey")) {
    const bool valid = keys->find_first_not_of("0123456789*#") == std::string::npos;
    if (valid) record.spec.end_on_keys = *keys;
    if (!valid) builder.warn(13613, element, "finishOnKey: expected some of 0-9 * #, or nothing");
  }
  record.spec.length_max =
      std::chrono::seconds(attributes.whole("maxLength", transcribe ? 120 : 3600, 1, 14'400, 13612));
  record.spec.beep = attributes.flag("playBeep", true, 13616);
  record.spec.trim_silence =
      attributes.choice("trim", {"trim-silence", "do-not-trim"}, "trim-silence", 13699) == "trim-silence";
  const std::string status = attributes.text("recordingStatusCallback");
  owner.status = {status.empty() ? std::string() : builder.resolve(status),
                  attributes.method("recordingStatusCallbackMethod", 13256),
                  attributes.words("recordingStatusCallbackEvent", {"in-progress", "completed", "absent"},
                                   {"completed"}, 13256)};
  record.spec.owner = to_text(owner);
  record.silence_is_nothing = true;
  record.ask = {flow::Asking::WithInput,
                builder.link(attributes.text("action"), attributes.method("method", 13610)), true};
  attributes.ignore({"recordingConfigurationId"});
  builder.add(std::move(record));
}

}  // namespace sotto::twilio
