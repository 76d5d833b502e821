#include "base/limits.h"
#include "dialect/twilio/callback_spec.h"
#include "dialect/twilio/sid.h"
#include "dialect/twilio/twiml/builder.h"
#include "text/ascii.h"

namespace sotto::twilio {
namespace {

constexpr size_t kNameCharactersMax = 128;
constexpr int64_t kParticipantsMax = 250;

void read_wait(Builder& builder, Attributes& attributes, const std::string& name, flow::JoinRoomStep& join) {
  const std::string* wait = attributes.find("waitUrl");
  const http::Method method = attributes.method("waitMethod", 13234);
  if (wait == nullptr) {
    join.wait = default_music();
  } else if (!text::trim(*wait).empty()) {
    Link link;
    link.url = builder.resolve(std::string(text::trim(*wait)));
    link.method = method;
    link.role = flow::Role::ConferenceWait;
    link.about = name;
    join.wait = builder.link(std::move(link));
  }
}

void read_label(Builder& builder, const XmlElement& element, Attributes& attributes, ConferenceTag& tag) {
  tag.label = attributes.text("participantLabel");
  const bool valid = tag.label.size() <= kNameCharactersMax && tag.label.find('/') == std::string::npos &&
                     !is_sid(tag.label, "CA");
  if (valid) return;
  builder.error(16023, element,
                "participantLabel: expected up to 128 characters without a slash, and no CallSid");
}

void read_coach(Builder& builder, const XmlElement& element, Attributes& attributes, ConferenceTag& tag,
                flow::JoinRoomStep& join) {
  tag.coach = attributes.text("coach");
  if (tag.coach.empty()) return;
  const auto target = parse_sid<call::LegId>(tag.coach, "CA");
  if (!target) return builder.error(13240, element, "coach: expected the CallSid of a participant");
  join.coach = flow::JoinRoomStep::Coach{*target};
}

void read_recording(Builder& builder, Attributes& attributes, flow::JoinRoomStep& join) {
  const std::string record = attributes.choice(
      "record", {"do-not-record", "record-from-start", "true", "false"}, "do-not-record", 13217);
  const std::string trim = attributes.choice("trim", {"trim-silence", "do-not-trim"}, "trim-silence", 13239);
  const std::string status = attributes.text("recordingStatusCallback");
  RecordingOwner owner;
  owner.source = "Conference";
  owner.status = {status.empty() ? std::string() : builder.resolve(status),
                  attributes.method("recordingStatusCallbackMethod", 13256),
                  attributes.words("recordingStatusCallbackEvent", {"in-progress", "completed", "absent"},
                                   {"completed"}, 13256)};
  const std::string legacy = attributes.text("eventCallbackUrl");
  if (!legacy.empty()) owner.legacy.url = builder.resolve(legacy);
  if (record != "record-from-start" && record != "true") return;
  call::RecordingSpec spec;
  spec.policy = call::RecordingPolicy::Mixed;
  spec.trim_silence = trim == "trim-silence";
  spec.owner = to_text(owner);
  join.recording = std::move(spec);
}

}  // namespace

void dial_conference(Builder& builder, const XmlElement& element, const DialAttributes& dial) {
  Attributes attributes(builder, element);
  const std::string name = element.text();
  if (name.empty() || name.size() > kNameCharactersMax) {
    return builder.warn(13237, element, "expected a name of at most 128 characters");
  }
  flow::JoinRoomStep join;
  ConferenceTag tag;
  join.room = scoped_name(builder.context.scope, name);
  join.when_ended = flow::JoinRoomStep::WhenEnded::GoOn;
  join.starts_with = 2;
  join.muted = attributes.flag("muted", false, 13230);
  const std::string beep = attributes.choice("beep", {"true", "false", "onEnter", "onExit"}, "true", 13235);
  join.beep_on_enter = beep == "true" || beep == "onEnter";
  join.beep_on_exit = beep == "true" || beep == "onExit";
  join.start_on_enter = attributes.flag("startConferenceOnEnter", true, 13232);
  join.end_on_exit = attributes.flag("endConferenceOnExit", false, 13231);
  join.legs_max =
      static_cast<size_t>(attributes.whole("maxParticipants", kParticipantsMax, 2, kParticipantsMax, 13237));
  join.leave_keys = dial.hangup_on_star ? "*" : "";
  join.time_max = std::chrono::seconds(dial.time_limit);
  join.wait_max = builder.context.room_wait_max;
  join.ask = dial_ask(builder, dial);
  read_wait(builder, attributes, name, join);
  read_label(builder, element, attributes, tag);
  read_coach(builder, element, attributes, tag, join);
  read_recording(builder, attributes, join);
  tag.start_on_enter = join.start_on_enter;
  tag.end_on_exit = join.end_on_exit;
  const std::string status = attributes.text("statusCallback");
  tag.status = {
      status.empty() ? std::string() : builder.resolve(status),
      attributes.method("statusCallbackMethod", 12200),
      attributes.words("statusCallbackEvent",
                       {"start", "end", "join", "leave", "mute", "hold", "modify", "speaker", "announcement"},
                       {}, 12200)};
  join.tag = to_text(tag);
  attributes.ignore({"jitterBufferSize", "region", "callerDisplayName", "recordingConfigurationId"});
  builder.add(std::move(join));
}

}  // namespace sotto::twilio
