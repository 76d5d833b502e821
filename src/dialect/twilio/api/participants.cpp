#include <algorithm>

#include "dialect/twilio/api/calls.h"
#include "dialect/twilio/api/conference_parts.h"
#include "dialect/twilio/sid.h"

namespace sotto::twilio {
namespace {

using hearing::SupervisionMode;

// By its sid or its name.
Conference* find_conference(const ApiParts& parts, const ApiRequest& request) {
  const std::string given(request.parameter("ConferenceSid"));
  if (const auto room = parse_sid<call::RoomId>(given, "CF")) {
    Conference* found = parts.conferences.find(*room);
    return found != nullptr && found->account == request.account.hex ? found : nullptr;
  }
  for (const Conference* each : parts.conferences.of_account(request.account.hex)) {
    if (each->name == given) return parts.conferences.find(each->room);
  }
  return nullptr;
}

struct Found {
  Conference* conference = nullptr;
  Participant* participant = nullptr;
};

// By its CallSid or its label.
Participant* find_participant(Conference& conference, const std::string& given) {
  for (auto* some : {&conference.participants, &conference.coming}) {
    for (auto& [leg, participant] : *some) {
      if (sid("CA", leg) == given || (!given.empty() && participant.tag.label == given)) return &participant;
    }
  }
  return nullptr;
}

bool is_coming(const Found& found) {
  return found.conference->coming.contains(found.participant->leg);
}

ApiResult<Found> find(const ApiParts& parts, const ApiRequest& request) {
  Found found;
  found.conference = find_conference(parts, request);
  if (found.conference == nullptr) return not_found(request.http.path);
  found.participant = find_participant(*found.conference, std::string(request.parameter("CallSid")));
  if (found.participant == nullptr) return not_found(request.http.path);
  return found;
}

std::optional<hearing::Supervision> coaching_of(const ApiParts& parts, call::LegId leg) {
  const auto supervision = parts.shared.services.switchboard.supervision_of(leg);
  const bool coaches = supervision && (supervision->mode == SupervisionMode::Whisper ||
                                       supervision->mode == SupervisionMode::Private);
  return coaches ? supervision : std::nullopt;
}

text::Json render(const ApiParts& parts, const ApiRequest& request, const call::Leg& leg, call::RoomId room,
                  const ConferenceTag& tag, base::WallTime joined, std::string_view status) {
  const auto coaching = coaching_of(parts, leg.id);
  const std::string id = sid("CA", leg.id);
  text::JsonObject out;
  out.add("account_sid", request.account.settings.account_sid);
  out.add("call_sid", id);
  out.add("label", tag.label.empty() ? text::Json() : text::Json(tag.label));
  out.add("call_sid_to_coach", coaching ? text::Json(sid("CA", coaching->target)) : text::Json());
  out.add("coaching", coaching.has_value());
  out.add("conference_sid", sid("CF", room));
  out.add("date_created", rfc2822(joined));
  out.add("date_updated", rfc2822(joined));
  out.add("end_conference_on_exit", tag.end_on_exit);
  out.add("muted", leg.facts.muted);
  out.add("hold", leg.facts.held);
  out.add("start_conference_on_enter", tag.start_on_enter);
  out.add("status", status);
  out.add("queue_time", "0");
  out.add("uri", request.base + "/Conferences/" + sid("CF", room) + "/Participants/" + id + ".json");
  return text::Json(std::move(out));
}

text::Json render(const ApiParts& parts, const ApiRequest& request, const Found& found) {
  const call::Leg* leg = parts.shared.services.switchboard.leg(found.participant->leg);
  const call::Leg shown = leg == nullptr ? call::Leg{} : *leg;
  std::string_view status = "connected";
  if (is_coming(found)) status = shown.ringing_at ? "ringing" : "connecting";
  return render(parts, request, shown, found.conference->room, found.participant->tag,
                found.participant->joined, status);
}

// The step that brings a new participant in.
ApiResult<flow::JoinRoomStep> read_join(const ApiParts& parts, const ApiRequest& request,
                                        const std::string& room, call::LegId leg, ConferenceTag& tag) {
  flow::JoinRoomStep join;
  join.room = room;
  join.when_ended = flow::JoinRoomStep::WhenEnded::HangUp;
  join.starts_with = 2;
  join.wait_max = parts.shared.services.settings.room_wait_max;
  const struct {
    const char* name;
    bool fallback;
    bool& value;
  } flags[] = {{"Muted", false, join.muted},
               {"StartConferenceOnEnter", true, join.start_on_enter},
               {"EndConferenceOnExit", false, join.end_on_exit}};
  for (const auto& row : flags) {
    const auto flag = request.flag(row.name, row.fallback);
    if (!flag) return tl::unexpected(flag.error());
    row.value = *flag;
  }
  const auto beep = request.choice("Beep", {"true", "false", "onEnter", "onExit"}, "true", 20001);
  if (!beep) return tl::unexpected(beep.error());
  join.beep_on_enter = *beep == "true" || *beep == "onEnter";
  join.beep_on_exit = *beep == "true" || *beep == "onExit";
  const auto most = request.whole("MaxParticipants", 250, 2, 250, 20001);
  if (!most) return tl::unexpected(most.error());
  join.legs_max = static_cast<size_t>(*most);
  auto wait = request.url("WaitUrl", 21205);
  if (!wait) return tl::unexpected(wait.error());
  auto wait_method = request.method("WaitMethod");
  if (!wait_method) return tl::unexpected(wait_method.error());
  if (!wait->empty()) {
    join.wait = parts.shared.links.add(leg, Link{*wait, *wait_method, flow::Role::ConferenceWait,
                                                 Link::For::Next, name_without_scope(room)});
  } else if (!request.has("WaitUrl")) {
    join.wait = default_music();
  }
  const auto record = request.choice("ConferenceRecord",
                                     {"true", "false", "record-from-start", "do-not-record"}, "false", 20001);
  if (!record) return tl::unexpected(record.error());
  auto spec = read_recording(request, "Conference", "Conference");
  if (!spec) return tl::unexpected(spec.error());
  const auto trim = request.choice("ConferenceTrim", {"trim-silence", "do-not-trim"}, "trim-silence", 20001);
  if (!trim) return tl::unexpected(trim.error());
  spec->policy = call::RecordingPolicy::Mixed;
  spec->channels = 1;
  spec->trim_silence = *trim == "trim-silence";
  if (*record == "true" || *record == "record-from-start") join.recording = *spec;
  tag.start_on_enter = join.start_on_enter;
  tag.end_on_exit = join.end_on_exit;
  return join;
}

// What is understood and changes nothing here.
ApiResult<void> check_unused(const ApiRequest& request) {
  const auto size = request.choice("JitterBufferSize", {"off", "small", "medium", "large"}, "large", 20001);
  if (!size) return tl::unexpected(size.error());
  return {};
}

// How one who is in the conference already goes on in it. An empty WaitUrl is silence.
ApiResult<flow::Engine::Stay> read_stay(const ApiParts& parts, const ApiRequest& request,
                                        const Found& found) {
  flow::Engine::Stay stay;
  const auto beep = request.flag("BeepOnExit", false);
  if (!beep) return tl::unexpected(beep.error());
  if (request.has("BeepOnExit")) stay.beep_on_exit = *beep;
  auto url = request.url("WaitUrl", 21205);
  if (!url) return tl::unexpected(url.error());
  const auto method = request.method("WaitMethod");
  if (!method) return tl::unexpected(method.error());
  if (!request.has("WaitUrl")) return stay;
  stay.wait.emplace();
  if (!url->empty()) {
    *stay.wait = parts.shared.links.add(
        found.participant->leg,
        Link{*url, *method, flow::Role::ConferenceWait, Link::For::Next, found.conference->name});
  }
  return stay;
}

// With a room, those in it hear him ring.
ApiResult<call::LegId> dial_into(const ApiParts& parts, const ApiRequest& request, Outgoing outgoing,
                                 const call::Room* room) {
  call::Switchboard& board = parts.shared.services.switchboard;
  const call::Switchboard::Batch batch(board);
  if (room != nullptr) outgoing.leg.room = room->id;
  auto leg = dial(parts, request, std::move(outgoing));
  if (leg && room != nullptr) (void)board.set_source_only(*leg, true);
  return leg;
}

// Whom a new participant coaches, by CallSid.
ApiResult<std::optional<call::LegId>> read_target(const ApiRequest& request, const Conference* conference) {
  const auto coaching = request.flag("Coaching", request.has("CallSidToCoach"));
  if (!coaching) return tl::unexpected(coaching.error());
  if (!*coaching) return std::nullopt;
  const std::string given = request.text("CallSidToCoach");
  const auto target = parse_sid<call::LegId>(given, "CA");
  if (!target) return refuse(400, 13240, "CallSidToCoach: expected the CallSid of a participant");
  const bool there = conference != nullptr && conference->participants.contains(*target);
  if (!there) return refuse(400, 16028, "CallSidToCoach: the call to be coached is not in the conference");
  return target;
}

ApiResult<ConferenceTag> read_tag(const ApiRequest& request, const Conference* conference) {
  ConferenceTag tag;
  tag.label = request.text("Label");
  if (tag.label.size() > 128 || tag.label.find('/') != std::string::npos || is_sid(tag.label, "CA")) {
    return refuse(400, 16023, "Label: expected up to 128 characters without a slash, and no CallSid");
  }
  const auto has_it = [&tag](const auto& each) { return each.second.tag.label == tag.label; };
  const bool taken = conference != nullptr && !tag.label.empty() &&
                     (std::any_of(conference->participants.begin(), conference->participants.end(), has_it) ||
                      std::any_of(conference->coming.begin(), conference->coming.end(), has_it));
  if (taken) return refuse(400, 16025, "Label: another participant has it");
  auto status = read_callback(request, "ConferenceStatusCallback", "ConferenceStatusCallbackMethod",
                              "ConferenceStatusCallbackEvent", {"start", "end"}, 21402);
  if (!status) return tl::unexpected(status.error());
  tag.status = *status;
  return tag;
}

// The participant's Coaching: on, off, or to another target (twilio.md §7.3).
ApiResult<void> set_coaching(const ApiParts& parts, const ApiRequest& request, const Found& found) {
  if (!request.has("Coaching") && !request.has("CallSidToCoach")) return {};
  auto target = read_target(request, found.conference);
  if (!target) return tl::unexpected(target.error());
  call::Switchboard& board = parts.shared.services.switchboard;
  const call::LegId leg = found.participant->leg;
  const auto now = board.supervision_of(leg);
  if (!*target) {
    if (now) (void)board.end_supervision(leg);
    return {};
  }
  if (now && now->target == **target) return {};
  const call::Leg* coached = board.leg(**target);
  if (coached != nullptr && coached->facts.held)
    return refuse(400, 16027, "The call to be coached is on hold");
  call::Switchboard::Batch batch(board);
  if (now) (void)board.end_supervision(leg);
  auto supervised = board.supervise({leg, **target, SupervisionMode::Whisper,
                                     hearing::OnTargetLeft::StayUnheard, hearing::HeldTarget::Deaf});
  if (!supervised) return refuse(400, 13240, supervised.error().detail);
  return {};
}

// The list's filters.
ApiResult<bool> admits(const ApiRequest& request, const text::Json& shown) {
  constexpr std::pair<const char*, const char*> kFilters[] = {
      {"Muted", "muted"}, {"Hold", "hold"}, {"Coaching", "coaching"}};
  for (const auto& [name, key] : kFilters) {
    if (!request.has(name)) continue;
    const auto flag = request.flag(name, false);
    if (!flag) return tl::unexpected(flag.error());
    if (*shown[key].boolean() != *flag) return false;
  }
  return true;
}

ApiResult<void> set_hold(const ApiParts& parts, const ApiRequest& request, const Found& found) {
  if (!request.has("Hold")) return {};
  const auto hold = request.flag("Hold", false);
  if (!hold) return tl::unexpected(hold.error());
  auto url = request.url("HoldUrl", 21205);
  if (!url) return tl::unexpected(url.error());
  const auto method = request.method("HoldMethod", http::Method::Get);
  if (!method) return tl::unexpected(method.error());
  const call::LegId leg = found.participant->leg;
  flow::Engine& flow = parts.shared.services.flow;
  Result<void> done;
  if (!*hold) {
    done = flow.unhold(leg);
  } else if (url->empty()) {
    done = flow.hold(leg, default_music());
  } else {
    done = flow.hold(leg, parts.shared.links.add(leg, Link{*url, *method, flow::Role::Hold, Link::For::Next,
                                                           found.conference->name}));
  }
  if (!done && done.error().code != ErrorCode::Conflict) return refuse(done.error());
  return {};
}

}  // namespace

asio::awaitable<ApiResult<ApiReply>> list_participants(ApiParts& parts, ApiRequest request) {
  Conference* conference = find_conference(parts, request);
  std::vector<text::Json> items;
  if (conference == nullptr) co_return paginate(request, "participants", std::move(items));
  for (auto* some : {&conference->participants, &conference->coming}) {
    for (auto& [leg, participant] : *some) {
      text::Json shown = render(parts, request, Found{conference, &participant});
      const auto wanted = admits(request, shown);
      if (!wanted) co_return tl::unexpected(wanted.error());
      if (*wanted) items.push_back(std::move(shown));
    }
  }
  co_return paginate(request, "participants", std::move(items));
}

asio::awaitable<ApiResult<ApiReply>> create_participant(ApiParts& parts, ApiRequest request) {
  auto outgoing = read_outgoing(parts, request);
  if (!outgoing) co_return tl::unexpected(outgoing.error());
  if (auto valid = check_unused(request); !valid) co_return tl::unexpected(valid.error());
  Conference* conference = find_conference(parts, request);
  const std::string given(request.parameter("ConferenceSid"));
  if (conference == nullptr && is_sid(given, "CF")) co_return not_found(request.http.path);
  auto tag = read_tag(request, conference);
  if (!tag) co_return tl::unexpected(tag.error());
  auto target = read_target(request, conference);
  if (!target) co_return tl::unexpected(target.error());
  const auto early = request.flag("EarlyMedia", true);
  if (!early) co_return tl::unexpected(early.error());
  auto checked = read_join(parts, request, given, call::LegId{}, *tag);
  if (!checked) co_return tl::unexpected(checked.error());
  const call::Room* existing =
      conference == nullptr ? nullptr : parts.shared.services.switchboard.room(conference->room);
  const std::string room =
      existing != nullptr ? existing->options.name : scoped_name(request.account.hex, given);
  auto leg = dial_into(parts, request, *outgoing, *early ? existing : nullptr);
  if (!leg) co_return tl::unexpected(leg.error());
  auto join = read_join(parts, request, room, *leg, *tag);
  if (!join) co_return tl::unexpected(join.error());
  if (*target) {
    join->coach = flow::JoinRoomStep::Coach{**target};
    tag->coach = sid("CA", **target);
  }
  join->time_max = std::chrono::seconds(outgoing->time_limit);
  join->tag = to_text(*tag);
  auto program = std::make_shared<flow::Program>();
  if (outgoing->recording) {
    flow::RecordStep record;
    record.spec = *outgoing->recording;
    record.wait = flow::Wait::No;
    program->steps.push_back({std::move(record)});
  }
  program->steps.push_back({std::move(*join)});
  parts.shared.legs.runs(*leg, program);
  parts.callbacks.on_initiated(*leg);
  if (auto running = parts.shared.services.flow.run(*leg, program); !running)
    co_return refuse(running.error());
  const call::Leg* made = parts.shared.services.switchboard.leg(*leg);
  if (existing != nullptr) parts.conferences.expect_participant(existing->id, {*leg, *tag, made->created});
  // A room that is not there yet has no sid; clients read it from the participant once he is in.
  const call::RoomId shown_room = conference == nullptr ? call::RoomId{} : conference->room;
  co_return ApiReply{201, render(parts, request, *made, shown_room, *tag, made->created, "queued"), {}};
}

asio::awaitable<ApiResult<ApiReply>> show_participant(ApiParts& parts, ApiRequest request) {
  auto found = find(parts, request);
  if (!found) co_return tl::unexpected(found.error());
  co_return ApiReply{200, render(parts, request, *found), {}};
}

asio::awaitable<ApiResult<ApiReply>> update_participant(ApiParts& parts, ApiRequest request) {
  auto found = find(parts, request);
  if (!found) co_return tl::unexpected(found.error());
  const call::LegId leg = found->participant->leg;
  if (is_coming(*found)) co_return refuse(400, 21220, "The participant is not in the conference yet");
  if (auto valid = check_unused(request); !valid) co_return tl::unexpected(valid.error());
  auto stay = read_stay(parts, request, *found);
  if (!stay) co_return tl::unexpected(stay.error());
  const auto muted = request.flag("Muted", false);
  if (!muted) co_return tl::unexpected(muted.error());
  auto announcement = request.url("AnnounceUrl", 21205);
  if (!announcement) co_return tl::unexpected(announcement.error());
  auto method = request.method("AnnounceMethod");
  if (!method) co_return tl::unexpected(method.error());
  const auto end = request.flag("EndConferenceOnExit", found->participant->tag.end_on_exit);
  if (!end) co_return tl::unexpected(end.error());
  if (auto set = set_coaching(parts, request, *found); !set) co_return tl::unexpected(set.error());
  if (auto set = set_hold(parts, request, *found); !set) co_return tl::unexpected(set.error());
  if (stay->wait || stay->beep_on_exit) {
    auto changed = parts.shared.services.flow.change_stay(leg, std::move(*stay));
    if (!changed) co_return refuse(changed.error());
  }
  if (request.has("Muted")) (void)parts.shared.services.switchboard.mute(leg, *muted);
  if (request.has("EndConferenceOnExit"))
    parts.conferences.set_end_on_exit(found->conference->room, leg, *end);
  if (!announcement->empty()) {
    parts.shared.services.loop.tasks().spawn(
        announce_later(parts, request.account.hex, found->conference->room, leg, *announcement, *method));
  }
  auto again = find(parts, request);
  if (!again) co_return tl::unexpected(again.error());
  co_return ApiReply{200, render(parts, request, *again), {}};
}

asio::awaitable<ApiResult<ApiReply>> erase_participant(ApiParts& parts, ApiRequest request) {
  auto found = find(parts, request);
  if (!found) co_return tl::unexpected(found.error());
  if (is_coming(*found)) {
    parts.shared.services.switchboard.hang_up(found->participant->leg,
                                              {call::EndCause::Cancelled, call::EndedBy::Api, 487, {}});
    co_return ApiReply{204, {}, {}};
  }
  parts.conferences.expect_leave_by_api(found->participant->leg);
  const auto removed = parts.shared.services.flow.remove_from_room(found->participant->leg);
  if (!removed) co_return refuse(removed.error());
  co_return ApiReply{204, {}, {}};
}

}  // namespace sotto::twilio
