#include "speech/child_process.h"

#include <array>
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace sotto::speech {
namespace {

using Clock = std::chrono::steady_clock;

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  ~Descriptor() { close(); }
  int get() const { return fd_; }
  void close() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }

 private:
  int fd_;
};

// A child is reaped exactly once, whatever way out is taken.
class Child {
 public:
  explicit Child(pid_t pid) : pid_(pid) {}
  Child(const Child&) = delete;
  ~Child() {
    if (pid_ < 0) return;
    ::kill(pid_, SIGKILL);
    wait();
  }
  int wait() {
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    pid_ = -1;
    return status;
  }

 private:
  pid_t pid_;
};

Result<pid_t> spawn(const std::vector<std::string>& arguments, int input, int output) {
  std::vector<char*> argv;
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  pid_t pid = -1;
  const int error = ::posix_spawnp(&pid, argv[0], &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) return fail(ErrorCode::NotFound, arguments[0] + ": " + std::strerror(error));
  return pid;
}

struct Exchange {
  Descriptor& to_child;
  Descriptor& from_child;
  std::string_view input;
  base::Bytes output;
  size_t output_max;
};

// One round of poll: feeds what the child takes, keeps what it gives. False when its output has ended.
Result<bool> step(Exchange& exchange, int wait_ms) {
  std::array<pollfd, 2> wanted = {
      {{exchange.from_child.get(), POLLIN, 0}, {exchange.to_child.get(), POLLOUT, 0}}};
  if (::poll(wanted.data(), exchange.to_child.get() < 0 ? 1 : 2, wait_ms) < 0 && errno != EINTR) {
    return fail(ErrorCode::Io, std::string("poll: ") + std::strerror(errno));
  }
  if ((wanted[1].revents & (POLLOUT | POLLERR)) != 0) {
    const ssize_t written =
        ::send(exchange.to_child.get(), exchange.input.data(), exchange.input.size(), MSG_NOSIGNAL);
    if (written > 0) exchange.input.remove_prefix(static_cast<size_t>(written));
    if (exchange.input.empty() || (written < 0 && errno != EAGAIN && errno != EINTR))
      exchange.to_child.close();
  }
  if ((wanted[0].revents & (POLLIN | POLLHUP)) == 0) return true;
  std::array<std::byte, 65536> chunk;
  const ssize_t got = ::read(exchange.from_child.get(), chunk.data(), chunk.size());
  if (got == 0) return false;
  if (got < 0) return errno == EINTR || errno == EAGAIN;
  exchange.output.insert(exchange.output.end(), chunk.begin(), chunk.begin() + got);
  if (exchange.output.size() > exchange.output_max)
    return fail(ErrorCode::TooLarge, "child process: too much output");
  return true;
}

}  // namespace

Result<base::Bytes> run_child(const std::vector<std::string>& arguments, std::string_view input,
                              std::chrono::milliseconds time_max, size_t output_max) {
  int in[2];
  int out[2];
  // A socket rather than a pipe: writing to a child that has gone must be an error, not a signal.
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, in) != 0)
    return fail(ErrorCode::Exhausted, "child process: no socket");
  Descriptor child_in(in[0]);
  Descriptor to_child(in[1]);
  if (::pipe2(out, O_CLOEXEC) != 0) return fail(ErrorCode::Exhausted, "child process: no pipe");
  Descriptor from_child(out[0]);
  Descriptor child_out(out[1]);
  auto pid = spawn(arguments, child_in.get(), child_out.get());
  if (!pid) return fail(pid.error());
  Child child(*pid);
  child_in.close();
  child_out.close();
  ::fcntl(to_child.get(), F_SETFL, O_NONBLOCK);

  Exchange exchange{to_child, from_child, input, {}, output_max};
  const auto deadline = Clock::now() + time_max;
  while (true) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now());
    if (left.count() <= 0) return fail(ErrorCode::TimedOut, arguments[0] + ": took too long");
    const auto more = step(exchange, static_cast<int>(left.count()));
    if (!more) return fail(more.error());
    if (!*more) break;
  }
  const int status = child.wait();
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
    return fail(ErrorCode::Internal, arguments[0] + ": failed");
  return std::move(exchange.output);
}

}  // namespace sotto::speech
