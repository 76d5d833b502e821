#pragma once

#include <string>

#include "cli/api.h"
#include "http/method.h"

// The server's Vonage interface, for the commands that speak it.
namespace sotto::cli {

// Whose calls they are, and what proves it.
struct Application {
  std::string id;
  std::string key;  // its private key, PEM
};

// An API key and its secret, in this order: VONAGE_API_KEY and VONAGE_API_SECRET, ./.nexmorc, ~/.nexmorc.
class VonageAccount {
 public:
  explicit VonageAccount(Api& api) : api_(api) {}

  Result<text::Json> get(const std::string& path, const text::Parameters& query);
  // With everything in the query, as that vendor's clients send it.
  Result<text::Json> post(const std::string& path, const text::Parameters& query);
  Result<text::Json> send(http::Method method, const std::string& path, const text::Json& body);

  // As one of its applications, for what its calls do: with a token that its private key signs.
  Result<text::Json> send_as(const Application& application, http::Method method, const std::string& path,
                             const text::Json& body);

  // Such a token, with these claims and the usual ones. `key` is a PEM; the token ends in a quarter of an
  // hour, unless `claims` has exp.
  static Result<std::string> token(const std::string& key, text::JsonObject claims);

  // Checks and keeps them in ./.nexmorc or ~/.nexmorc.
  static Result<void> save(const std::string& key, const std::string& secret, bool here);

 private:
  Result<text::Json> ask(http::FetchRequest request);
  Result<text::Json> fetch(http::FetchRequest request);

  Api& api_;
};

}  // namespace sotto::cli
