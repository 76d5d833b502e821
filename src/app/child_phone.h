#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/streambuf.hpp>
#include <sys/types.h>

#include "base/result.h"
#include "net/loop.h"
#include "text/json.h"

namespace sotto::app {

// `sotto phone` as a process of its own; its lines of JSON come back as they are printed. Control thread.
class ChildPhone {
 public:
  static Result<std::unique_ptr<ChildPhone>> start(net::Loop& loop,
                                                   const std::vector<std::string>& arguments);
  ChildPhone(net::Loop& loop, pid_t pid, int output);
  ChildPhone(const ChildPhone&) = delete;
  ~ChildPhone();  // ends the process

  bool finished() const { return finished_; }  // it has closed its output
  const std::vector<text::Json>& lines() const { return lines_; }
  // The first line of that event; null while there is none.
  const text::Json* find(std::string_view event) const;
  // A text member of that line, empty if there is none.
  std::string text(std::string_view event, std::string_view key) const;
  int64_t at_us(std::string_view event) const;  // 0 if there is none

 private:
  void read();
  void take_lines();

  const pid_t pid_;
  asio::posix::stream_descriptor output_;
  std::array<char, 4096> chunk_;
  std::string pending_;
  std::vector<text::Json> lines_;
  bool finished_ = false;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace sotto::app
