#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "http/client.h"
#include "net/loop.h"
#include "text/json.h"
#include "text/uri.h"

namespace sotto::cli {

// Where the server is and who we are, in this order: a flag, the environment (SOTTO_URL, SOTTO_TOKEN), what
// the server left in its data folder, "http://127.0.0.1:8080".
struct Target {
  std::string url;
  std::string token;
  std::string data;  // of the server; empty: SOTTO_SERVER_DATA, ./sotto-data, /var/lib/sotto
};
Target find_target(Target given);

// Requests to a server, one at a time, each to its end: for commands. A failure's detail is for the person at
// the terminal.
class Api {
 public:
  explicit Api(Target target);
  ~Api();

  const Target& target() const { return target_; }

  // Our admin API: `path` is below /admin/v1. An answer of 400 and above is an error with what the server
  // said.
  Result<text::Json> get(const std::string& path);
  Result<text::Json> post(const std::string& path, const text::Json& body);
  Result<text::Json> put(const std::string& path, const text::Json& body);
  Result<text::Json> remove(const std::string& path);
  // The body as it is, whatever its type.
  Result<std::string> get_text(const std::string& path);

  // Any other request; `url` may be a path of the server. Any status is an answer.
  Result<http::FetchReply> fetch(http::FetchRequest request);

 private:
  Result<text::Json> ask(http::Method method, const std::string& path, const text::Json* body);
  Result<std::string> send(http::Method method, const std::string& path, const text::Json* body);

  const Target target_;
  net::Loop loop_;
  http::Client client_;
};

// Of the environment; empty if it is not set.
std::string variable(const char* name);
// "?by=hour&from=2026-01-01": what has no value is left out.
std::string query(std::initializer_list<std::pair<std::string_view, std::string>> parameters);
// One segment of a path.
std::string segment(std::string_view text);

}  // namespace sotto::cli
