#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "call/recording.h"
#include "http/method.h"
#include "text/json.h"

// Where to tell an app of events, as documents and API requests ask for it. Kept as JSON: in the tags of
// steps, in the owner of a recording, and in the store's extra of a leg.
namespace sotto::twilio {

struct Callback {
  std::string url;
  http::Method method = http::Method::Post;
  std::vector<std::string> events;  // empty: the default of the kind

  explicit operator bool() const { return !url.empty(); }
  bool wants(std::string_view event) const;
  bool operator==(const Callback&) const = default;
};

text::Json to_json(const Callback& callback);
Callback read_callback(const text::Json& json);

// In Destination::tag.
struct NounTag {
  std::string kind;  // "number", "client", "sip", "application"
  Callback status;
  Callback machine;
  text::Json parameters;  // of an application: form fields of its requests
  bool copy_to = false;   // of an application: it is told the caller's To instead of its own sid
  std::string customer;   // of an application: on whose behalf it is called; empty: the account
};
std::string to_text(const NounTag& tag);
NounTag read_noun_tag(std::string_view text);

// In RecordingSpec::owner.
struct RecordingOwner {
  std::string source;  // DialVerb, RecordVerb, Conference, OutboundAPI, …
  std::string track = "both";
  Callback status;
  Callback transcription;
  Callback legacy;  // of a conference: told in the words of 2012 as well
};
std::string to_text(const RecordingOwner& owner);
// Of a recording that another dialect asked for: its source is empty.
RecordingOwner read_recording_owner(std::string_view text);

// Of one that takes the "inbound" or the "outbound" track alone: what the leg says, what it hears.
call::RecordingPolicy one_track(std::string_view track);

// In JoinRoomStep::tag.
struct ConferenceTag {
  std::string label;
  bool start_on_enter = true;
  bool end_on_exit = false;
  Callback status;
  std::string coach;  // CallSid, or empty
};
std::string to_text(const ConferenceTag& tag);
ConferenceTag read_conference_tag(std::string_view text);

}  // namespace sotto::twilio
