#pragma once

#include <array>
#include <chrono>
#include <memory>
#include <optional>
#include <vector>

#include "audio/mix.h"
#include "audio/resampler.h"
#include "base/prefetch.h"
#include "media/media_turn.h"
#include "media/playlist.h"

namespace sotto::media {

class Room;

// Plays one playlist at one room's rate. Made by the control thread; read by its room, a frame a turn.
class PromptSource final : public MediaObject {
 public:
  PromptSource(PromptId id, Playlist playlist, uint32_t room_rate_hz);

  const PromptId& id() const noexcept { return id_; }
  void prefetch(int depth) const noexcept;
  // The next frame; null where it is silent. After the last one, ended() is true.
  const int16_t* pull(MediaTurn& turn) noexcept;
  bool ended() const noexcept { return ended_; }
  std::chrono::milliseconds played() const noexcept { return frames_ * kFrameLength; }
  uint32_t underruns() const noexcept { return underruns_; }

  // Media thread: where it is plugged in, for stop_prompt().
  Room* room = nullptr;
  Handle handle;

 private:
  struct Player {
    Clip clip;
    size_t position = 0;  // samples rendered, or read from PCM
    bool finished = false;
    std::optional<audio::Resampler> resampler;
    std::optional<audio::ToneGenerator> tone;
  };
  static constexpr size_t kUsualPlayerBytes = sizeof(Clip) + 4 * sizeof(size_t);  // without `tone`
  static constexpr int kClipsAFrameMax = 64;  // very short clips: what is left of the frame is silence

  const int16_t* frame_in_place() noexcept;
  size_t render(MediaTurn& turn, Player& player, std::span<int16_t> out) noexcept;
  size_t render_clip(MediaTurn& turn, Player& player, const PcmClip& clip, std::span<int16_t> out) noexcept;
  size_t render_clip(MediaTurn& turn, Player& player, const ToneClip& clip, std::span<int16_t> out) noexcept;
  size_t render_clip(MediaTurn& turn, Player& player, const SilenceClip& clip,
                     std::span<int16_t> out) noexcept;
  size_t render_clip(MediaTurn& turn, Player& player, const StreamClip& clip,
                     std::span<int16_t> out) noexcept;
  size_t resample_stream(MediaTurn& turn, Player& player, StreamRing& ring, std::span<int16_t> out) noexcept;
  size_t samples_of(std::chrono::milliseconds length) const noexcept;
  void next_clip() noexcept;

  // Constant after construction.
  const PromptId id_;
  const uint32_t rate_hz_;
  const int loops_;
  const audio::Gain gain_;
  std::vector<int16_t> frame_;

  std::vector<Player> players_;
  size_t current_ = 0;
  int loops_done_ = 0;
  int64_t frames_ = 0;
  uint32_t underruns_ = 0;
  bool starved_ = false;
  bool ended_ = false;
};

}  // namespace sotto::media
