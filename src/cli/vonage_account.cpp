#include "cli/vonage_account.h"

#include <fstream>

#include <fmt/format.h>
#include <unistd.h>

#include "base/time.h"
#include "crypto/jwt.h"
#include "text/ascii.h"

namespace sotto::cli {
namespace {

constexpr int64_t kTokenSeconds = 60;

struct Credentials {
  std::string key;
  std::string secret;
};

// [credentials] api_key=… api_secret=…
Credentials read(const std::string& path) {
  Credentials found;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    const size_t equals = line.find('=');
    if (equals == std::string::npos) continue;
    const std::string name(text::trim(std::string_view(line).substr(0, equals)));
    const std::string value(text::trim(std::string_view(line).substr(equals + 1)));
    if (name == "api_key") found.key = value;
    if (name == "api_secret") found.secret = value;
  }
  return found;
}

std::string home_file() {
  return variable("HOME") + "/.nexmorc";
}

Result<Credentials> credentials() {
  const Credentials set{variable("VONAGE_API_KEY"), variable("VONAGE_API_SECRET")};
  for (const Credentials& each : {set, read(".nexmorc"), read(home_file())}) {
    if (!each.key.empty() && !each.secret.empty()) return each;
  }
  return fail(ErrorCode::Unauthorized,
              "no API key: set VONAGE_API_KEY and VONAGE_API_SECRET, or run `sotto nexmo setup KEY SECRET`");
}

std::string with_query(const std::string& path, const text::Parameters& query) {
  std::string out = path;
  for (const auto& [name, value] : query) {
    out += (out.find('?') == std::string::npos ? '?' : '&') + name + "=" + text::percent_encode(value);
  }
  return out;
}

http::FetchRequest request_of(http::Method method, const std::string& path, const text::Json& body) {
  http::FetchRequest request;
  request.method = method;
  request.url = path;
  if (!body.is_null()) {
    request.headers.add("Content-Type", "application/json");
    request.body = text::to_text(body);
  }
  return request;
}

std::string sentence(const http::FetchReply& reply) {
  const auto json = text::parse_json(reply.body);
  for (const char* member : {"detail", "error-code-label", "title"}) {
    if (json && (*json)[member].text() != nullptr) return *(*json)[member].text();
  }
  return "the server answered " + std::to_string(reply.status);
}

}  // namespace

Result<text::Json> VonageAccount::ask(http::FetchRequest request) {
  const auto known = credentials();
  if (!known) return fail(known.error());
  request.user = known->key;
  request.password = known->secret;
  return fetch(std::move(request));
}

Result<text::Json> VonageAccount::fetch(http::FetchRequest request) {
  const auto reply = api_.fetch(std::move(request));
  if (!reply) return fail(reply.error());
  if (reply->status / 100 != 2) return fail(ErrorCode::Invalid, sentence(*reply));
  if (reply->body.empty()) return Result<text::Json>(tl::in_place);
  return text::parse_json(reply->body);
}

Result<text::Json> VonageAccount::get(const std::string& path, const text::Parameters& query) {
  http::FetchRequest request;
  request.url = with_query(path, query);
  return ask(std::move(request));
}

Result<text::Json> VonageAccount::post(const std::string& path, const text::Parameters& query) {
  http::FetchRequest request;
  request.method = http::Method::Post;
  request.url = with_query(path, query);
  return ask(std::move(request));
}

Result<text::Json> VonageAccount::send(http::Method method, const std::string& path, const text::Json& body) {
  return ask(request_of(method, path, body));
}

Result<std::string> VonageAccount::token(const std::string& key_pem, text::JsonObject claims) {
  const auto key = crypto::PrivateKey::from_pem(key_pem);
  if (!key) return fail(ErrorCode::Invalid, "the key file: " + key.error().detail);
  const base::SystemClock clock;
  const int64_t now =
      std::chrono::duration_cast<std::chrono::seconds>(clock.wall().time_since_epoch()).count();
  claims.add("iat", now);
  if (claims.find("exp") == nullptr) claims.add("exp", now + kTokenSeconds);
  claims.add("jti", fmt::format("{}-{}", getpid(), now));
  return crypto::sign_jwt_rs256(text::to_text(text::Json(std::move(claims))), *key);
}

Result<text::Json> VonageAccount::send_as(const Application& application, http::Method method,
                                          const std::string& path, const text::Json& body) {
  const auto made = token(application.key, text::JsonObject{{"application_id", application.id}});
  if (!made) return fail(made.error());
  http::FetchRequest request = request_of(method, path, body);
  request.headers.add("Authorization", "Bearer " + *made);
  return fetch(std::move(request));
}

Result<void> VonageAccount::save(const std::string& key, const std::string& secret, bool here) {
  const std::string path = here ? ".nexmorc" : home_file();
  std::ofstream file(path, std::ios::trunc);
  file << "[credentials]\napi_key=" << key << "\napi_secret=" << secret << '\n';
  file.close();
  if (!file) return fail(ErrorCode::Io, path + ": cannot be written");
  return {};
}

}  // namespace sotto::cli
