#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "text/json.h"

namespace sotto::bench {

// One connection to a server on 127.0.0.1, for a client that waits for each answer. One thread at a time.
class HttpLine {
 public:
  struct Answer {
    int status = 0;
    text::Json body;  // null where there is none, or no JSON
  };

  static Result<HttpLine> open(uint16_t port);
  HttpLine(HttpLine&& other) noexcept;
  HttpLine& operator=(HttpLine&&) = delete;
  ~HttpLine();

  // `header` is a whole line or empty, such as "Authorization: Bearer x". Closed where the server hung up.
  Result<Answer> ask(std::string_view method, std::string_view path, std::string_view header,
                     std::string_view body);

 private:
  explicit HttpLine(int socket) : socket_(socket) {}
  Result<std::string> receive();

  int socket_;
  std::string pending_;
};

// How long an answer to an HTTP request is, as its head says; 0 while that is not there yet.
size_t answer_size(std::string_view text);

}  // namespace sotto::bench
