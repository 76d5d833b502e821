#include "dialect/twilio/callback_spec.h"

#include <algorithm>

#include "dialect/twilio/json_text.h"

namespace sotto::twilio {
namespace {

bool flag_of(const text::Json& json, bool fallback) {
  const bool* flag = json.boolean();
  return flag == nullptr ? fallback : *flag;
}

// Tags are our own writing; anything else, such as another dialect's, reads as an empty one.
text::Json parse(std::string_view text) {
  return text::parse_json(text).value_or(text::Json(text::JsonObject{}));
}

void add_text(text::JsonObject& out, std::string key, const std::string& value) {
  if (!value.empty()) out.add(std::move(key), value);
}

void add_callback(text::JsonObject& out, std::string key, const Callback& callback) {
  if (callback) out.add(std::move(key), to_json(callback));
}

}  // namespace

bool Callback::wants(std::string_view event) const {
  return !url.empty() && std::find(events.begin(), events.end(), event) != events.end();
}

text::Json to_json(const Callback& callback) {
  text::JsonObject out{{"url", callback.url}};
  if (callback.method != http::Method::Post) out.add("method", std::string(to_string(callback.method)));
  if (callback.events.empty()) return out;
  text::JsonArray events;
  for (const std::string& event : callback.events) events.emplace_back(event);
  out.add("events", std::move(events));
  return out;
}

Callback read_callback(const text::Json& json) {
  Callback callback;
  callback.url = text_of(json["url"]);
  if (json["method"].text() != nullptr) callback.method = http::parse_method(*json["method"].text());
  if (const text::JsonArray* events = json["events"].array()) {
    for (const text::Json& event : *events) callback.events.push_back(text_of(event));
  }
  return callback;
}

std::string to_text(const NounTag& tag) {
  text::JsonObject out{{"noun", tag.kind}};
  add_callback(out, "status", tag.status);
  add_callback(out, "machine", tag.machine);
  if (!tag.parameters.is_null()) out.add("parameters", tag.parameters);
  if (tag.copy_to) out.add("copy_to", true);
  add_text(out, "customer", tag.customer);
  return text::to_text(text::Json(std::move(out)));
}

NounTag read_noun_tag(std::string_view text) {
  const text::Json json = parse(text);
  return {text_of(json["noun"]), read_callback(json["status"]),   read_callback(json["machine"]),
          json["parameters"],    flag_of(json["copy_to"], false), text_of(json["customer"])};
}

std::string to_text(const RecordingOwner& owner) {
  text::JsonObject out{{"twilio", owner.source}};
  if (owner.track != "both") out.add("track", owner.track);
  add_callback(out, "status", owner.status);
  add_callback(out, "transcription", owner.transcription);
  add_callback(out, "legacy", owner.legacy);
  return text::to_text(text::Json(std::move(out)));
}

RecordingOwner read_recording_owner(std::string_view text) {
  const text::Json json = parse(text);
  RecordingOwner owner;
  owner.source = text_of(json["twilio"]);
  if (json["track"].text() != nullptr) owner.track = *json["track"].text();
  owner.status = read_callback(json["status"]);
  owner.transcription = read_callback(json["transcription"]);
  owner.legacy = read_callback(json["legacy"]);
  return owner;
}

call::RecordingPolicy one_track(std::string_view track) {
  return track == "outbound" ? call::RecordingPolicy::OneEar : call::RecordingPolicy::OneVoice;
}

std::string to_text(const ConferenceTag& tag) {
  text::JsonObject out;
  add_text(out, "label", tag.label);
  if (!tag.start_on_enter) out.add("start", false);
  if (tag.end_on_exit) out.add("end", true);
  add_callback(out, "status", tag.status);
  add_text(out, "coach", tag.coach);
  return text::to_text(text::Json(std::move(out)));
}

ConferenceTag read_conference_tag(std::string_view text) {
  const text::Json json = parse(text);
  return {text_of(json["label"]), flag_of(json["start"], true), flag_of(json["end"], false),
          read_callback(json["status"]), text_of(json["coach"])};
}

}  // namespace sotto::twilio
