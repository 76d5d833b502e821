#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "call/leg.h"

namespace sotto::call {

enum class RecordingFormat { Wav, Mp3, Ogg };
enum class RecordingEnd { Stopped, Silence, Key, TimeLimit, LegLeft, RoomEnded, Failed };

// Which voices go on which track. None of them ever holds what the caller must not hear: a policy is
// translated into hearing::TapView, whose rows are those that some leg hears, or what is meant for everybody.
enum class RecordingPolicy {
  Mixed,         // one track: all that is meant for everyone
  OneVoice,      // one track: what the leg says
  OneEar,        // one track: what the leg hears
  SaidAndHeard,  // two tracks: what the leg says, what it hears
  CallerCallee,  // two tracks: what the leg says, what its dialled peer says
  TrackPerLeg,   // up to `channels` tracks in order of joining, the surplus on the last
};

struct RecordingSpec {
  RecordingPolicy policy = RecordingPolicy::Mixed;
  RecordingFormat format = RecordingFormat::Wav;
  int channels = 1;
  int sample_rate = 8000;
  bool beep = false;  // heard by those recorded
  bool trim_silence = false;
  std::chrono::milliseconds end_on_silence{0};  // 0: never
  std::string end_on_keys;                      // any of these; empty: none
  std::chrono::seconds length_max{0};           // 0: the account's limit
  std::string owner;                            // dialect's word for where it came from
};

struct RecordingInfo {
  RecordingId id;
  std::optional<LegId> leg;
  RoomId room;
  CallId call;
  RecordingSpec spec;
  WallTime started;
  std::optional<WallTime> ended;
  std::chrono::milliseconds length{0};
  uint64_t bytes = 0;
  std::string path;  // relative to the recordings folder
  RecordingEnd end = RecordingEnd::Stopped;
  char end_key = 0;
};

}  // namespace sotto::call
