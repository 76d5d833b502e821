#pragma once

#include "bench/media_board.h"

namespace sotto::bench {

// The far ends of all legs: sends a packet a frame for each, and judges what comes back by its time and, for
// some of the legs, by its tones. Runs until the board says `ended`; the process's exit status.
int run_media_load(MediaBoard& board);

}  // namespace sotto::bench
