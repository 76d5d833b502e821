#include "app/lanes.h"

#include <algorithm>
#include <cmath>

#include "audio/level.h"
#include "audio/resampler.h"
#include "text/timeline.h"

namespace sotto::app {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

constexpr milliseconds kWindow{100};
constexpr milliseconds kBreak{500};
constexpr float kFloorDb = -45.0F;
constexpr float kRangeDb = 4.0F;  // speech has energy at any frequency; a tone is nearly all there is
constexpr milliseconds kShortest{500};
constexpr size_t kExcerptMs = 800;  // of a sound that is looked for: its loudest stretch

std::vector<int16_t> at_rate(const audio::Pcm& pcm, uint32_t rate_hz) {
  if (pcm.rate_hz == rate_hz) return pcm.samples;
  audio::Resampler resampler(pcm.rate_hz, rate_hz);
  std::vector<int16_t> out(pcm.samples.size() * rate_hz / pcm.rate_hz + 1);
  out.resize(resampler.run(pcm.samples, out).written);
  return out;
}

// The stretch of that length with the most energy.
size_t loudest(const std::vector<int16_t>& samples, size_t length) {
  double energy = 0;
  double best = -1;
  size_t best_at = 0;
  for (size_t i = 0; i < samples.size(); ++i) {
    energy += static_cast<double>(samples[i]) * samples[i];
    if (i < length) continue;
    energy -= static_cast<double>(samples[i - length]) * samples[i - length];
    if (energy <= best) continue;
    best = energy;
    best_at = i - length + 1;
  }
  return best_at;
}

}  // namespace

std::vector<Lane> tone_lanes(const Heard& heard, const std::string& source, float hertz) {
  const size_t window = heard.pcm->rate_hz * static_cast<size_t>(kWindow.count()) / 1000;
  std::vector<Lane> lanes;
  for (size_t start = 0; start + window <= heard.pcm->samples.size(); start += window) {
    const std::span<const int16_t> samples(heard.pcm->samples.data() + start, window);
    if (!audio::has_tone(samples, heard.pcm->rate_hz, hertz, kFloorDb, kRangeDb)) continue;
    const auto from = heard.since + microseconds(start * 1'000'000 / heard.pcm->rate_hz);
    if (lanes.empty() || from - lanes.back().to >= kBreak)
      lanes.push_back({heard.listener, source, from, from});
    lanes.back().to = from + kWindow;
  }
  std::erase_if(lanes, [](const Lane& lane) { return lane.to - lane.from < kShortest; });
  return lanes;
}

Likeness find_sound(const Heard& heard, const audio::Pcm& sound) {
  const uint32_t rate = heard.pcm->rate_hz;
  const std::vector<int16_t> wanted = at_rate(sound, rate);
  const size_t length = std::min(wanted.size(), rate * kExcerptMs / 1000);
  const size_t skipped = loudest(wanted, length);
  const std::vector<float> excerpt(wanted.begin() + static_cast<ptrdiff_t>(skipped),
                                   wanted.begin() + static_cast<ptrdiff_t>(skipped + length));
  const std::vector<float> all(heard.pcm->samples.begin(), heard.pcm->samples.end());
  float own = 0;
  for (const float sample : excerpt) own += sample * sample;
  Likeness best;
  if (own == 0 || all.size() < length) return best;
  for (size_t at = 0; at + length <= all.size(); ++at) {
    float product = 0;
    float energy = 1;
    for (size_t i = 0; i < length; ++i) {
      product += all[at + i] * excerpt[i];
      energy += all[at + i] * all[at + i];
    }
    const float value = product / std::sqrt(energy * own);
    if (value <= best.value) continue;
    best.value = value;
    best.at = heard.since +
              microseconds((static_cast<int64_t>(at) - static_cast<int64_t>(skipped)) * 1'000'000 / rate);
  }
  return best;
}

std::string draw(const std::vector<Lane>& lanes, size_t width) {
  std::vector<text::NamedSpan> spans;
  for (const Lane& lane : lanes)
    spans.push_back({lane.listener + " hears " + lane.source, lane.from, lane.to});
  std::stable_sort(spans.begin(), spans.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return text::draw_timeline(spans, width);
}

}  // namespace sotto::app
