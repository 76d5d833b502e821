#include "base/limits.h"
#include "dialect/twilio/callback_spec.h"
#include "dialect/twilio/twiml/builder.h"
#include "text/ascii.h"

namespace sotto::twilio {
namespace {

using std::chrono::seconds;

constexpr int64_t kTimeLimitMax = 86'400;

bool is_callee(std::string_view name) {
  return name == "Number" || name == "Client" || name == "Sip" || name == "Sim" || name == "WhatsApp" ||
         name == "Application";
}

std::optional<call::Address> read_caller_id(Builder& builder, const XmlElement& element,
                                            Attributes& attributes) {
  const std::string text = attributes.text("callerId");
  if (text.empty()) return std::nullopt;
  if (text.size() > 256) {
    builder.warn(13248, element, "callerId: it is too long");
    return std::nullopt;
  }
  auto address = parse_address(text, builder.context.country);
  if (!address) {
    const bool user = text.find_first_of(" \t<>\"@:;") == std::string::npos;
    if (user) address = call::Address{call::Address::Kind::User, text, {}};
  }
  const bool allowed = address && (!builder.context.may_present || builder.context.may_present(*address));
  if (allowed) return *address;
  builder.warn(13214, element, "callerId: \"" + text + "\" cannot be shown as the caller");
  return std::nullopt;
}

std::string read_recording(Builder& builder, Attributes& attributes, DialAttributes& dial) {
  std::string record =
      attributes.choice("record",
                        {"do-not-record", "record-from-answer", "record-from-ringing",
                         "record-from-answer-dual", "record-from-ringing-dual", "true", "false"},
                        "do-not-record", 13217);
  if (record == "true") record = "record-from-answer";
  if (record == "false") record = "do-not-record";
  dial.trim = attributes.choice("trim", {"trim-silence", "do-not-trim"}, "do-not-trim", 13699);
  dial.recording_track = attributes.choice("recordingTrack", {"both", "inbound", "outbound"}, "both", 13217);
  const std::string status = attributes.text("recordingStatusCallback");
  RecordingOwner owner;
  owner.source = "DialVerb";
  owner.track = dial.recording_track;
  owner.status = {status.empty() ? std::string() : builder.resolve(status),
                  attributes.method("recordingStatusCallbackMethod", 13256),
                  attributes.words("recordingStatusCallbackEvent", {"in-progress", "completed", "absent"},
                                   {"completed"}, 13256)};
  dial.recording_owner = to_text(owner);
  return record;
}

DialAttributes read_attributes(Builder& builder, const XmlElement& element) {
  Attributes attributes(builder, element);
  DialAttributes dial;
  dial.action = attributes.text("action");
  dial.has_action = !dial.action.empty();
  dial.method = attributes.method("method", 13210);
  dial.answer_on_bridge = attributes.flag("answerOnBridge", false, 13219);
  dial.caller_id = read_caller_id(builder, element, attributes);
  dial.hangup_on_star = attributes.flag("hangupOnStar", false, 13213);
  dial.record = read_recording(builder, attributes, dial);
  const std::string refer = attributes.text("referUrl");
  dial.refer_url = refer.empty() ? std::string() : builder.resolve(refer);
  dial.refer_method = attributes.method("referMethod", 13210);
  dial.ring_tone = attributes.choice(
      "ringTone", {"at", "au", "bg", "br", "be", "ch", "cl", "cn", "cz",     "de", "dk", "ee", "es", "fi",
                   "fr", "gr", "hu", "il", "in", "it", "lt", "jp", "mx",     "my", "nl", "no", "nz", "ph",
                   "pl", "pt", "ru", "se", "sg", "th", "uk", "us", "us-old", "tw", "ve", "za"},
      "", 13220);
  dial.sequential = attributes.flag("sequential", false, 13218);
  dial.time_limit = attributes.whole("timeLimit", 14'400, 1, kTimeLimitMax, 13216);
  dial.timeout = attributes.whole("timeout", 30, 1, 600, 13212);
  attributes.ignore({"callReason", "events", "passports", "recordingConfigurationId"});
  return dial;
}

std::optional<flow::Destination> read_callee(Builder& builder, const XmlElement& element) {
  if (element.name == "Number") return read_number(builder, element);
  if (element.name == "Client") return read_client(builder, element);
  if (element.name == "Sip") return read_sip(builder, element);
  if (element.name == "Application") return read_application(builder, element);
  // A SIM card or a WhatsApp user: understood, and nobody whom we could reach.
  builder.warn(13224, element, "cannot be reached from here");
  flow::Destination nobody;
  nobody.to = {call::Address::Kind::Number, element.name, {}};
  return nobody;
}

void read_callees(Builder& builder, const XmlElement& element, flow::DialStep& step) {
  for (const XmlElement* child : element.elements()) {
    if (!is_callee(child->name)) {
      builder.warn(13215, *child, "cannot stand beside those who are called");
      continue;
    }
    // Later ones are ignored (twilio.md §2.2.5).
    if (step.destinations.size() == base::limits::kDialDestinationsMax) return;
    if (child->name == "Application" && !step.destinations.empty()) {
      builder.warn(13215, *child, "cannot be dialled together with others");
      continue;
    }
    if (auto callee = read_callee(builder, *child)) step.destinations.push_back(std::move(*callee));
  }
  const std::string number = element.text();
  if (!step.destinations.empty() || number.empty()) return;
  XmlElement plain;
  plain.name = "Number";
  plain.line = element.line;
  plain.children = {text::XmlNode{number}};
  if (auto callee = read_number(builder, plain)) step.destinations.push_back(std::move(*callee));
}

std::optional<flow::DialRecording> recording_of(const DialAttributes& dial) {
  if (dial.record == "do-not-record") return std::nullopt;
  flow::DialRecording recording;
  recording.from_ringing = dial.record.starts_with("record-from-ringing");
  const bool dual = dial.record.ends_with("-dual");
  recording.spec.policy = dual ? call::RecordingPolicy::CallerCallee : call::RecordingPolicy::Mixed;
  recording.spec.channels = dual ? 2 : 1;
  if (dial.recording_track != "both") {
    recording.spec.policy = one_track(dial.recording_track);
    recording.spec.channels = 1;
  }
  recording.spec.trim_silence = dial.trim == "trim-silence";
  recording.spec.owner = dial.recording_owner;
  return recording;
}

flow::Ringback ringback_of(const DialAttributes& dial, bool at_bridge) {
  flow::Ringback ringback;
  ringback.far_end = dial.ring_tone.empty();
  // A caller who has no answer yet is told by a plain 180 that it rings, unless the country is chosen.
  if (at_bridge && ringback.far_end) return ringback;
  call::Tone tone;
  if (!dial.ring_tone.empty()) tone.country = dial.ring_tone;
  ringback.own = call::PromptSpec{{tone}, 0, 0.0F};
  return ringback;
}

}  // namespace

flow::Ask dial_ask(Builder& builder, const DialAttributes& dial) {
  if (!dial.has_action) return {};
  return {flow::Asking::Always, builder.link(dial.action, dial.method), true};
}

void parse_dial(Builder& builder, const XmlElement& element) {
  const DialAttributes dial = read_attributes(builder, element);
  for (const XmlElement* child : element.elements()) {
    if (child->name != "Conference" && child->name != "Queue") continue;
    if (element.elements().size() > 1) builder.warn(13000, *child, "stands alone in <Dial>");
    if (child->name == "Queue") return dial_queue(builder, *child, dial);
    return dial_conference(builder, *child, dial);
  }
  flow::DialStep step;
  read_callees(builder, element, step);
  if (step.destinations.empty()) {
    builder.warn(13223, element, "names nobody to be called");
    flow::Destination nobody;
    nobody.to = {call::Address::Kind::Number, {}, {}};
    step.destinations.push_back(std::move(nobody));
  }
  const bool at_bridge = dial.answer_on_bridge && builder.untouched();
  step.order = dial.sequential ? flow::Order::InTurn : flow::Order::Together;
  step.from = dial.caller_id.value_or(builder.context.from);
  step.ring_timeout = seconds(std::max<int64_t>(dial.timeout, 5));
  step.talk_max = seconds(dial.time_limit);
  step.ringback = ringback_of(dial, at_bridge);
  if (dial.hangup_on_star) step.caller_drop_keys = "*";
  step.recording = recording_of(dial);
  step.ask = dial_ask(builder, dial);
  step.on_refer = flow::DialStep::OnRefer::Refuse;
  if (!dial.refer_url.empty()) {
    step.on_refer = flow::DialStep::OnRefer::AskDocument;
    step.refer_document =
        builder.link(Link{dial.refer_url, dial.refer_method, flow::Role::Main, Link::For::Refer, {}});
  }
  builder.add(std::move(step), at_bridge ? flow::Needs::Ringing : flow::Needs::Answering);
}

}  // namespace sotto::twilio
