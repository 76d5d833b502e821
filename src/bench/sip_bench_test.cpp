#include "bench/sip_bench.h"

#include <gtest/gtest.h>

#include "text/json.h"

namespace sotto::bench {
namespace {

TEST(SipBench, EveryCallIsCountedAndNoneFails) {
  std::string line;
  SipBenchOptions options;
  options.calls = 200;
  options.at_once = 10;
  options.dialogs = 50;
  options.flood = std::chrono::milliseconds(300);
  options.floods = 1;
  EXPECT_EQ(bench_sip(options, [&](const std::string& text) { line = text; }), 0) << line;
  const auto json = text::parse_json(line);
  ASSERT_TRUE(json);
  EXPECT_EQ((*json)["calls"], text::Json(200));
  EXPECT_EQ((*json)["failed"], text::Json(0));
  EXPECT_NE((*json)["limit_per_s"], text::Json(0)) << line;
}

}  // namespace
}  // namespace sotto::bench
