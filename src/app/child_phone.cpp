#include "app/child_phone.h"

#include <cerrno>
#include <cstring>

#include <boost/asio/buffer.hpp>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace sotto::app {

Result<std::unique_ptr<ChildPhone>> ChildPhone::start(net::Loop& loop,
                                                      const std::vector<std::string>& arguments) {
  int pipe[2];
  if (::pipe2(pipe, O_CLOEXEC) != 0)
    return fail(ErrorCode::Exhausted, std::string("pipe: ") + std::strerror(errno));
  std::vector<std::string> all = {"/proc/self/exe", "phone"};
  all.insert(all.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  for (std::string& each : all) argv.push_back(each.data());
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, pipe[1], STDOUT_FILENO);
  pid_t pid = -1;
  const int error = ::posix_spawn(&pid, argv[0], &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  ::close(pipe[1]);
  if (error != 0) {
    ::close(pipe[0]);
    return fail(ErrorCode::Io, std::string("phone: ") + std::strerror(error));
  }
  return std::make_unique<ChildPhone>(loop, pid, pipe[0]);
}

ChildPhone::ChildPhone(net::Loop& loop, pid_t pid, int output) : pid_(pid), output_(loop.context(), output) {
  read();
}

ChildPhone::~ChildPhone() {
  *alive_ = false;
  ::kill(pid_, SIGTERM);
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
}

void ChildPhone::read() {
  output_.async_read_some(asio::buffer(chunk_),
                          [this, alive = alive_](const boost::system::error_code& error, size_t size) {
                            if (!*alive) return;
                            if (error) {
                              finished_ = true;
                              return;
                            }
                            pending_.append(chunk_.data(), size);
                            take_lines();
                            read();
                          });
}

void ChildPhone::take_lines() {
  for (size_t end = pending_.find('\n'); end != std::string::npos; end = pending_.find('\n')) {
    if (auto line = text::parse_json(std::string_view(pending_).substr(0, end)))
      lines_.push_back(std::move(*line));
    pending_.erase(0, end + 1);
  }
}

const text::Json* ChildPhone::find(std::string_view event) const {
  for (const text::Json& line : lines_) {
    const std::string* name = line["event"].text();
    if (name != nullptr && *name == event) return &line;
  }
  return nullptr;
}

std::string ChildPhone::text(std::string_view event, std::string_view key) const {
  const text::Json* line = find(event);
  const std::string* value = line == nullptr ? nullptr : (*line)[key].text();
  return value == nullptr ? std::string{} : *value;
}

int64_t ChildPhone::at_us(std::string_view event) const {
  const text::Json* line = find(event);
  const int64_t* value = line == nullptr ? nullptr : (*line)["at_us"].integer();
  return value == nullptr ? 0 : *value;
}

}  // namespace sotto::app
