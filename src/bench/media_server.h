#pragma once

#include "bench/media_board.h"

namespace sotto::bench {

// The engine with the board's workload on it, until the board says `ended`. Runs in a process of its own; its
// exit status.
int run_media_server(MediaBoard& board);

}  // namespace sotto::bench
