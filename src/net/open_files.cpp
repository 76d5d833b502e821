#include "net/open_files.h"

#include <sys/resource.h>

namespace sotto::net {

void raise_open_files() {
  rlimit files{};
  if (::getrlimit(RLIMIT_NOFILE, &files) != 0) return;
  files.rlim_cur = files.rlim_max;
  // Too few show when the sockets are opened.
  [[maybe_unused]] const int refused = ::setrlimit(RLIMIT_NOFILE, &files);
}

size_t open_files_max() {
  rlimit files{};
  return ::getrlimit(RLIMIT_NOFILE, &files) == 0 ? static_cast<size_t>(files.rlim_cur) : 0;
}

}  // namespace sotto::net
