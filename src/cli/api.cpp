#include "cli/api.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <fmt/format.h>

#include "net/run.h"

namespace sotto::cli {
namespace {

constexpr std::string_view kPrefix = "/admin/v1";

std::string content(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream out;
  if (file) out << file.rdbuf();
  return out.str();
}

std::string data_folder(const std::string& given) {
  if (!given.empty()) return given;
  if (std::string set = variable("SOTTO_SERVER_DATA"); !set.empty()) return set;
  std::error_code error;
  for (const char* folder : {"sotto-data", "/var/lib/sotto"}) {
    if (std::filesystem::exists(std::string(folder) + "/ready.json", error)) return folder;
  }
  return "sotto-data";
}

ErrorCode code_of(int status) {
  switch (status) {
    case 400: return ErrorCode::Invalid;
    case 401: return ErrorCode::Unauthorized;
    case 403: return ErrorCode::Forbidden;
    case 404: return ErrorCode::NotFound;
    case 409: return ErrorCode::Conflict;
    case 429: return ErrorCode::Exhausted;
    default: return ErrorCode::Internal;
  }
}

// {"error": "…"} as the sentence in it.
std::string sentence(const http::FetchReply& reply) {
  const auto json = text::parse_json(reply.body);
  if (json && (*json)["error"].text() != nullptr) return *(*json)["error"].text();
  return fmt::format("the server answered {}", reply.status);
}

}  // namespace

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : value;
}

Target find_target(Target given) {
  given.data = data_folder(given.data);
  if (given.url.empty()) given.url = variable("SOTTO_URL");
  if (given.url.empty()) {
    const auto ready = text::parse_json(content(given.data + "/ready.json"));
    const std::string* http = ready ? (*ready)["http"].text() : nullptr;
    given.url = "http://" + (http == nullptr ? "127.0.0.1:8080" : *http);
  }
  while (given.url.ends_with('/')) given.url.pop_back();
  if (given.token.empty()) given.token = variable("SOTTO_TOKEN");
  if (given.token.empty()) given.token = content(given.data + "/admin-token");
  while (given.token.ends_with('\n')) given.token.pop_back();
  return given;
}

Api::Api(Target target) : target_(std::move(target)), client_(loop_, {}) {}

Api::~Api() = default;

Result<http::FetchReply> Api::fetch(http::FetchRequest request) {
  if (request.url.starts_with('/')) request.url = target_.url + request.url;
  const std::string url = request.url;
  http::FetchResult reply = net::run(loop_, client_.fetch(std::move(request)));
  if (!reply) {
    return fail(ErrorCode::Unreachable,
                fmt::format("no answer from {} ({}); is the server running? --url and --data say where", url,
                            reply.error().detail));
  }
  return std::move(*reply);
}

Result<std::string> Api::send(http::Method method, const std::string& path, const text::Json* body) {
  http::FetchRequest request;
  request.method = method;
  request.url = std::string(kPrefix) + path;
  request.headers.add("Authorization", "Bearer " + target_.token);
  request.total_deadline = std::chrono::seconds(60);
  request.body_bytes_max = size_t{64} * 1024 * 1024;
  if (body != nullptr) {
    request.headers.add("Content-Type", "application/json");
    request.body = text::to_text(*body);
  }
  auto reply = fetch(std::move(request));
  if (!reply) return fail(reply.error());
  if (reply->status == 401) {
    return fail(ErrorCode::Unauthorized,
                fmt::format("{}; the token is read from --token, SOTTO_TOKEN or {}/admin-token",
                            sentence(*reply), target_.data));
  }
  if (reply->status >= 400) return fail(code_of(reply->status), sentence(*reply));
  return std::move(reply->body);
}

Result<text::Json> Api::ask(http::Method method, const std::string& path, const text::Json* body) {
  auto answer = send(method, path, body);
  if (!answer) return fail(answer.error());
  if (answer->empty()) return Result<text::Json>(tl::in_place);
  auto json = text::parse_json(*answer, {.bytes_max = answer->size()});
  if (!json) return fail(ErrorCode::Invalid, "the server's answer is not JSON: " + json.error().detail);
  return std::move(*json);
}

Result<text::Json> Api::get(const std::string& path) {
  return ask(http::Method::Get, path, nullptr);
}
Result<text::Json> Api::post(const std::string& path, const text::Json& body) {
  return ask(http::Method::Post, path, &body);
}
Result<text::Json> Api::put(const std::string& path, const text::Json& body) {
  return ask(http::Method::Put, path, &body);
}
Result<text::Json> Api::remove(const std::string& path) {
  return ask(http::Method::Delete, path, nullptr);
}
Result<std::string> Api::get_text(const std::string& path) {
  return send(http::Method::Get, path, nullptr);
}

std::string segment(std::string_view text) {
  return text::percent_encode(text);
}

std::string query(std::initializer_list<std::pair<std::string_view, std::string>> parameters) {
  std::string out;
  for (const auto& [name, value] : parameters) {
    if (value.empty()) continue;
    out += fmt::format("{}{}={}", out.empty() ? '?' : '&', name, segment(value));
  }
  return out;
}

}  // namespace sotto::cli
