#include "bench/http_bench.h"

#include <gtest/gtest.h>

#include "text/json.h"

namespace sotto::bench {
namespace {

using namespace std::chrono_literals;

TEST(HttpBench, AnswersEveryRequestAndTellsItsFigures) {
  std::string line;
  const HttpBenchOptions options{.connections = 8, .window = 300ms};
  EXPECT_EQ(bench_http(options, [&](const std::string& text) { line = text; }), 0) << line;
  const auto json = text::parse_json(line);
  ASSERT_TRUE(json) << line;
  EXPECT_EQ((*json)["failed"], text::Json(0)) << line;
  EXPECT_GT(*(*json)["requests_per_s"].integer(), 500) << line;
  EXPECT_NE((*json)["p99_ms"], text::Json(0)) << line;
}

}  // namespace
}  // namespace sotto::bench
