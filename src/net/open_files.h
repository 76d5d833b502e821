#pragma once

#include <cstddef>

namespace sotto::net {

// As many open files, sockets among them, as the system lets this process have: most shells begin with 1024,
// and each leg takes two.
void raise_open_files();
size_t open_files_max();  // as it is now

}  // namespace sotto::net
