// What runs beside the call: Start, Stop, and Connect, which waits for it.
#include "dialect/twilio/callback_spec.h"
#include "dialect/twilio/twiml/builder.h"

namespace sotto::twilio {
namespace {

void start_recording(Builder& builder, const XmlElement& element) {
  Attributes attributes(builder, element);
  flow::RecordStep record;
  record.wait = flow::Wait::No;
  record.tag = attributes.text("name");
  const bool dual = attributes.choice("channels", {"mono", "dual"}, "dual", 12200) == "dual";
  RecordingOwner owner;
  owner.source = "StartCallRecordingAPI";
  owner.track = attributes.choice("track", {"inbound", "outbound", "both"}, "both", 12200);
  const std::string status = attributes.text("recordingStatusCallback");
  owner.status = {status.empty() ? std::string() : builder.resolve(status),
                  attributes.method("recordingStatusCallbackMethod", 13256),
                  attributes.words("recordingStatusCallbackEvent", {"in-progress", "completed", "absent"},
                                   {"completed"}, 13256)};
  record.spec.policy = dual ? call::RecordingPolicy::SaidAndHeard : call::RecordingPolicy::Mixed;
  if (owner.track != "both") record.spec.policy = one_track(owner.track);
  record.spec.channels = dual && owner.track == "both" ? 2 : 1;
  record.spec.trim_silence =
      attributes.choice("trim", {"trim-silence", "do-not-trim"}, "trim-silence", 13699) == "trim-silence";
  record.spec.owner = to_text(owner);
  attributes.ignore({"recordingConfigurationId"});
  builder.add(std::move(record), flow::Needs::Nothing);
}

}  // namespace

void parse_start(Builder& builder, const XmlElement& element) {
  Attributes attributes(builder, element);
  attributes.ignore({"action", "method"});
  for (const XmlElement* child : element.elements()) {
    if (child->name == "Recording") {
      start_recording(builder, *child);
    } else if (child->name == "Stream") {
      if (auto stream = read_stream(builder, *child, flow::Wait::No)) {
        builder.add(std::move(*stream), flow::Needs::Nothing);
      }
    } else {
      builder.warn(12200, *child, "is not supported: nothing was started");
    }
  }
}

void parse_stop(Builder& builder, const XmlElement& element) {
  const Attributes attributes(builder, element);
  for (const XmlElement* child : element.elements()) {
    Attributes of_child(builder, *child);
    const std::string name = of_child.text("name");
    if (child->name == "Stream") {
      builder.add(flow::StopStreamStep{name}, flow::Needs::Nothing);
    } else if (child->name == "Recording") {
      builder.add(flow::StopRecordingStep{name}, flow::Needs::Nothing);
    } else {
      builder.warn(12200, *child, "is not supported: there is nothing to stop");
    }
  }
}

void parse_connect(Builder& builder, const XmlElement& element) {
  Attributes attributes(builder, element);
  const std::string action = attributes.text("action");
  const http::Method method = attributes.method("method", 12200);
  bool connected = false;
  for (const XmlElement* child : element.elements()) {
    if (child->name != "Stream" || connected) {
      builder.warn(12200, *child, "cannot be connected");
      continue;
    }
    auto stream = read_stream(builder, *child, flow::Wait::Yes);
    if (!stream) continue;
    connected = true;
    if (!action.empty()) stream->ask = {flow::Asking::Always, builder.link(action, method), true};
    builder.add(std::move(*stream));
  }
  if (!connected) builder.warn(12200, element, "connects to nothing");
}

}  // namespace sotto::twilio
