#include "store/event_store.h"

#include <algorithm>
#include <span>

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

// The text of a JSON object, written straight: a tree for each of a call's events would cost more than the
// rest of writing them.
template <typename Value>
void append_value(std::string& out, const Value& value) {
  if constexpr (std::is_same_v<Value, bool>) {
    out += value ? "true" : "false";
  } else if constexpr (std::is_arithmetic_v<Value>) {
    out += std::to_string(value);
  } else if constexpr (std::is_same_v<Value, text::Json>) {
    out += to_text(value);
  } else {
    text::append_json_string(out, value);
  }
}
template <typename Value>
void append_value(std::string& out, const std::optional<Value>& value) {
  if (!value) {
    out += "null";
  } else {
    append_value(out, *value);
  }
}

void append_members(std::string&) {}
template <typename Value, typename... More>
void append_members(std::string& out, std::string_view key, const Value& value, const More&... more) {
  out += out.size() > 1 ? ",\"" : "\"";
  out += key;
  out += "\":";
  append_value(out, value);
  append_members(out, more...);
}

// Of keys, which need no escapes, and values by turns.
template <typename... Members>
std::string object(const Members&... members) {
  std::string out = "{";
  append_members(out, members...);
  out += '}';
  return out;
}

struct Told {
  std::string_view kind;  // empty: not kept
  std::string body;       // a JSON object
};

std::optional<std::string> hex_or_none(const auto& id) {
  return id ? std::optional(to_column(*id)) : std::nullopt;
}

std::string reason_json(const call::EndReason& reason) {
  return object("cause", to_string(reason.cause), "by", to_string(reason.by), "sip_code", reason.sip_code,
                "detail", reason.detail);
}

std::string recording_json(const call::RecordingInfo& info) {
  return object("recording", to_column(info.id), "path", info.path, "length_ms", info.length.count(), "bytes",
                info.bytes);
}

// One overload an event, so that a new event does not compile until it has been thought of here.
struct Teller {
  Told operator()(const call::LegCreated&) { return {"leg_created", object()}; }
  Told operator()(const call::LegRinging& e) { return {"leg_ringing", object("early_media", e.early_media)}; }
  Told operator()(const call::LegAnswered&) { return {"leg_answered", object()}; }
  Told operator()(const call::LegEnded& e) { return {"leg_ended", reason_json(e.reason)}; }
  Told operator()(const call::LegMoved& e) {
    return {"leg_moved", object("from", to_column(e.from), "to", to_column(e.to))};
  }
  Told operator()(const call::FactsChanged&) { return {"facts_changed", object()}; }
  Told operator()(const call::FarHold& e) { return {"far_hold", object("on", e.on)}; }
  Told operator()(const call::DigitReceived& e) {
    return {"digit_received", object("digit", std::string(1, e.digit), "length_ms", e.length.count())};
  }
  Told operator()(const call::RoomStarted& e) { return {"room_started", object("room", to_column(e.room))}; }
  Told operator()(const call::RoomEnded& e) {
    return {"room_ended", object("room", to_column(e.room), "ended_by", hex_or_none(e.ended_by))};
  }
  Told operator()(const call::MemberJoined& e) {
    return {"member_joined", object("room", to_column(e.room))};
  }
  Told operator()(const call::MemberLeft& e) { return {"member_left", object("room", to_column(e.room))}; }
  Told operator()(const call::PromptStarted& e) {
    return {"prompt_started", object("prompt", to_column(e.prompt), "what", e.what)};
  }
  Told operator()(const call::PromptEnded& e) {
    return {"prompt_ended",
            object("prompt", to_column(e.prompt), "how", kPromptEnds.name(e.how), "detail", e.detail)};
  }
  Told operator()(const call::RecordingStarted& e) {
    return {"recording_started", recording_json(e.recording)};
  }
  Told operator()(const call::RecordingEnded& e) { return {"recording_ended", recording_json(e.recording)}; }
  Told operator()(const call::SupervisionChanged& e) {
    return {"supervision_changed",
            object("supervisor", to_column(e.now.supervisor), "target", to_column(e.now.target), "mode",
                   kModes.name(e.now.mode), "ended", e.ended)};
  }
  Told operator()(const call::MachineVerdict& e) {
    return {"machine_verdict", object("kind", kVerdicts.name(e.kind), "after_ms", e.after.count())};
  }
  Told operator()(const call::SpeechHeard& e) {
    JsonArray guesses;
    for (const auto& guess : e.guesses) {
      guesses.emplace_back(
          JsonObject{{"text", guess.text}, {"confidence", static_cast<double>(guess.confidence)}});
    }
    return {"speech_heard",
            object("final", e.final, "guesses", text::Json(std::move(guesses)), "reason", e.reason)};
  }
  Told operator()(const call::StreamChanged& e) {
    if (e.kind == call::StreamChanged::Kind::Message) return {};
    return {"stream_changed", object("tap", to_column(e.tap), "kind", kStreamChanges.name(e.kind), "code",
                                     e.code, "detail", e.detail)};
  }
  Told operator()(const call::ReferAsked& e) {
    return {"refer_asked", object("target", e.target.text, "replaces", hex_or_none(e.replaces))};
  }
  Told operator()(const call::ReferProgress& e) {
    return {"refer_progress", object("refer_code", e.refer_code, "notify_code", e.notify_code)};
  }
  Told operator()(const call::SpeakerChanged&) { return {}; }
  Told operator()(const call::PlanApplied&) { return {}; }
  Told operator()(const call::CallEnded&) { return {"call_ended", object()}; }
  Told operator()(const call::Notice& e) {
    const std::string_view level = e.level == call::Notice::Level::Error ? "error" : "warning";
    return {"notice", object("level", level, "code", e.code, "detail", e.detail)};
  }
};

