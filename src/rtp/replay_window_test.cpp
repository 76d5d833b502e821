#include "rtp/replay_window.h"

#include <gtest/gtest.h>

namespace sotto::rtp {
namespace {

TEST(ReplayWindow, AdmitsEachIndexOnce) {
  ReplayWindow window;
  EXPECT_FALSE(window.admits(-1));
  EXPECT_TRUE(window.admits(5));
  window.add(5);
  EXPECT_FALSE(window.admits(5));
  EXPECT_TRUE(window.admits(4));
  window.add(4);
  EXPECT_FALSE(window.admits(4));
}

TEST(ReplayWindow, ForgetsWhatIsFarBehindAndRefusesIt) {
  ReplayWindow window;
  window.add(0);
  window.add(ReplayWindow::kSize - 1);
  EXPECT_FALSE(window.admits(0));
  EXPECT_TRUE(window.admits(1));
  window.add(ReplayWindow::kSize);  // takes the place of 0
  EXPECT_FALSE(window.admits(0));
  window.add(10 * ReplayWindow::kSize + 1);
  EXPECT_FALSE(window.admits(ReplayWindow::kSize));
  EXPECT_TRUE(window.admits(10 * ReplayWindow::kSize));
  EXPECT_TRUE(window.admits(9 * ReplayWindow::kSize + 2));
  EXPECT_FALSE(window.admits(9 * ReplayWindow::kSize + 1));
}

}  // namespace
}  // namespace sotto::rtp
