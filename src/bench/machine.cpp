#include "bench/machine.h"

#include <cmath>
#include <csignal>
#include <ctime>
#include <fstream>
#include <string>
#include <utility>

#include <malloc.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "net/open_files.h"

// jemalloc's, where it is linked in (ADR 10).
extern "C" [[gnu::weak]] int mallctl(const char* name, void* old, size_t* old_size, void* value, size_t size);

namespace sotto::bench {
namespace {

double allocated_kilobytes() {
  uint64_t epoch = 1;
  size_t size = sizeof(epoch);
  if (::mallctl("epoch", &epoch, &size, &epoch, size) != 0) return 0;  // its numbers are of the last epoch
  size_t allocated = 0;
  size = sizeof(allocated);
  if (::mallctl("stats.allocated", &allocated, &size, nullptr, 0) != 0) return 0;
  return static_cast<double>(allocated) / 1024;
}

}  // namespace

void pin(int cpu) {
  if (cpu == kAnyCpu) return;
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(static_cast<size_t>(cpu), &set);
  // On a machine with one CPU there is nothing to choose.
  [[maybe_unused]] const int refused = ::sched_setaffinity(0, sizeof(set), &set);
}

double cpu_seconds(pid_t process) {
  clockid_t clock{};
  timespec used{};
  if (::clock_getcpuclockid(process, &clock) != 0 || ::clock_gettime(clock, &used) != 0) return 0;
  return static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) * 1e-9;
}

double cpu_seconds_of_first_thread(pid_t process) {
  const std::string id = std::to_string(process);
  std::ifstream file("/proc/" + id + "/task/" + id + "/schedstat");
  double nanoseconds = 0;
  file >> nanoseconds;
  return nanoseconds * 1e-9;
}

double resident_kilobytes(pid_t process) {
  std::ifstream file("/proc/" + std::to_string(process) + "/statm");
  double pages = 0;
  file >> pages >> pages;
  return pages * static_cast<double>(::sysconf(_SC_PAGESIZE)) / 1024;
}

double heap_kilobytes() {
  if (mallctl != nullptr) return allocated_kilobytes();
  const struct mallinfo2 info = ::mallinfo2();
  return static_cast<double>(info.uordblks + info.hblkhd) / 1024;
}

double rounded(double value) {
  return std::round(value * 10'000) / 10'000;
}

Result<Child> Child::start(int cpu, const std::function<int(int pipe)>& run) {
  int ends[2];
  if (::pipe(ends) != 0) return fail(ErrorCode::Io, "cannot make a pipe");
  const pid_t process = ::fork();
  if (process == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::close(ends[0]);
    pin(cpu);
    net::raise_open_files();
    ::_exit(run(ends[1]));
  }
  ::close(ends[1]);
  if (process > 0) return Child(process, ends[0]);
  ::close(ends[0]);
  return fail(ErrorCode::Io, "cannot fork");
}

Child::Child(Child&& other) noexcept
    : process_(std::exchange(other.process_, 0)), pipe_(std::exchange(other.pipe_, -1)) {}

Child::~Child() {
  if (process_ <= 0) return;
  ::kill(process_, SIGKILL);
  ::waitpid(process_, nullptr, 0);
  ::close(pipe_);
}

Result<void> Child::read(void* into, size_t size) {
  auto* bytes = static_cast<char*>(into);
  while (size > 0) {
    const ssize_t got = ::read(pipe_, bytes, size);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return fail(ErrorCode::Closed, "a bench process has died");
    bytes += got;
    size -= static_cast<size_t>(got);
  }
  return {};
}

}  // namespace sotto::bench
