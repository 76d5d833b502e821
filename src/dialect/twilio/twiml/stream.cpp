#include "dialect/twilio/callback_spec.h"
#include "dialect/twilio/sid.h"
#include "dialect/twilio/twiml/builder.h"
#include "text/json.h"

namespace sotto::twilio {
namespace {

constexpr size_t kParameterBytesMax = 500;

text::JsonObject read_parameters(Builder& builder, const XmlElement& element) {
  text::JsonObject parameters;
  for (const XmlElement* child : element.elements()) {
    if (child->name != "Parameter") {
      builder.warn(12200, *child, "cannot stand in <Stream>");
      continue;
    }
    Attributes attributes(builder, *child);
    const std::string name = attributes.text("name");
    const std::string value = attributes.text("value");
    if (name.empty() || name.size() + value.size() >= kParameterBytesMax) {
      builder.warn(12200, *child, "expected a name and a value of less than 500 characters together");
      continue;
    }
    parameters.set(name, value);
  }
  return parameters;
}

}  // namespace

std::optional<flow::StreamStep> read_stream(Builder& builder, const XmlElement& element, flow::Wait wait) {
  Attributes attributes(builder, element);
  const std::string url = attributes.text("url");
  const std::string name = attributes.text("name");
  std::string track =
      attributes.choice("track", {"inbound_track", "outbound_track", "both_tracks"}, "inbound_track", 31941);
  const bool both_ways = wait == flow::Wait::Yes;
  if (both_ways && track != "inbound_track") {
    builder.warn(31941, element, "track: in <Connect> it is inbound_track");
    track = "inbound_track";
  }
  const std::string status = attributes.text("statusCallback");
  const Callback callback{status.empty() ? std::string() : builder.resolve(status),
                          attributes.method("statusCallbackMethod", 12200),
                          {}};
  attributes.ignore({"connectorName", "audioFormat", "sampleRate"});
  text::JsonObject parameters = read_parameters(builder, element);
  StreamSettings settings;
  settings.track = track;
  settings.status = callback;
  settings.custom = text::Json(std::move(parameters));
  auto spec = make_stream(url, name, both_ways, settings, builder.context.stream);
  if (!spec) {
    builder.error(spec.error().code == ErrorCode::Unsupported ? 31922 : 31923, element, spec.error().detail);
    return std::nullopt;
  }
  flow::StreamStep step;
  step.spec = std::move(*spec);
  step.wait = wait;
  return step;
}

}  // namespace sotto::twilio
