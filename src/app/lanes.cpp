#include "app/lanes.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <span>

#include "audio/level.h"
#include "audio/resampler.h"
#include "text/timeline.h"

namespace sotto::app {
namespace {

using namespace std::chrono_literals;
using std::chrono::microseconds;
using std::chrono::milliseconds;

constexpr milliseconds kWindow{100};
constexpr milliseconds kBreak{500};
constexpr float kFloorDb = -45.0F;
constexpr float kRangeDb = 4.0F;  // speech has energy at any frequency; a tone is nearly all there is
constexpr milliseconds kShortest{500};
// A sound is looked for in pieces, which late packets may have moved against each other.
constexpr milliseconds kPiece{800};
constexpr milliseconds kMoved{250};

std::vector<float> at_rate(const audio::Pcm& pcm, uint32_t rate_hz) {
  if (pcm.rate_hz == rate_hz) return {pcm.samples.begin(), pcm.samples.end()};
  audio::Resampler resampler(pcm.rate_hz, rate_hz);
  std::vector<int16_t> out(pcm.samples.size() * rate_hz / pcm.rate_hz + 1);
  out.resize(resampler.run(pcm.samples, out).written);
  return {out.begin(), out.end()};
}

// The energy of what comes before each sample, and of all.
std::vector<double> energies(std::span<const float> samples) {
  std::vector<double> sums{0};
  for (const float sample : samples) sums.push_back(sums.back() + double{sample} * sample);
  return sums;
}

// A piece of a sound that is looked for, and in what.
struct Search {
  std::span<const float> all;
  std::span<const double> energy;  // of `all`
  std::span<const float> piece;
  double own;    // energy, of the piece
  size_t start;  // of the piece, in the sound
};
struct Match {
  float value = 0;
  size_t at = 0;
};
// Where the piece is most like what was heard, from `from` to before `to`.
Match best_match(const Search& search, size_t from, size_t to) {
  const size_t length = search.piece.size();
  Match best;
  for (size_t at = from; at < to && at + length <= search.all.size(); ++at) {
    const auto here = search.all.subspan(at, length);
    const float product = std::transform_reduce(here.begin(), here.end(), search.piece.begin(), 0.0F);
    const double energy = search.energy[at + length] - search.energy[at] + 1;
    const auto value = static_cast<float>(product / std::sqrt(search.own * energy));
    if (value > best.value) best = {value, at};
  }
  return best;
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
  const std::vector<float> all = at_rate(*heard.pcm, rate);
  const std::vector<double> energy = energies(all);
  const std::vector<float> wanted = at_rate(sound, rate);
  const std::vector<double> of_wanted = energies(wanted);
  const size_t length = std::min<size_t>(wanted.size(), rate * kPiece / 1s);
  std::vector<Search> searches;
  for (size_t start = 0; length > 0 && start + length <= wanted.size(); start += length) {
    const double of_piece = of_wanted[start + length] - of_wanted[start];
    const bool quiet =
        of_piece * static_cast<double>(wanted.size()) <= of_wanted.back() * static_cast<double>(length) / 2;
    if (!quiet) searches.push_back({all, energy, std::span(wanted).subspan(start, length), of_piece, start});
  }
  Likeness best;
  const size_t moved = rate * kMoved / 1s;
  for (const Search& first : searches) {
    const Match match = best_match(first, 0, all.size());
    float sum = 0;
    for (const Search& other : searches) {
      const size_t expected = match.at + other.start;
      const size_t from = expected > first.start + moved ? expected - first.start - moved : 0;
      sum += best_match(other, from, from + 2 * moved).value;
    }
    const float value = sum / static_cast<float>(searches.size());
    if (value <= best.value) continue;
    const int64_t begins = static_cast<int64_t>(match.at) - static_cast<int64_t>(first.start);
    best = {value, heard.since + microseconds(begins * 1'000'000 / rate)};
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
