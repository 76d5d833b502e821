#include "bench/media_bench.h"

#include <algorithm>
#include <cmath>

#include "bench/bench_processes.h"
#include "bench/median.h"
#include "text/json.h"

namespace sotto::bench {
namespace {

using namespace std::chrono_literals;
using Driven = MediaBoard::Driven;

static_assert(kMediaBenchLegsMax == MediaBoard::kLegsMax);

constexpr double kOnTimeWanted = 0.995;
constexpr auto kSearchWindow = 3000ms;
constexpr double kSearchPrecision = 1.04;  // the answer is exact to 4 %
constexpr uint32_t kIdleLegs = 1000;

struct Row {
  std::string_view name;
  std::string_view what;
  MediaWorkload workload;
};
constexpr Row kRows[] = {
    {"W1", "bridged pairs", MediaWorkload::Pairs},
    {"W2", "rooms of three, all talking", MediaWorkload::Trios},
    {"W3", "one big room, three talking", MediaWorkload::BigRoom},
    {"W4", "announcements", MediaWorkload::Announcements},
    {"W5", "bridged pair and a supervisor's whisper", MediaWorkload::Whisper},
    {"W7", "idle answered legs", MediaWorkload::IdleLegs},
};

double rounded(double value, double digits) {
  return std::round(value * digits) / digits;
}

double on_time(const MediaBoard& board) {
  const uint64_t expected = board.frames_expected;
  return expected == 0 ? 0 : static_cast<double>(board.frames_on_time) / static_cast<double>(expected);
}

// Whether that many legs are served on time, with the right sound.
bool bears(MediaWorkload workload, uint32_t legs) {
  auto processes = MediaProcesses::start(workload, legs);
  if (!processes || !(*processes)->measure(Driven::Server, kSearchWindow)) return false;
  const MediaBoard& board = (*processes)->board();
  return on_time(board) >= kOnTimeWanted && board.ears_wrong == 0;
}

uint32_t most_legs(MediaWorkload workload, uint32_t good) {
  if (!bears(workload, good)) return 0;
  uint32_t bad = MediaBoard::kLegsMax;
  while (good * 2 < bad && bears(workload, good * 2)) good *= 2;
  bad = std::min(bad, good * 2);
  while (bad > good * kSearchPrecision) {
    const uint32_t middle = (good + bad) / 2;
    (bears(workload, middle) ? good : bad) = middle;
  }
  return good;
}

// The line's fields of a workload under load; false where a tone was wrong.
Result<bool> measure(const Row& row, const MediaBenchOptions& options, text::JsonObject& line) {
  auto processes = MediaProcesses::start(row.workload, options.legs);
  if (!processes) return fail(processes.error());
  std::vector<double> server;
  std::vector<double> floor;
  std::vector<double> ratios;
  for (int round = 0; round < options.rounds; ++round) {
    const auto ours = (*processes)->measure(Driven::Server, options.window);
    if (!ours) return fail(ours.error());
    const auto least = (*processes)->measure(Driven::Floor, options.window);
    if (!least) return fail(least.error());
    server.push_back(*ours);
    floor.push_back(*least);
    ratios.push_back(*ours / *least);
  }
  const MediaBoard& board = (*processes)->board();
  line.set("legs", board.legs);
  line.set("cpu_us_per_leg_s", rounded(median(server), 10));
  line.set("floor_us_per_leg_s", rounded(median(floor), 10));
  line.set("ratio_to_floor", rounded(median(ratios), 100));
  line.set("ratio_min", rounded(*std::min_element(ratios.begin(), ratios.end()), 100));
  line.set("ratio_max", rounded(*std::max_element(ratios.begin(), ratios.end()), 100));
  line.set("ontime_frac", rounded(on_time(board), 10'000));
  line.set("ears_checked", static_cast<int64_t>(board.ears_checked.load()));
  line.set("ears_wrong", static_cast<int64_t>(board.ears_wrong.load()));
  line.set("kb_per_leg", rounded(static_cast<double>(board.leg_bytes) / 1024, 10));
  line.set("joins_per_s", static_cast<int64_t>(board.joins_per_s.load()));
  return board.ears_wrong == 0 && board.ears_checked > 0;
}

Result<bool> measure_memory(text::JsonObject& line) {
  auto processes = MediaProcesses::start(MediaWorkload::IdleLegs, kIdleLegs);
  if (!processes) return fail(processes.error());
  line.set("legs", kIdleLegs);
  line.set("kb_per_leg", rounded(static_cast<double>((*processes)->board().leg_bytes) / 1024, 10));
  return true;
}

}  // namespace

int bench_media(const MediaBenchOptions& options, const std::function<void(const std::string&)>& print) {
  bool all_right = true;
  for (const Row& row : kRows) {
    const auto& wanted = options.workloads;
    if (!wanted.empty() && std::find(wanted.begin(), wanted.end(), row.name) == wanted.end()) continue;
    text::JsonObject line;
    line.set("workload", row.name);
    line.set("what", row.what);
    const bool idle = row.workload == MediaWorkload::IdleLegs;
    const Result<bool> right = idle ? measure_memory(line) : measure(row, options, line);
    if (!right) line.set("error", right.error().detail);
    all_right = all_right && right && *right;
    if (right && options.find_max && !idle) line.set("legs_max", most_legs(row.workload, options.legs));
    print(text::to_text(text::Json(std::move(line))));
  }
  return all_right ? 0 : 1;
}

}  // namespace sotto::bench
