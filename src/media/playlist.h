#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <variant>
#include <vector>

#include "audio/pcm.h"
#include "audio/tone.h"
#include "media/stream_ring.h"

// What a prompt plays, ready for the media thread: nothing in it needs a file, a decoder or memory any more.
namespace sotto::media {

using audio::Pcm;

struct PcmClip {
  std::shared_ptr<const Pcm> pcm;
};
struct ToneClip {
  audio::Tone tone;
  std::chrono::milliseconds length{0};  // 0: as long as the tone itself
};
struct SilenceClip {
  std::chrono::milliseconds length{0};  // 0: until stopped
};
// Samples that somebody writes while it plays. It ends once the writer has closed it and it is drained.
struct StreamClip {
  std::shared_ptr<StreamRing> ring;
};
using Clip = std::variant<PcmClip, ToneClip, SilenceClip, StreamClip>;

struct Playlist {
  std::vector<Clip> clips;
  int loops = 1;         // 0: until stopped. A list with a StreamClip plays once whatever this says
  float gain_db = 0.0F;  // on top of the gain in the plan
};

}  // namespace sotto::media
