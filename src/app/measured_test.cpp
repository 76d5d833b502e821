#include "app/measured.h"

#include <gtest/gtest.h>

#include "text/json.h"

namespace sotto::app {
namespace {

TEST(Measured, SaysWhatALegsSoundWasLike) {
  media::LegStatistics statistics;
  statistics.packets_received = 100;
  statistics.packets_lost = 3;
  statistics.jitter = std::chrono::microseconds(2500);
  statistics.opinion = 4.1234F;
  const auto json = text::parse_json(measured_json(statistics));
  ASSERT_TRUE(json);
  EXPECT_EQ(*(*json)["packets_lost"].integer(), 3);
  EXPECT_NEAR(*(*json)["jitter_ms"].real(), 2.5, 1e-9);
  EXPECT_NEAR(*(*json)["mos"].real(), 4.12, 1e-6);
  EXPECT_TRUE((*json)["far_mos"].is_null()) << "the far end has reported nothing";
}

}  // namespace
}  // namespace sotto::app
