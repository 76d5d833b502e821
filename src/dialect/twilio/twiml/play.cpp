#include "dialect/twilio/twiml/builder.h"

namespace sotto::twilio {

std::optional<flow::StepSpec> read_play(Builder& builder, const XmlElement& element) {
  Attributes attributes(builder, element);
  const int64_t loop = attributes.whole("loop", 1, 0, 1000, 13410);
  if (const std::string* digits = attributes.find("digits")) {
    if (digits->empty() || digits->find_first_not_of("0123456789ABCD#*wW") != std::string::npos) {
      builder.warn(13430, element, "digits: expected some of 0-9 A-D # * w W");
      return std::nullopt;
    }
    return flow::SendDigitsStep{*digits};
  }
  const std::string reference = element.text();
  const std::string url = reference.empty() ? std::string() : builder.resolve(reference);
  if (url.empty()) {
    builder.warn(11100, element, "has no URL that can be fetched");
    return std::nullopt;
  }
  flow::PlayStep step;
  step.prompt.playlist = {call::AudioFile{url, true}};
  step.prompt.loops = static_cast<int>(loop);
  return step;
}

void parse_play(Builder& builder, const XmlElement& element) {
  auto step = read_play(builder, element);
  if (!step) return;
  const bool digits = std::holds_alternative<flow::SendDigitsStep>(*step);
  const flow::Role role = builder.context.role;
  if (digits && role != flow::Role::Main && role != flow::Role::Screening) {
    return builder.warn(13430, element, "digits cannot be sent from a document that is waited with");
  }
  builder.add(std::move(*step));
}

}  // namespace sotto::twilio
