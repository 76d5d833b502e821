#include "dialect/twilio/twiml/builder.h"

namespace sotto::twilio {

flow::PauseStep read_pause(Builder& builder, const XmlElement& element) {
  Attributes attributes(builder, element);
  return {std::chrono::seconds(attributes.whole("length", 1, 1, 86'400, 13910))};
}

// As the first verb it lets the phone ring; what comes after answers (twilio.md §2.1).
void parse_pause(Builder& builder, const XmlElement& element) {
  const flow::Needs needs = builder.first() ? flow::Needs::Ringing : flow::Needs::Answering;
  builder.add(read_pause(builder, element), needs);
}

}  // namespace sotto::twilio
