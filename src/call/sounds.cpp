// Prompts, recordings, recognisers and streams: what is attached to a leg or a room, and ends with it.
#include <algorithm>

#include "base/check.h"
#include "base/limits.h"
#include "call/state.h"

namespace sotto::call {

Result<PromptId> Switchboard::play(const Audience& audience, PromptSpec spec) {
  State::Turn turn(*state_);
  State::RoomEntry* room = state_->find(audience.room);
  if (room == nullptr) return fail(ErrorCode::NotFound, "room: no such room");
  if (spec.playlist.empty()) return fail(ErrorCode::Invalid, "playlist: nothing to play");
  if (audience.only) {
    auto leg = state_->live(*audience.only);
    if (!leg) return fail(leg.error());
    if ((*leg)->leg.room != audience.room) return fail(ErrorCode::Conflict, "leg: it is in another room");
  }
  return state_->start_prompt(*room, audience.only, std::move(spec));
}

PromptId Switchboard::State::start_prompt(RoomEntry& room, std::optional<LegId> only, PromptSpec spec) {
  const PromptId id = PromptId::make(random);
  prompts[id] = PromptEntry{room.room.id, only};
  room.room.prompts.push_back(hearing::Prompt{id, only, 1.0F});
  touch(room, "prompt");
  std::string what = describe(spec);
  media.start_prompt(PromptStart{id, room.room.id, std::move(spec)});
  const LegEntry* leg = only ? find(*only) : nullptr;
  emit(PromptStarted{id, std::move(what)}, leg == nullptr ? nullptr : &leg->leg, room.room.id);
  return id;
}

// What comes back from a stream is heard by its leg alone, as a prompt that lasts as long as the stream.
void Switchboard::State::restart_inflows(const LegEntry& entry) {
  for (auto& [id, tap] : taps) {
    if (tap.leg != entry.leg.id || !tap.both_ways) continue;
    tap.inflow = start_prompt(rooms.at(entry.leg.room), entry.leg.id, PromptSpec{{Inflow{id}}, 0, 0.0F});
  }
}

void Switchboard::stop(PromptId prompt) {
  State::Turn turn(*state_);
  if (!state_->prompts.contains(prompt)) return;
  state_->media.stop_prompt(prompt);
  state_->end_prompt(prompt, PromptEnd::Stopped, {});
}

void Switchboard::on_prompt_ended(PromptId prompt, PromptEnd how, std::string detail) {
  State::Turn turn(*state_);
  state_->end_prompt(prompt, how, std::move(detail));
}

void Switchboard::State::end_prompt(PromptId prompt, PromptEnd how, std::string detail) {
  const auto it = prompts.find(prompt);
  if (it == prompts.end()) return;
  const PromptEntry entry = it->second;
  prompts.erase(it);
  RoomEntry* room = find(entry.room);
  CHECK(room != nullptr);
  std::erase_if(room->room.prompts, [&](const hearing::Prompt& each) { return each.id == prompt; });
  touch(*room, "prompt ends");
  const LegEntry* leg = entry.only ? find(*entry.only) : nullptr;
  emit(PromptEnded{prompt, how, std::move(detail)}, leg == nullptr ? nullptr : &leg->leg, entry.room);
}

void Switchboard::State::end_prompts_of(LegId leg, RoomId room) {
  std::vector<PromptId> ending;
  for (const hearing::Prompt& prompt : rooms.at(room).room.prompts) {
    if (prompt.only == leg) ending.push_back(prompt.id);
  }
  for (const PromptId prompt : ending) {
    media.stop_prompt(prompt);
    end_prompt(prompt, PromptEnd::Stopped, {});
  }
}

void Switchboard::State::end_prompts_in(RoomId room) {
  for (const hearing::Prompt& prompt : std::vector<hearing::Prompt>(rooms.at(room).room.prompts)) {
    media.stop_prompt(prompt.id);
    end_prompt(prompt.id, PromptEnd::Stopped, {});
  }
}

Result<void> Switchboard::send_digits(LegId leg, std::string digits) {
  State::Turn turn(*state_);
  auto entry = state_->answered(leg);
  if (!entry) return fail(entry.error());
  if (digits.empty() || digits.find_first_not_of("0123456789ABCDabcd*#wWp") != std::string::npos) {
    return fail(ErrorCode::Invalid, "digits: only 0-9 A-D * # and the pauses w W p");
  }
  state_->media.send_digits(leg, digits);
  return {};
}

// Which tracks a recording has, given who is in its room now.
std::vector<hearing::TapView> Switchboard::State::views_of(const RecordingEntry& entry,
                                                           const Room& room) const {
  const RecordingSpec& spec = entry.info.spec;
  const auto supervises = [&](LegId id) {
    return std::any_of(room.supervisions.begin(), room.supervisions.end(),
                       [&](const auto& each) { return each.supervisor == id; });
  };
  std::vector<LegId> voices;
  for (const LegId id : room.members) {
    if (!supervises(id)) voices.push_back(id);
  }
  const LegId leg = entry.info.leg.value_or(LegId{});
  switch (spec.policy) {
    case RecordingPolicy::Mixed: return {hearing::OpenRoom{}};
    case RecordingPolicy::OneVoice: return {hearing::SaidBy{leg}};
    case RecordingPolicy::OneEar: return {hearing::HeardBy{leg}};
    case RecordingPolicy::SaidAndHeard: return {hearing::SaidBy{leg}, hearing::HeardBy{leg}};
    case RecordingPolicy::CallerCallee: {
      std::vector<hearing::TapView> views = {hearing::SaidBy{leg}};
      const auto peer = std::find_if(voices.begin(), voices.end(), [&](LegId id) { return id != leg; });
      views.push_back(hearing::SaidBy{peer == voices.end() ? LegId{} : *peer});
      return views;
    }
    case RecordingPolicy::TrackPerLeg: {
      std::vector<hearing::TapView> views;
      const auto tracks = std::clamp<size_t>(static_cast<size_t>(std::max(spec.channels, 1)), 1,
                                             base::limits::kRecordingChannelsMax);
      for (size_t i = 0; i < tracks; ++i)
        views.push_back(hearing::SaidBy{i < voices.size() ? voices[i] : LegId{}});
      return views;
    }
  }
  CHECK(false);
}

// Rebuilds the room's taps from what is attached to it and to its members.
void Switchboard::State::retap(RoomEntry& room) {
  std::vector<hearing::Tap> fresh;
  const auto here = [&](LegId id) {
    return std::find(room.room.members.begin(), room.room.members.end(), id) != room.room.members.end();
  };
  for (const auto& [id, entry] : recordings) {
    if (entry.ending) continue;
    const bool mine = entry.info.leg ? here(*entry.info.leg) : entry.info.room == room.room.id;
    if (mine) fresh.push_back(hearing::Tap{entry.tap, views_of(entry, room.room)});
  }
  for (const auto& [id, entry] : taps) {
    if (here(entry.leg)) fresh.push_back(hearing::Tap{id, entry.views});
  }
  std::sort(fresh.begin(), fresh.end(), [](const auto& a, const auto& b) { return a.id < b.id; });
  room.room.taps = std::move(fresh);
}

Result<RecordingId> Switchboard::record(LegId leg, RecordingSpec spec) {
  State::Turn turn(*state_);
  auto entry = state_->live(leg);
  if (!entry) return fail(entry.error());
  return start_recording((*entry)->leg.room, leg, (*entry)->leg.call, std::move(spec));
}

Result<RecordingId> Switchboard::record_room(RoomId room, RecordingSpec spec) {
  State::Turn turn(*state_);
  if (spec.policy != RecordingPolicy::Mixed && spec.policy != RecordingPolicy::TrackPerLeg) {
    return fail(ErrorCode::Unsupported,
                "policy: a room has no own voice, record it mixed or a track per leg");
  }
  if (state_->find(room) == nullptr) return fail(ErrorCode::NotFound, "room: no such room");
  return start_recording(room, std::nullopt, CallId{}, std::move(spec));
}

RecordingId Switchboard::start_recording(RoomId room, std::optional<LegId> leg, CallId call,
                                         RecordingSpec spec) {
  const RecordingId id = RecordingId::make(state_->random);
  State::RecordingEntry entry;
  entry.info.id = id;
  entry.info.leg = leg;
  entry.info.room = room;
  entry.info.call = call;
  entry.info.spec = spec;
  entry.info.started = state_->clock.wall();
  entry.tap = TapId::make(state_->random);
  state_->media.start_recording(RecordingStart{id, entry.tap, room, std::move(spec), leg});
  const RecordingInfo info = entry.info;
  state_->recordings.emplace(id, std::move(entry));
  State::RoomEntry* in = state_->find(room);
  state_->retap(*in);
  state_->touch(*in, "recording");
  state_->emit(RecordingStarted{info}, leg ? this->leg(*leg) : nullptr, room);
  return id;
}

Result<void> Switchboard::pause_recording(RecordingId recording, bool paused) {
  const auto it = state_->recordings.find(recording);
  if (it == state_->recordings.end())
    return fail(ErrorCode::NotFound, "recording: no such recording, or it has ended");
  state_->media.pause_recording(recording, paused);
  return {};
}

// Its RecordingEnded follows when the file is whole.
void Switchboard::stop_recording(RecordingId recording) {
  State::Turn turn(*state_);
  const auto it = state_->recordings.find(recording);
  if (it == state_->recordings.end() || it->second.ending) return;
  it->second.ending = true;
  state_->media.stop_recording(recording);
  const Leg* leg = it->second.info.leg ? this->leg(*it->second.info.leg) : nullptr;
  State::RoomEntry* room = state_->find(leg != nullptr ? leg->room : it->second.info.room);
  if (room == nullptr) return;
  state_->retap(*room);
  state_->touch(*room, "recording ends");
}

void Switchboard::on_recording_ended(RecordingInfo finished) {
  State::Turn turn(*state_);
  const auto it = state_->recordings.find(finished.id);
  if (it == state_->recordings.end()) return;
  RecordingInfo info = it->second.info;
  info.ended = state_->clock.wall();
  info.length = finished.length;
  info.bytes = finished.bytes;
  info.path = finished.path;
  info.end = finished.end;
  info.end_key = finished.end_key;
  state_->recordings.erase(it);
  const Leg* leg = info.leg ? this->leg(*info.leg) : nullptr;
  const RoomId room = leg != nullptr && leg->live() ? leg->room : info.room;
  if (State::RoomEntry* in = state_->find(room)) {
    state_->retap(*in);
    state_->touch(*in, "recording ends");
  }
  state_->emit(RecordingEnded{info}, leg, room);
  Event& event = state_->queue.back();
  if (info.leg)
    event.leg = *info.leg;  // the leg may be gone long since; its record wants the file all the same
  event.call = info.call;
}

void Switchboard::State::end_taps_of(LegId leg) {
  for (auto& [id, entry] : recordings) {
    if (entry.info.leg != leg || entry.ending) continue;
    entry.ending = true;
    media.stop_recording(id);
  }
  std::vector<std::pair<TapId, bool>> gone;
  for (const auto& [id, entry] : taps) {
    if (entry.leg == leg) gone.emplace_back(id, entry.stream);
  }
  for (const auto& [id, stream] : gone) {
    if (stream) {
      media.stop_stream(id);
      emit(StreamChanged{id, StreamChanged::Kind::Stopped, {}, {}}, &legs.at(leg).leg);
    } else {
      media.stop_recognition(id);
    }
    taps.erase(id);
  }
}

void Switchboard::State::end_recordings_in(RoomId room) {
  for (auto& [id, entry] : recordings) {
    if (entry.info.leg || entry.info.room != room || entry.ending) continue;
    entry.ending = true;
    media.stop_recording(id);
  }
}

Result<void> Switchboard::detect_machine(LegId leg, const MachineDetection& detection) {
  State::Turn turn(*state_);
  auto entry = state_->answered(leg);
  if (!entry) return fail(entry.error());
  state_->media.detect_machine(leg, detection);
  return {};
}

void Switchboard::on_machine_verdict(LegId leg, MachineVerdict verdict) {
  State::Turn turn(*state_);
  const State::LegEntry* entry = state_->find(leg);
  if (entry != nullptr && entry->leg.live()) state_->emit(verdict, &entry->leg);
}

Result<TapId> Switchboard::recognise(LegId leg, const RecognitionSpec& spec) {
  State::Turn turn(*state_);
  auto entry = state_->answered(leg);
  if (!entry) return fail(entry.error());
  const TapId tap = TapId::make(state_->random);
  state_->taps[tap] = State::TapEntry{leg, false, false, {hearing::SaidBy{leg}}, std::nullopt};
  state_->media.start_recognition(leg, tap, spec);
  State::RoomEntry& room = *state_->find((*entry)->leg.room);
  state_->retap(room);
  state_->touch(room, "recognition");
  return tap;
}

void Switchboard::stop_recognition(TapId tap) {
  State::Turn turn(*state_);
  const auto it = state_->taps.find(tap);
  if (it == state_->taps.end() || it->second.stream) return;
  state_->media.stop_recognition(tap);
  drop_tap(tap);
}

void Switchboard::on_speech(SpeechHeard heard) {
  State::Turn turn(*state_);
  const auto it = state_->taps.find(heard.tap);
  if (it == state_->taps.end()) return;
  const bool final = heard.final;
  const TapId tap = heard.tap;
  state_->emit(std::move(heard), leg(it->second.leg));
  if (final) drop_tap(tap);
}

Result<TapId> Switchboard::open_stream(LegId leg, const StreamSpec& spec) {
  State::Turn turn(*state_);
  auto entry = state_->answered(leg);
  if (!entry) return fail(entry.error());
  const TapId tap = TapId::make(state_->random);
  state_->taps[tap] = State::TapEntry{leg, true, spec.both_ways, spec.tracks, std::nullopt};
  state_->media.start_stream(leg, tap, spec);
  State::RoomEntry& room = *state_->find((*entry)->leg.room);
  state_->retap(room);
  state_->touch(room, "stream");
  if (spec.both_ways) {
    state_->taps[tap].inflow = state_->start_prompt(room, leg, PromptSpec{{Inflow{tap}}, 0, 0.0F});
  }
  return tap;
}

void Switchboard::close_stream(TapId tap) {
  State::Turn turn(*state_);
  const auto it = state_->taps.find(tap);
  if (it == state_->taps.end() || !it->second.stream) return;
  state_->media.stop_stream(tap);
  state_->emit(StreamChanged{tap, StreamChanged::Kind::Stopped, {}, {}}, leg(it->second.leg));
  drop_tap(tap);
}

void Switchboard::on_stream(StreamChanged changed) {
  State::Turn turn(*state_);
  const auto it = state_->taps.find(changed.tap);
  if (it == state_->taps.end()) return;
  const bool over =
      changed.kind == StreamChanged::Kind::Stopped || changed.kind == StreamChanged::Kind::Failed;
  const TapId tap = changed.tap;
  state_->emit(std::move(changed), leg(it->second.leg));
  if (over) drop_tap(tap);
}

void Switchboard::drop_tap(TapId tap) {
  const auto it = state_->taps.find(tap);
  CHECK(it != state_->taps.end());
  const State::TapEntry entry = it->second;
  state_->taps.erase(it);
  if (entry.inflow) stop(*entry.inflow);
  const Leg* owner = leg(entry.leg);
  State::RoomEntry* room = owner == nullptr || !owner->live() ? nullptr : state_->find(owner->room);
  if (room == nullptr) return;
  state_->retap(*room);
  state_->touch(*room, entry.stream ? "stream ends" : "recognition ends");
}

}  // namespace sotto::call
