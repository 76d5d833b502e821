#include "bench/bench_processes.h"

#include <csignal>
#include <new>
#include <thread>

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/machine.h"
#include "bench/media_floor.h"
#include "bench/media_load.h"
#include "bench/media_server.h"
#include "net/open_files.h"

namespace sotto::bench {
namespace {

using namespace std::chrono_literals;

constexpr size_t kLoad = 0;
constexpr size_t kServer = 1;
constexpr size_t kFloor = 2;
constexpr auto kSetUpMax = 60s;
constexpr auto kSettle = 700ms;
constexpr auto kStep = 5ms;

uint32_t room_legs(MediaWorkload workload, uint32_t legs) {
  switch (workload) {
    case MediaWorkload::Pairs: return 2;
    case MediaWorkload::Trios:
    case MediaWorkload::Whisper: return 3;
    case MediaWorkload::BigRoom: return legs;
    case MediaWorkload::Announcements:
    case MediaWorkload::IdleLegs: break;
  }
  return 1;
}

}  // namespace

Result<std::unique_ptr<MediaProcesses>> MediaProcesses::start(MediaWorkload workload, uint32_t legs) {
  std::unique_ptr<MediaProcesses> self(new MediaProcesses);
  void* const memory =
      ::mmap(nullptr, sizeof(MediaBoard), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return fail(ErrorCode::Io, "cannot map the bench's board");
  self->board_ = new (memory) MediaBoard;
  self->board_->workload = workload;
  self->board_->forwards = workload == MediaWorkload::Pairs;
  self->board_->room_legs = room_legs(workload, legs);
  self->board_->legs = legs / self->board_->room_legs * self->board_->room_legs;
  if (auto up = self->spawn(kLoad, 1, run_media_load); !up) return fail(up.error());
  if (auto up = self->spawn(kServer, 0, run_media_server); !up) return fail(up.error());
  if (auto up = self->spawn(kFloor, 0, run_media_floor); !up) return fail(up.error());
  ::kill(self->children_[kServer], SIGSTOP);
  ::kill(self->children_[kFloor], SIGSTOP);
  return self;
}

MediaProcesses::~MediaProcesses() {
  if (board_ == nullptr) return;
  board_->ended = true;
  for (const pid_t child : children_) {
    if (child <= 0) continue;
    ::kill(child, SIGCONT);
    ::waitpid(child, nullptr, 0);
  }
  ::munmap(board_, sizeof(MediaBoard));
}

Result<void> MediaProcesses::spawn(size_t which, int cpu, int (*run)(MediaBoard&)) {
  const uint32_t ready = board_->ready;
  const pid_t child = ::fork();
  if (child < 0) return fail(ErrorCode::Io, "cannot fork");
  if (child == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    pin(cpu);
    net::raise_open_files();
    const int status = run(*board_);
    board_->failed = board_->failed || status != 0;
    ::_exit(status);
  }
  children_[which] = child;
  for (auto waited = 0ms; board_->ready == ready; waited += kStep) {
    if (board_->failed || waited > kSetUpMax) return fail(ErrorCode::Io, "a bench process does not start");
    std::this_thread::sleep_for(kStep);
  }
  return {};
}

Result<double> MediaProcesses::measure(MediaBoard::Driven driven, std::chrono::milliseconds window) {
  const bool server = driven == MediaBoard::Driven::Server;
  const pid_t process = children_[server ? kServer : kFloor];
  ::kill(process, SIGCONT);
  board_->driven = driven;
  std::this_thread::sleep_for(kSettle);
  const uint32_t counted = board_->counted;
  board_->counting = server;
  const double cpu_before = cpu_seconds(process);
  const auto before = std::chrono::steady_clock::now();
  std::this_thread::sleep_for(window + kStep);
  const double cpu = cpu_seconds(process) - cpu_before;
  const std::chrono::duration<double> length = std::chrono::steady_clock::now() - before;
  board_->counting = false;
  for (auto waited = 0ms; server && board_->counted == counted; waited += kStep) {
    if (waited > kSetUpMax) return fail(ErrorCode::Io, "the load does not answer");
    std::this_thread::sleep_for(kStep);
  }
  ::kill(process, SIGSTOP);
  board_->driven = MediaBoard::Driven::Nobody;
  if (board_->failed || cpu <= 0) return fail(ErrorCode::Io, "a bench process has died");
  return cpu / length.count() / board_->legs * 1e6;
}

}  // namespace sotto::bench
