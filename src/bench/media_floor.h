#pragma once

#include "bench/media_board.h"

namespace sotto::bench {

// The least that the server's work can cost on this kernel: receives each packet and sends as many as the
// server does, from as many sockets, at the same phases, waking up as the server does. Parses nothing. Runs
// until the board says `ended`; the process's exit status.
int run_media_floor(MediaBoard& board);

}  // namespace sotto::bench
