#include "store/event_store.h"

#include <unordered_map>

#include "base/limits.h"
#include "store/columns.h"
#include "store/multi_row.h"
#include "text/json.h"

namespace sotto::store {
namespace {

using text::JsonArray;
using text::JsonObject;

const MultiRow kInsert{"INSERT INTO events (wall, call_id, leg, room, kind, body)", 6, ""};

constexpr EnumNames<call::PromptEnd, 3> kPromptEnds{{"finished", "stopped", "failed"}};
constexpr EnumNames<hearing::SupervisionMode, 4> kModes{{"listen", "whisper", "private", "barge"}};
constexpr EnumNames<call::MachineVerdict::Kind, 7> kVerdicts{{"human", "machine_start", "machine_end_beep",
                                                              "machine_end_silence", "machine_end_other",
                                                              "fax", "unknown"}};
constexpr EnumNames<call::StreamChanged::Kind, 4> kStreamChanges{{"started", "message", "stopped", "failed"}};

struct Told {
  std::string_view kind;  // empty: not kept
  JsonObject body;
};

std::optional<std::string> hex_or_none(const auto& id) {
  return id ? std::optional(to_column(*id)) : std::nullopt;
}

JsonObject reason_json(const call::EndReason& reason) {
  return {{"cause", to_string(reason.cause)},
          {"by", to_string(reason.by)},
          {"sip_code", reason.sip_code},
          {"detail", reason.detail}};
}

JsonObject recording_json(const call::RecordingInfo& info) {
  return {{"recording", to_column(info.id)},
          {"path", info.path},
          {"length_ms", info.length.count()},
          {"bytes", info.bytes}};
}

// One overload an event, so that a new event does not compile until it has been thought of here.
struct Teller {
  Told operator()(const call::LegCreated&) { return {"leg_created", {}}; }
  Told operator()(const call::LegRinging& e) { return {"leg_ringing", {{"early_media", e.early_media}}}; }
  Told operator()(const call::LegAnswered&) { return {"leg_answered", {}}; }
  Told operator()(const call::LegEnded& e) { return {"leg_ended", reason_json(e.reason)}; }
  Told operator()(const call::LegMoved& e) {
    return {"leg_moved", {{"from", to_column(e.from)}, {"to", to_column(e.to)}}};
  }
  Told operator()(const call::FactsChanged&) { return {"facts_changed", {}}; }
  Told operator()(const call::FarHold& e) { return {"far_hold", {{"on", e.on}}}; }
  Told operator()(const call::DigitReceived& e) {
    return {"digit_received", {{"digit", std::string(1, e.digit)}, {"length_ms", e.length.count()}}};
  }
  Told operator()(const call::RoomStarted& e) { return {"room_started", {{"room", to_column(e.room)}}}; }
  Told operator()(const call::RoomEnded& e) {
    return {"room_ended", {{"room", to_column(e.room)}, {"ended_by", hex_or_none(e.ended_by)}}};
  }
  Told operator()(const call::MemberJoined& e) { return {"member_joined", {{"room", to_column(e.room)}}}; }
  Told operator()(const call::MemberLeft& e) { return {"member_left", {{"room", to_column(e.room)}}}; }
  Told operator()(const call::PromptStarted& e) {
    return {"prompt_started", {{"prompt", to_column(e.prompt)}, {"what", e.what}}};
  }
  Told operator()(const call::PromptEnded& e) {
    return {"prompt_ended",
            {{"prompt", to_column(e.prompt)}, {"how", kPromptEnds.name(e.how)}, {"detail", e.detail}}};
  }
  Told operator()(const call::RecordingStarted& e) {
    return {"recording_started", recording_json(e.recording)};
  }
  Told operator()(const call::RecordingEnded& e) { return {"recording_ended", recording_json(e.recording)}; }
  Told operator()(const call::SupervisionChanged& e) {
    return {"supervision_changed",
            {{"supervisor", to_column(e.now.supervisor)},
             {"target", to_column(e.now.target)},
             {"mode", kModes.name(e.now.mode)},
             {"ended", e.ended}}};
  }
  Told operator()(const call::MachineVerdict& e) {
    return {"machine_verdict", {{"kind", kVerdicts.name(e.kind)}, {"after_ms", e.after.count()}}};
  }
  Told operator()(const call::SpeechHeard& e) {
    JsonArray guesses;
    for (const auto& guess : e.guesses) {
      guesses.emplace_back(
          JsonObject{{"text", guess.text}, {"confidence", static_cast<double>(guess.confidence)}});
    }
    return {"speech_heard", {{"final", e.final}, {"guesses", std::move(guesses)}, {"reason", e.reason}}};
  }
  Told operator()(const call::StreamChanged& e) {
    if (e.kind == call::StreamChanged::Kind::Message) return {};
    return {"stream_changed",
            {{"tap", to_column(e.tap)},
             {"kind", kStreamChanges.name(e.kind)},
             {"code", e.code},
             {"detail", e.detail}}};
  }
  Told operator()(const call::ReferAsked& e) {
    return {"refer_asked", {{"target", e.target.text}, {"replaces", hex_or_none(e.replaces)}}};
  }
  Told operator()(const call::ReferProgress& e) {
    return {"refer_progress", {{"refer_code", e.refer_code}, {"notify_code", e.notify_code}}};
  }
  Told operator()(const call::SpeakerChanged&) { return {}; }
  Told operator()(const call::PlanApplied&) { return {}; }
  Told operator()(const call::CallEnded&) { return {"call_ended", {}}; }
  Told operator()(const call::Notice& e) {
    return {"notice",
            {{"level", e.level == call::Notice::Level::Error ? "error" : "warning"},
             {"code", e.code},
             {"detail", e.detail}}};
  }
};

std::string hex_or_empty(const auto& id) {
  return id.valid() ? to_column(id) : std::string();
}

// A row's kind when its body is a list of events: [[wall, leg, room, kind, body], …].
constexpr char kSeveral[] = "several";

Values values_of(const EventRecord& event) {
  return row(to_column(event.wall), event.call, event.leg, event.room, event.kind, event.body);
}

// Ids and kinds need no escapes, and bodies are JSON already.
std::string list_of(const std::vector<const EventRecord*>& events) {
  std::string out = "[";
  for (const EventRecord* each : events) {
    if (out.size() > 1) out += ',';
    out += '[' + std::to_string(to_column(each->wall)) + ",\"" + each->leg + "\",\"" + each->room + "\",\"" +
           each->kind + "\"," + each->body + ']';
  }
  return out + ']';
}

Values values_of(const std::vector<const EventRecord*>& events) {
  if (events.size() == 1) return values_of(*events.front());
  return row(to_column(events.front()->wall), events.front()->call, "", "", kSeveral, list_of(events));
}

void expand(const EventRecord& row, std::vector<EventRecord>& out) {
  const auto list = text::parse_json(row.body);
  if (!list || list->array() == nullptr) return;
  for (const text::Json& each : *list->array()) {
    const JsonArray* parts = each.array();
    if (parts == nullptr || parts->size() != 5) continue;
    const int64_t* wall = (*parts)[0].integer();
    const std::string* leg = (*parts)[1].text();
    const std::string* room = (*parts)[2].text();
    const std::string* kind = (*parts)[3].text();
    if (wall == nullptr || leg == nullptr || room == nullptr || kind == nullptr) continue;
    out.push_back({row.sequence, time_of(Value(*wall)), row.call, *leg, *room, *kind, to_text((*parts)[4])});
  }
}

}  // namespace

std::optional<EventRecord> event_record(const call::Event& event) {
  Told told = std::visit(Teller{}, event.what);
  if (told.kind.empty()) return std::nullopt;
  return EventRecord{0,
                     event.wall,
                     hex_or_empty(event.call),
                     hex_or_empty(event.leg),
                     hex_or_empty(event.room),
                     std::string(told.kind),
                     to_text(text::Json(std::move(told.body)))};
}

Result<void> add_event(Connection& connection, const EventRecord& event) {
  return put_rows(connection, kInsert, {values_of(event)});
}

Result<void> add_events(Connection& connection, const std::vector<EventRecord>& events) {
  std::vector<std::vector<const EventRecord*>> groups;
  std::unordered_map<std::string_view, size_t> group_of;
  for (const EventRecord& each : events) {
    const auto [it, added] = group_of.try_emplace(each.call, groups.size());
    if (added || each.call.empty()) {
      groups.push_back({&each});
    } else {
      groups[it->second].push_back(&each);
    }
  }
  std::vector<Values> rows;
  rows.reserve(groups.size());
  for (const auto& group : groups) rows.push_back(values_of(group));
  return put_rows(connection, kInsert, std::move(rows));
}

Result<std::vector<EventRecord>> events_of_call(Connection& connection, call::CallId call,
                                                int64_t after_sequence, uint64_t count_max) {
  const auto rows = connection.execute(
      "SELECT sequence, wall, call_id, leg, room, kind, body FROM events WHERE call_id = ? AND sequence > ? "
      "ORDER BY sequence LIMIT "
      "?",
      {to_column(call), after_sequence, std::min<uint64_t>(count_max, base::limits::kStorePageMax)});
  if (!rows) return fail(rows.error());
  std::vector<EventRecord> events;
  for (const Row& row : *rows) {
    EventRecord event{row[0].integer(), time_of(row[1]), row[2].text(), row[3].text(),
                      row[4].text(),    row[5].text(),   row[6].text()};
    if (event.kind == kSeveral) {
      expand(event, events);
    } else {
      events.push_back(std::move(event));
    }
  }
  return events;
}

}  // namespace sotto::store
