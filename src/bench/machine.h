#pragma once

#include <functional>

#include <sys/types.h>

#include "base/result.h"

// What benches need of the machine: processes that keep to one CPU, and the time that they use.
namespace sotto::bench {

inline constexpr int kAnyCpu = -1;
// The calling process runs on that CPU alone; on a machine with one CPU there is nothing to choose.
void pin(int cpu);
// CPU time of a process, all threads; 0 when it is gone.
double cpu_seconds(pid_t process);
double cpu_seconds_of_first_thread(pid_t process);
double resident_kilobytes(pid_t process);
// What this process has allocated and not freed, with what each piece needs besides.
double heap_kilobytes();
// To four digits after the point, for output.
double rounded(double value);

// A child on a CPU of its own, killed at the end. Made by a process with one thread.
class Child {
 public:
  // `run` writes what it has to tell to the pipe; its value is the exit status.
  static Result<Child> start(int cpu, const std::function<int(int pipe)>& run);
  Child(Child&& other) noexcept;
  Child& operator=(Child&&) = delete;
  ~Child();

  pid_t process() const { return process_; }
  // Waits for `size` bytes from the child. Fails with Closed when it ended before.
  Result<void> read(void* into, size_t size);

 private:
  Child(pid_t process, int pipe) : process_(process), pipe_(pipe) {}

  pid_t process_;
  int pipe_;
};

}  // namespace sotto::bench
