#include "dialect/twilio/callbacks.h"

#include <algorithm>

#include "dialect/twilio/sid.h"
#include "store/leg_store.h"
#include "text/time_format.h"

namespace sotto::twilio {
namespace {

using std::chrono::duration_cast;
using std::chrono::seconds;

constexpr size_t kEndedRecordingsMax = 200;

void add_end(const call::Leg& leg, const LegNotes& notes, text::Parameters& form) {
  const auto talked = duration_of(leg).count();
  form.emplace_back("CallDuration", std::to_string(talked));
  form.emplace_back("Duration", std::to_string((talked + 59) / 60));
  const int code = leg.answered_at ? 200 : leg.end ? leg.end->sip_code : 0;
  if (code != 0) form.emplace_back("SipResponseCode", std::to_string(code));
  if (!notes.recording) return;
  form.emplace_back("RecordingSid", notes.recording->sid);
  form.emplace_back("RecordingUrl", notes.recording->url);
  form.emplace_back("RecordingDuration", std::to_string(notes.recording->length.count()));
}

}  // namespace

Callbacks::Callbacks(Shared& shared, Sender& sender) : shared_(shared), sender_(sender) {}

void Callbacks::on_event(const call::Event& event) {
  if (std::holds_alternative<call::LegRinging>(event.what)) return progress(event, "ringing");
  if (std::holds_alternative<call::LegAnswered>(event.what)) {
    begin(event);
    return progress(event, "answered");
  }
  if (const auto* what = std::get_if<call::LegEnded>(&event.what)) return ended(event, *what);
  if (const auto* started = std::get_if<call::RecordingStarted>(&event.what)) {
    return recording_started(event, started->recording);
  }
  if (const auto* finished = std::get_if<call::RecordingEnded>(&event.what)) {
    return recording_ended(event, finished->recording);
  }
  if (const auto* verdict = std::get_if<call::MachineVerdict>(&event.what)) return machine(event, *verdict);
  if (const auto* changed = std::get_if<call::StreamChanged>(&event.what)) return stream(event, *changed);
}

void Callbacks::on_initiated(call::LegId id) {
  const std::optional<call::Leg> leg = shared_.legs.leg(id);
  LegNotes* notes = shared_.legs.find(id);
  if (leg && notes != nullptr) send_progress(*leg, *notes, "initiated", leg->created);
}

void Callbacks::progress(const call::Event& event, std::string_view name) {
  const call::Leg* leg = shared_.services.switchboard.leg(event.leg);
  LegNotes* notes = shared_.legs.find(event.leg);
  if (leg == nullptr || notes == nullptr) return;
  send_progress(*leg, *notes, name, event.wall);
}

// What the API asked for from the answer on.
void Callbacks::begin(const call::Event& event) {
  const LegNotes* notes = shared_.legs.find(event.leg);
  if (notes == nullptr) return;
  call::Switchboard& board = shared_.services.switchboard;
  if (notes->time_limit.count() > 0) (void)board.set_time_limit(event.leg, notes->time_limit);
  if (notes->detection) (void)board.detect_machine(event.leg, *notes->detection);
}

void Callbacks::ended(const call::Event& event, const call::LegEnded& what) {
  const call::Leg* found = shared_.services.switchboard.leg(event.leg);
  LegNotes* notes = shared_.legs.find(event.leg);
  if (found == nullptr || notes == nullptr) return;
  call::Leg leg = *found;
  leg.state = call::LegState::Ended;
  if (!leg.end) leg.end = what.reason;
  if (!leg.ended_at) leg.ended_at = event.wall;
  send_progress(leg, *notes, "completed", event.wall);
}

void Callbacks::send_progress(const call::Leg& leg, LegNotes& notes, std::string_view name,
                              base::WallTime at) {
  if (!notes.status.wants(name)) return;
  text::Parameters form = call_parameters(leg, notes, shared_.host_of(leg.origin.account));
  for (auto& [key, value] : form) {
    if (key != "CallStatus") continue;
    if (name == "initiated") value = "initiated";
    if (name == "ringing") value = "ringing";
    if (name == "answered") value = "in-progress";
  }
  form.emplace_back("Timestamp", text::format_rfc2822(at));
  form.emplace_back("CallbackSource", "call-progress-events");
  form.emplace_back("SequenceNumber", std::to_string(notes.sequence++));
  if (name == "completed") add_end(leg, notes, form);
  const std::string id = base::to_hex(leg.id);
  sender_.send({leg.origin.account, id, base::to_hex(leg.call), leg.id}, notes.status, std::move(form));
}

void Callbacks::on_found_dead(const store::LegRecord& record) {
  LegNotes notes = LegBook::read(record.extra);
  send_progress(record.leg, notes, "completed", record.leg.ended_at.value_or(record.leg.created));
}

std::string Callbacks::account_of(const call::RecordingInfo& recording) const {
  if (recording.leg) {
    if (const auto leg = shared_.legs.leg(*recording.leg)) return leg->origin.account;
  }
  const call::Room* room = shared_.services.switchboard.room(recording.room);
  if (room == nullptr) return {};
  return room->options.name.substr(0, room->options.name.find('/'));
}

void Callbacks::recording_started(const call::Event& event, const call::RecordingInfo& recording) {
  shared_.recording.push_back(recording.id);
  accounts_[recording.id] = account_of(recording);
  const RecordingOwner owner = read_recording_owner(recording.spec.owner);
  if (!owner.status.wants("in-progress")) return;
  const std::string account = account_of(recording);
  text::Parameters form = recording_parameters(recording, shared_.host_of(account));
  form.emplace_back("RecordingStatus", "in-progress");
  form.emplace_back("RecordingStartTime", text::format_rfc2822(recording.started));
  sender_.send({account, base::to_hex(recording.id), base::to_hex(event.call)}, owner.status,
               std::move(form));
}

void Callbacks::recording_ended(const call::Event& event, const call::RecordingInfo& recording) {
  // The room of a conference is gone by now, and with it whose it was.
  const auto known = accounts_.extract(recording.id);
  std::erase(shared_.recording, recording.id);
  shared_.paused.erase(recording.id);
  const RecordingOwner owner = read_recording_owner(recording.spec.owner);
  if (owner.source.empty()) return;
  const std::string account = known.empty() ? account_of(recording) : known.mapped();
  const Host host = shared_.host_of(account);
  shared_.ended.push_back({account, recording});
  if (shared_.ended.size() > kEndedRecordingsMax) shared_.ended.pop_front();
  const auto length = duration_cast<seconds>(recording.length);
  const bool absent = recording.bytes == 0 || recording.end == call::RecordingEnd::Failed;
  LegNotes* notes = recording.leg ? shared_.legs.find(*recording.leg) : nullptr;
  if (notes != nullptr && !absent) {
    notes->recording = {sid("RE", recording.id), recording_url(recording.id, host), length};
  }
  const std::string_view status = absent ? "absent" : "completed";
  if (owner.legacy && !absent) {
    sender_.send({account, base::to_hex(recording.id), base::to_hex(event.call)}, owner.legacy,
                 {{"EventName", "conference-record-end"},
                  {"AccountSid", host.account_sid},
                  {"ConferenceSid", sid("CF", recording.room)},
                  {"RecordingSid", sid("RE", recording.id)},
                  {"RecordingUrl", recording_url(recording.id, host)},
                  {"Duration", std::to_string(length.count())},
                  {"RecordingFileSize", std::to_string(recording.bytes)}});
  }
  if (!owner.status.wants(status)) return;
  text::Parameters form = recording_parameters(recording, host);
  form.emplace_back("RecordingStatus", std::string(status));
  form.emplace_back("RecordingStartTime", text::format_rfc2822(recording.started));
  form.emplace_back("RecordingDuration", std::to_string(length.count()));
  if (absent) form.emplace_back("ErrorCode", "16101");
  sender_.send({account, base::to_hex(recording.id), base::to_hex(event.call)}, owner.status,
               std::move(form));
}

void Callbacks::machine(const call::Event& event, const call::MachineVerdict& verdict) {
  const std::optional<call::Leg> leg = shared_.legs.leg(event.leg);
  LegNotes* notes = shared_.legs.find(event.leg);
  if (!leg || notes == nullptr) return;
  notes->answered_by = answered_by(verdict.kind);
  if (!notes->machine) return;
  text::Parameters form = {{"CallSid", sid("CA", event.leg)},
                           {"AccountSid", shared_.host_of(leg->origin.account).account_sid},
                           {"AnsweredBy", notes->answered_by},
                           {"MachineDetectionDuration", std::to_string(verdict.after.count())}};
  sender_.send({leg->origin.account, base::to_hex(event.leg), base::to_hex(leg->call)}, notes->machine,
               std::move(form));
}

void Callbacks::name_stream(call::TapId stream, call::LegId leg, const std::string& name) {
  LegNotes* notes = shared_.legs.find(leg);
  const std::optional<call::Leg> found = shared_.legs.leg(leg);
  if (notes == nullptr || !found || notes->streams_expected.empty()) return;
  streams_.emplace(stream, Stream{leg, found->origin.account, {name, notes->streams_expected.back().status}});
  notes->streams_expected.pop_back();
}

std::optional<std::pair<call::TapId, std::string>> Callbacks::find_stream(call::LegId leg,
                                                                          const std::string& given) const {
  for (const auto& [tap, stream] : streams_) {
    if (stream.leg != leg) continue;
    if (sid("MZ", tap) == given || stream.note.name == given) return std::pair(tap, stream.note.name);
  }
  return std::nullopt;
}

void Callbacks::stream(const call::Event& event, const call::StreamChanged& changed) {
  using Kind = call::StreamChanged::Kind;
  auto it = streams_.find(changed.tap);
  LegNotes* notes = shared_.legs.find(event.leg);
  if (it == streams_.end()) {
    const std::optional<call::Leg> leg = shared_.legs.leg(event.leg);
    if (notes == nullptr || !leg || notes->streams_expected.empty()) return;
    it =
        streams_.emplace(changed.tap, Stream{event.leg, leg->origin.account, notes->streams_expected.front()})
            .first;
    notes->streams_expected.pop_front();
  }
  const bool over = changed.kind == Kind::Stopped || changed.kind == Kind::Failed;
  if (changed.kind == Kind::Message) return;
  const Stream stream = it->second;
  if (over) streams_.erase(it);
  if (changed.kind == Kind::Failed) {
    if (const auto leg = shared_.legs.leg(stream.leg)) shared_.note(*leg, 31921, true, changed.detail);
  }
  constexpr std::string_view kNames[] = {"stream-started", "", "stream-stopped", "stream-error"};
  text::Parameters form = {{"AccountSid", shared_.host_of(stream.account).account_sid},
                           {"CallSid", sid("CA", stream.leg)},
                           {"StreamSid", sid("MZ", changed.tap)},
                           {"StreamName", stream.note.name},
                           {"StreamEvent", std::string(kNames[static_cast<size_t>(changed.kind)])},
                           {"Timestamp", text::format_iso8601(event.wall)}};
  if (changed.kind == Kind::Failed) form.emplace_back("StreamError", changed.detail);
  sender_.send({stream.account, base::to_hex(changed.tap), base::to_hex(event.call)}, stream.note.status,
               std::move(form));
}

}  // namespace sotto::twilio
