#include "media/prompt_source.h"

#include <algorithm>

namespace sotto::media {
namespace {

uint32_t rate_of(const Clip& clip, uint32_t otherwise) {
  if (const auto* pcm = std::get_if<PcmClip>(&clip)) return pcm->pcm->rate_hz;
  if (const auto* stream = std::get_if<StreamClip>(&clip)) return stream->ring->rate_hz();
  return otherwise;
}

// What has passed through a ring is gone: there is no second time.
bool has_stream(const Playlist& playlist) {
  return std::any_of(playlist.clips.begin(), playlist.clips.end(),
                     [](const Clip& clip) { return std::holds_alternative<StreamClip>(clip); });
}

}  // namespace

PromptSource::PromptSource(PromptId id, Playlist playlist, uint32_t room_rate_hz)
    : id_(id),
      rate_hz_(room_rate_hz),
      loops_(has_stream(playlist) ? 1 : playlist.loops),
      gain_(audio::Gain::from_db(playlist.gain_db)),
      frame_(room_rate_hz / kFramesPerSecond),
      players_(playlist.clips.size()) {
  for (size_t i = 0; i < players_.size(); ++i) {
    Player& player = players_[i];
    player.clip = std::move(playlist.clips[i]);
    const uint32_t rate = rate_of(player.clip, rate_hz_);
    if (rate != rate_hz_) player.resampler.emplace(rate, rate_hz_);
    if (const auto* tone = std::get_if<ToneClip>(&player.clip)) player.tone.emplace(tone->tone, rate_hz_);
  }
  ended_ = players_.empty();
}

void PromptSource::prefetch(int depth) const noexcept {
  if (depth == 0) return base::prefetch(this);
  if (players_.empty()) return;
  const Player& player = players_[current_];
  if (depth == 1) return base::prefetch(&player, kUsualPlayerBytes);
  if (depth > 2) return;
  const size_t bytes = frame_.size() * sizeof(int16_t);
  const auto* const clip = std::get_if<PcmClip>(&player.clip);
  if (clip == nullptr) return base::prefetch(frame_.data(), bytes);
  const std::vector<int16_t>& samples = clip->pcm->samples;
  if (player.position < samples.size()) base::prefetch_to_read(samples.data() + player.position, bytes);
}

const int16_t* PromptSource::pull(MediaTurn& turn) noexcept {
  if (ended_) return nullptr;
  if (const int16_t* const frame = frame_in_place()) return frame;
  size_t filled = 0;
  starved_ = false;
  for (int clips = 0; clips < kClipsAFrameMax && filled < frame_.size() && !ended_ && !starved_; ++clips) {
    Player& player = players_[current_];
    filled += render(turn, player, std::span(frame_).subspan(filled));
    if (player.finished) next_clip();
  }
  if (starved_) ++underruns_;
  ++frames_;
  if (filled == 0) return nullptr;
  std::fill(frame_.begin() + static_cast<ptrdiff_t>(filled), frame_.end(), int16_t{0});
  if (!gain_.is_unity()) audio::apply(gain_, frame_, frame_);
  return frame_.data();
}

// Decoded sound at the room's rate and its own loudness is heard where it lies.
const int16_t* PromptSource::frame_in_place() noexcept {
  Player& player = players_[current_];
  const auto* const clip = std::get_if<PcmClip>(&player.clip);
  if (clip == nullptr || player.resampler || !gain_.is_unity()) return nullptr;
  const std::vector<int16_t>& samples = clip->pcm->samples;
  if (player.position + frame_.size() > samples.size()) return nullptr;
  const int16_t* const frame = samples.data() + player.position;
  player.position += frame_.size();
  ++frames_;
  if (player.position == samples.size()) next_clip();
  return frame;
}

size_t PromptSource::render(MediaTurn& turn, Player& player, std::span<int16_t> out) noexcept {
  return std::visit([&](const auto& clip) noexcept { return render_clip(turn, player, clip, out); },
                    player.clip);
}

size_t PromptSource::render_clip(MediaTurn&, Player& player, const PcmClip& clip,
                                 std::span<int16_t> out) noexcept {
  const auto left = std::span(clip.pcm->samples).subspan(player.position);
  size_t written = 0;
  if (player.resampler) {
    const auto step = player.resampler->run(left, out);
    player.position += step.read;
    written = step.written;
    player.finished = written < out.size();
  } else {
    written = std::min(left.size(), out.size());
    std::copy_n(left.begin(), written, out.begin());
    player.position += written;
    player.finished = written == left.size();
  }
  return written;
}

size_t PromptSource::render_clip(MediaTurn&, Player& player, const ToneClip& clip,
                                 std::span<int16_t> out) noexcept {
  size_t count = out.size();
  if (clip.length.count() > 0) count = std::min(count, samples_of(clip.length) - player.position);
  player.tone->render(out.first(count));
  player.position += count;
  player.finished =
      clip.length.count() > 0 ? player.position >= samples_of(clip.length) : player.tone->finished();
  return count;
}

size_t PromptSource::render_clip(MediaTurn&, Player& player, const SilenceClip& clip,
                                 std::span<int16_t> out) noexcept {
  size_t count = out.size();
  if (clip.length.count() > 0) count = std::min(count, samples_of(clip.length) - player.position);
  std::fill_n(out.begin(), count, int16_t{0});
  player.position += count;
  player.finished = clip.length.count() > 0 && player.position >= samples_of(clip.length);
  return count;
}

size_t PromptSource::render_clip(MediaTurn& turn, Player& player, const StreamClip& clip,
                                 std::span<int16_t> out) noexcept {
  StreamRing& ring = *clip.ring;
  const size_t count = player.resampler ? resample_stream(turn, player, ring, out) : ring.read(out);
  player.finished = ring.finished();
  starved_ = count < out.size() && !player.finished;
  return count;
}

size_t PromptSource::resample_stream(MediaTurn& turn, Player& player, StreamRing& ring,
                                     std::span<int16_t> out) noexcept {
  const size_t wanted = out.size() * ring.rate_hz() / rate_hz_;
  const std::span<int16_t> in = std::span(turn.scratch().other).first(std::min(wanted, kFrameSamplesMax));
  return player.resampler->run(in.first(ring.read(in)), out).written;
}

size_t PromptSource::samples_of(std::chrono::milliseconds length) const noexcept {
  return static_cast<size_t>(length.count()) * rate_hz_ / 1000;
}

void PromptSource::next_clip() noexcept {
  if (++current_ == players_.size()) {
    current_ = 0;
    if (++loops_done_ == loops_) {
      ended_ = true;
      return;
    }
  }
  Player& player = players_[current_];
  player.position = 0;
  player.finished = false;
  if (const auto* tone = std::get_if<ToneClip>(&player.clip)) player.tone.emplace(tone->tone, rate_hz_);
}

}  // namespace sotto::media
