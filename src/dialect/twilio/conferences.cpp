#include "dialect/twilio/conferences.h"

#include <algorithm>

#include "dialect/twilio/json_text.h"
#include "dialect/twilio/sid.h"
#include "store/documents.h"
#include "text/time_format.h"

namespace sotto::twilio {
namespace {

std::string truth(bool value) {
  return value ? "true" : "false";
}

base::WallTime time_of(const text::Json& json) {
  const int64_t* micros = json.integer();
  return base::WallTime(std::chrono::microseconds(micros == nullptr ? 0 : *micros));
}

std::string sentence_of(std::string_view reason) {
  std::string out(reason);
  std::replace(out.begin(), out.end(), '-', ' ');
  std::replace(out.begin(), out.end(), '_', ' ');
  return out;
}

}  // namespace

text::Json to_json(const Conference& conference) {
  return text::Json(text::JsonObject{{"room", base::to_hex(conference.room)},
                                     {"account", conference.account},
                                     {"name", conference.name},
                                     {"created", conference.created.time_since_epoch().count()},
                                     {"updated", conference.updated.time_since_epoch().count()},
                                     {"started", conference.started},
                                     {"ended", conference.ended},
                                     {"reason", conference.reason_ended},
                                     {"call", conference.call_ending}});
}

Result<Conference> read_conference(std::string_view text) {
  const auto json = text::parse_json(text);
  if (!json) return fail(json.error());
  const auto room = base::parse_id<call::RoomId>(text_of((*json)["room"]));
  if (!room) return fail(ErrorCode::Invalid, "room: expected an id");
  Conference conference;
  conference.room = *room;
  conference.account = text_of((*json)["account"]);
  conference.name = text_of((*json)["name"]);
  conference.created = time_of((*json)["created"]);
  conference.updated = time_of((*json)["updated"]);
  const bool* started = (*json)["started"].boolean();
  conference.started = started != nullptr && *started;
  const bool* ended = (*json)["ended"].boolean();
  conference.ended = ended != nullptr && *ended;
  conference.reason_ended = text_of((*json)["reason"]);
  conference.call_ending = text_of((*json)["call"]);
  return conference;
}

Conferences::Conferences(Shared& shared, Sender& sender) : shared_(shared), sender_(sender) {}

const Conference* Conferences::find(call::RoomId room) const {
  const auto it = live_.find(room);
  return it == live_.end() ? nullptr : &it->second;
}

Conference* Conferences::find(call::RoomId room) {
  const auto it = live_.find(room);
  return it == live_.end() ? nullptr : &it->second;
}

std::vector<const Conference*> Conferences::of_account(const std::string& hex) const {
  std::vector<const Conference*> out;
  for (const auto& [room, conference] : live_) {
    if (conference.account == hex) out.push_back(&conference);
  }
  return out;
}

void Conferences::on_event(const call::Event& event) {
  if (const auto* in = std::get_if<call::MemberJoined>(&event.what)) return joined(event, in->room);
  if (const auto* out = std::get_if<call::MemberLeft>(&event.what))
    return left(event.leg, out->room, event.wall);
  if (const auto* facts = std::get_if<call::FactsChanged>(&event.what)) {
    return facts_changed(event, facts->before);
  }
  if (const auto* changed = std::get_if<call::SupervisionChanged>(&event.what)) {
    return supervision_changed(event, *changed);
  }
  if (const auto* ended = std::get_if<call::RoomEnded>(&event.what)) return over(event, ended->room);
  if (std::holds_alternative<call::PromptEnded>(event.what)) return prompt_ended(event);
  if (const auto* talks = std::get_if<call::SpeakerChanged>(&event.what)) {
    return speaker_changed(event, talks->room);
  }
  // Who hangs up leaves without a word of it.
  if (std::holds_alternative<call::LegEnded>(event.what)) {
    const call::Leg* leg = shared_.services.switchboard.leg(event.leg);
    if (leg != nullptr) left(event.leg, leg->room, event.wall);
    return forget_coming(event.leg);
  }
  const auto* started = std::get_if<call::RoomStarted>(&event.what);
  Conference* conference = started == nullptr ? nullptr : find(started->room);
  if (conference == nullptr) return;
  conference->started = true;
  conference->updated = event.wall;
  store(*conference);
  tell(*conference, "start", "conference-start", event.wall, {});
}

// The step that brought the leg here says how it takes part.
ConferenceTag Conferences::tag_of(call::LegId leg, const std::string& room_name) {
  const LegNotes* notes = shared_.legs.find(leg);
  if (notes == nullptr || notes->program == nullptr) return {};
  for (const flow::Step& step : notes->program->steps) {
    const auto* join = std::get_if<flow::JoinRoomStep>(&step.spec);
    if (join != nullptr && join->room == room_name) return read_conference_tag(join->tag);
  }
  return {};
}

void Conferences::joined(const call::Event& event, call::RoomId room_id) {
  const call::Room* room = shared_.services.switchboard.room(room_id);
  const call::Leg* leg = shared_.services.switchboard.leg(event.leg);
  if (room == nullptr || leg == nullptr || room->options.name.empty()) return;
  if (!leg->answered()) return;  // he rings into it, and is no participant yet
  auto [it, fresh] = live_.try_emplace(room_id);
  Conference& conference = it->second;
  if (fresh) {
    conference.room = room_id;
    conference.account = leg->origin.account;
    conference.name = name_without_scope(room->options.name);
    conference.created = event.wall;
    conference.started = room->started;
  }
  conference.updated = event.wall;
  Participant participant{event.leg, tag_of(event.leg, room->options.name), event.wall};
  // The first who asks for callbacks decides for the room.
  if (!conference.status) conference.status = participant.tag.status;
  conference.participants[event.leg] = std::move(participant);
  forget_coming(event.leg);
  watch(conference);
  if (fresh) store(conference);
  tell(conference, "join", "participant-join", event.wall, participant_fields(conference, event.leg));
}

void Conferences::left(call::LegId who, call::RoomId room, base::WallTime at) {
  Conference* conference = find(room);
  if (conference == nullptr || !conference->participants.contains(who)) return;
  text::Parameters fields = participant_fields(*conference, who);
  const std::optional<call::Leg> leg = shared_.legs.leg(who);
  const Participant participant = conference->participants.at(who);
  const bool by_api = leaving_by_api_.erase(who) != 0;
  const auto ending = endings_.find(room);
  std::string_view reason = "participant_hung_up";
  if (by_api) {
    reason = "participant_updated_via_api";
  } else if (ending != endings_.end()) {
    reason = ending->second.call.empty() ? "conference_ended_via_api" : "moderator_ended_conference";
  }
  if (leg) fields.emplace_back("ParticipantCallStatus", call_status(*leg));
  fields.emplace_back("ReasonParticipantLeft", std::string(reason));
  fields.emplace_back("Reason", sentence_of(reason));
  const bool last = conference->participants.size() == 1;
  if (ending == endings_.end() && (participant.tag.end_on_exit || last)) {
    const std::string how = by_api ? "kicked" : "left";
    endings_[room] = {participant.tag.end_on_exit ? "participant-with-end-conference-on-exit-" + how
                                                  : "last-participant-" + how,
                      sid("CA", who), participant.tag.label};
  }
  if (conference->speaker == who) {
    conference->speaker.reset();
    tell(*conference, "speaker", "participant-speech-stop", at, participant_fields(*conference, who));
  }
  conference->participants.erase(who);
  if (ends_by_api_.erase(who) != 0 && !last) {
    shared_.services.loop.post([&flow = shared_.services.flow, room] {
      (void)flow.end_room(room, {call::EndCause::RoomEnded, call::EndedBy::OtherLeg, 0, {}});
    });
  }
  conference->updated = at;
  tell(*conference, "leave", "participant-leave", at, std::move(fields));
}

void Conferences::expect_participant(call::RoomId room, Participant participant) {
  Conference* conference = find(room);
  if (conference != nullptr) conference->coming[participant.leg] = std::move(participant);
}

// He is in, or does not come.
void Conferences::forget_coming(call::LegId leg) {
  for (auto& [room, conference] : live_) conference.coming.erase(leg);
}

void Conferences::watch(Conference& conference) {
  if (conference.watched || !conference.status.wants("speaker")) return;
  conference.watched = shared_.services.switchboard.watch_speakers(conference.room).has_value();
}

// The loudest speaks; whoever spoke before him has ended.
void Conferences::speaker_changed(const call::Event& event, call::RoomId room) {
  Conference* conference = find(room);
  if (conference == nullptr) return;
  const bool somebody = event.leg.valid() && conference->participants.contains(event.leg);
  const std::optional<call::LegId> now = somebody ? std::optional(event.leg) : std::nullopt;
  const std::optional<call::LegId> before = std::exchange(conference->speaker, now);
  if (before == now) return;
  if (before) {
    tell(*conference, "speaker", "participant-speech-stop", event.wall,
         participant_fields(*conference, *before));
  }
  if (now) {
    tell(*conference, "speaker", "participant-speech-start", event.wall,
         participant_fields(*conference, *now));
  }
}

void Conferences::over(const call::Event& event, call::RoomId room) {
  // The room is gone with its last leg, whose own end is told of after it.
  while (const Conference* last = find(room)) {
    if (last->participants.empty()) break;
    left(last->participants.begin()->first, room, event.wall);
  }
  auto node = live_.extract(room);
  auto ending = endings_.extract(room);
  announcements_.erase(room);
  if (node.empty()) return;
  Conference& conference = node.mapped();
  conference.ended = true;
  conference.updated = event.wall;
  if (!ending.empty()) {
    conference.reason_ended = ending.mapped().reason;
    conference.call_ending = ending.mapped().call;
  }
  store(conference);
  text::Parameters more = {{"ReasonConferenceEnded", conference.reason_ended},
                           {"Reason", sentence_of(conference.reason_ended)},
                           {"CallSidEndingConference", conference.call_ending}};
  if (!ending.empty()) more.emplace_back("ParticipantLabelEndingConference", ending.mapped().label);
  tell(conference, "end", "conference-end", event.wall, std::move(more));
}

void Conferences::facts_changed(const call::Event& event, const hearing::Member& before) {
  const call::Leg* leg = shared_.services.switchboard.leg(event.leg);
  Conference* conference = leg == nullptr ? nullptr : find(leg->room);
  if (conference == nullptr || !conference->participants.contains(event.leg)) return;
  conference->updated = event.wall;
  if (leg->facts.muted != before.muted) {
    tell(*conference, "mute", leg->facts.muted ? "participant-mute" : "participant-unmute", event.wall,
         participant_fields(*conference, event.leg));
  }
  if (leg->facts.held != before.held) {
    tell(*conference, "hold", leg->facts.held ? "participant-hold" : "participant-unhold", event.wall,
         participant_fields(*conference, event.leg));
  }
}

void Conferences::supervision_changed(const call::Event& event, const call::SupervisionChanged& changed) {
  const call::Leg* leg = shared_.services.switchboard.leg(changed.now.supervisor);
  Conference* conference = leg == nullptr ? nullptr : find(leg->room);
  if (conference == nullptr || !conference->participants.contains(leg->id)) return;
  const std::string coached = changed.ended ? std::string() : sid("CA", changed.now.target);
  std::string& known = conference->participants[leg->id].tag.coach;
  if (std::exchange(known, coached) == coached) return;
  tell(*conference, "modify", "participant-modify", event.wall, participant_fields(*conference, leg->id));
}

text::Parameters Conferences::participant_fields(const Conference& conference, call::LegId id) const {
  const auto it = conference.participants.find(id);
  const std::optional<call::Leg> leg = shared_.legs.leg(id);
  const ConferenceTag tag = it == conference.participants.end() ? ConferenceTag{} : it->second.tag;
  const auto supervision = shared_.services.switchboard.supervision_of(id);
  const bool coaching = supervision && (supervision->mode == hearing::SupervisionMode::Whisper ||
                                        supervision->mode == hearing::SupervisionMode::Private);
  text::Parameters out = {{"CallSid", sid("CA", id)},
                          {"ParticipantLabel", tag.label},
                          {"Muted", truth(leg && leg->facts.muted)},
                          {"Hold", truth(leg && leg->facts.held)},
                          {"Coaching", truth(coaching)},
                          {"EndConferenceOnExit", truth(tag.end_on_exit)},
                          {"StartConferenceOnEnter", truth(tag.start_on_enter)}};
  if (coaching) out.emplace_back("CallSidToCoach", sid("CA", supervision->target));
  return out;
}

void Conferences::tell(Conference& conference, std::string_view wanted, std::string_view event,
                       base::WallTime at, text::Parameters more) {
  if (!conference.status.wants(wanted)) return;
  text::Parameters form = {{"AccountSid", shared_.host_of(conference.account).account_sid},
                           {"ConferenceSid", sid("CF", conference.room)},
                           {"FriendlyName", conference.name},
                           {"SequenceNumber", std::to_string(++conference.sequence)},
                           {"Timestamp", text::format_rfc2822(at)},
                           {"StatusCallbackEvent", std::string(event)}};
  for (auto& field : more) form.push_back(std::move(field));
  sender_.send({conference.account, base::to_hex(conference.room), {}}, conference.status, std::move(form));
}

void Conferences::set_end_on_exit(call::RoomId room, call::LegId leg, bool on) {
  Conference* conference = find(room);
  if (conference == nullptr || !conference->participants.contains(leg)) return;
  conference->participants[leg].tag.end_on_exit = on;
  if (on) ends_by_api_.insert(leg);
  if (!on) ends_by_api_.erase(leg);
  tell(*conference, "modify", "participant-modify", shared_.services.loop.clock().wall(),
       participant_fields(*conference, leg));
}

void Conferences::expect_announcement(call::RoomId room, const std::string& url,
                                      const std::optional<call::LegId>& only, const flow::Program& program) {
  const auto prompts = std::count_if(program.steps.begin(), program.steps.end(), [](const flow::Step& step) {
    return std::holds_alternative<flow::PlayStep>(step.spec);
  });
  if (prompts > 0) announcements_[room].push_back({url, only, static_cast<size_t>(prompts)});
}

// Prompts of a room that belong to nobody are its announcements, one after the other.
void Conferences::prompt_ended(const call::Event& event) {
  const auto it = announcements_.find(event.room);
  if (it == announcements_.end() || it->second.empty()) return;
  Announcement& first = it->second.front();
  if (--first.prompts_left > 0) return;
  const Announcement done = first;
  it->second.pop_front();
  announce(event.room, done.url, done.only, false, {});
}

void Conferences::expect_end_by_api(call::RoomId room) {
  endings_[room] = {"conference-ended-via-api", {}, {}};
}

void Conferences::expect_leave_by_api(call::LegId leg) {
  leaving_by_api_.insert(leg);
}

void Conferences::announce(call::RoomId room, const std::string& url, const std::optional<call::LegId>& only,
                           bool failed, const std::string& why) {
  Conference* conference = find(room);
  if (conference == nullptr) return;
  text::Parameters more = {{"AnnounceUrl", url}};
  if (failed) more.emplace_back("ReasonAnnouncementFailed", why);
  if (only) more.emplace_back("CallSid", sid("CA", *only));
  tell(*conference, "announcement", failed ? "announcement-fail" : "announcement-end",
       shared_.services.loop.clock().wall(), std::move(more));
}

void Conferences::store(const Conference& conference) {
  store::Document document;
  document.kind = kConferenceKind;
  document.id = base::to_hex(conference.room);
  document.account = conference.account;
  document.body = text::to_text(to_json(conference));
  const base::WallTime now = shared_.services.loop.clock().wall();
  // A store that takes no more has said so in the log; the room goes on.
  (void)shared_.services.store.write([document, now](store::Connection& connection) {
    return store::overwrite_document(connection, document, now);
  });
}

}  // namespace sotto::twilio
