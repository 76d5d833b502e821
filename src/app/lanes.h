#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "audio/pcm.h"
#include "base/time.h"

// Who heard what and when, measured on recordings.
namespace sotto::app {

struct Lane {
  std::string listener;
  std::string source;
  base::WallTime from;
  base::WallTime to;
};

// What a phone heard, and when its recording began.
struct Heard {
  std::string listener;
  base::WallTime since;
  audio::SharedPcm pcm;
};

// The stretches in which a tone is heard, in windows of 100 ms. Breaks of less than half a second do not
// count.
std::vector<Lane> tone_lanes(const Heard& heard, const std::string& source, float hertz);

// How alike the recording and a sound are where they match best: 1 for the sound itself, near 0 where it is
// nowhere.
struct Likeness {
  float value = 0;
  base::WallTime at;  // where the sound begins
};
Likeness find_sound(const Heard& heard, const audio::Pcm& sound);

// One line of `width` characters for each pair of listener and source.
std::string draw(const std::vector<Lane>& lanes, size_t width);

}  // namespace sotto::app