std::string hex_or_empty(const auto& id) {
  return id.valid() ? to_column(id) : std::string();
}

bool before(const EventRecord* a, const EventRecord* b) {
  return a->call < b->call;
}

// A row's kind when its body is a list of events: [[wall, leg, room, kind, body], …].
constexpr char kSeveral[] = "several";

// Ids and kinds need no escapes, and bodies are JSON already.
std::string list_of(std::span<const EventRecord* const> events) {
  std::string out;
  for (const EventRecord* each : events) {
    out += out.empty() ? "[[" : ",[";
    out += std::to_string(to_column(each->wall));
    out += ",\"";
    out += hex_or_empty(each->leg);
    out += "\",\"";
    out += hex_or_empty(each->room);
    out += "\",\"";
    out += each->kind;
    out += "\",";
    out += each->body;
    out += ']';
  }
  out += ']';
  return out;
}

void add_row_of(std::span<const EventRecord* const> events, Values& rows) {
  const EventRecord& first = *events.front();
  if (events.size() == 1) {
    add_row(rows, to_column(first.wall), hex_or_empty(first.call), hex_or_empty(first.leg),
            hex_or_empty(first.room), first.kind, first.body);
  } else {
    add_row(rows, to_column(first.wall), hex_or_empty(first.call), "", "", kSeveral, list_of(events));
  }
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
    out.push_back({row.sequence, time_of(Value(*wall)), row.call, id_of<call::LegId>(*leg),
                   id_of<call::RoomId>(*room), *kind, to_text((*parts)[4])});
  }
}

}  // namespace

std::optional<EventRecord> event_record(const call::Event& event) {
  Told told = std::visit(Teller{}, event.what);
  if (told.kind.empty()) return std::nullopt;
  return EventRecord{
      0, event.wall, event.call, event.leg, event.room, std::string(told.kind), std::move(told.body)};
}

Result<void> add_events(Connection& connection, const std::vector<EventRecord>& events) {
  std::vector<const EventRecord*> order;
  order.reserve(events.size());
  for (const EventRecord& each : events) order.push_back(&each);
  std::stable_sort(order.begin(), order.end(), before);  // ids of calls rise: still the oldest call first
  Values rows;
  for (auto first = order.begin(); first != order.end();) {
    const auto end =
        (*first)->call.valid() ? std::upper_bound(first, order.end(), *first, before) : first + 1;
    add_row_of({first, end}, rows);
    first = end;
  }
  return put_rows(connection, kInsert, rows);
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
    EventRecord event{row[0].integer(),
                      time_of(row[1]),
                      id_of<call::CallId>(row[2].text()),
                      id_of<call::LegId>(row[3].text()),
                      id_of<call::RoomId>(row[4].text()),
                      row[5].text(),
                      row[6].text()};
    if (event.kind == kSeveral) {
      expand(event, events);
    } else {
      events.push_back(std::move(event));
    }
  }
  return events;
}

}  // namespace sotto::store
