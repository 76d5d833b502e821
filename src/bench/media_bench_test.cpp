#include "bench/media_bench.h"

#include <gtest/gtest.h>

#include "text/json.h"

namespace sotto::bench {
namespace {

using namespace std::chrono_literals;

TEST(MediaBench, MeasuresEachWorkloadWithTheRightTones) {
  std::vector<std::string> lines;
  const MediaBenchOptions options{.workloads = {"W1", "W5"}, .legs = 6, .window = 1000ms, .rounds = 1};
  EXPECT_EQ(bench_media(options, [&](const std::string& line) { lines.push_back(line); }), 0);
  ASSERT_EQ(lines.size(), 2U);
  for (const std::string& line : lines) {
    const auto json = text::parse_json(line);
    ASSERT_TRUE(json) << line;
    EXPECT_EQ((*json)["ears_wrong"], text::Json(0)) << line;
    EXPECT_NE((*json)["ears_checked"], text::Json(0)) << line;
    EXPECT_NE((*json)["cpu_us_per_leg_s"], text::Json(0)) << line;
    EXPECT_NE((*json)["floor_us_per_leg_s"], text::Json(0)) << line;
  }
}

TEST(MediaBench, MeasuresMemory) {
  std::string line;
  EXPECT_EQ(bench_media({.workloads = {"W7"}}, [&](const std::string& text) { line = text; }), 0);
  EXPECT_NE(line.find("kb_per_leg"), std::string::npos);
}

}  // namespace
}  // namespace sotto::bench
