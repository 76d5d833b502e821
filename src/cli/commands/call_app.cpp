// Calls of an application, over the server's Vonage interface.
#include <fstream>
#include <iterator>

#include "cli/commands/all.h"
#include "cli/table.h"
#include "cli/vonage_account.h"

namespace sotto::cli {
namespace {

using text::Json;
using text::JsonArray;
using text::JsonObject;

Result<std::string> read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string content{std::istreambuf_iterator<char>(file), {}};
  if (!file) return fail(ErrorCode::Io, path + ": cannot be read");
  return content;
}

// An option, or the variable that the vendor's own command line reads.
Result<std::string> wanted(const Invocation& given, const char* option, const char* name) {
  std::string value = given.has(option) ? given.text(option) : variable(name);
  if (value.empty()) return fail(ErrorCode::Invalid, std::string(option) + ": is required, or set " + name);
  return value;
}

Result<Application> application_of(const Invocation& given) {
  const auto id = wanted(given, "--app", "VONAGE_APPLICATION_ID");
  if (!id) return fail(id.error());
  const auto path = wanted(given, "--keyfile", "VONAGE_PRIVATE_KEY");
  if (!path) return fail(path.error());
  const auto key = read_file(*path);
  if (!key) return fail(key.error());
  return Application{*id, *key};
}

// What an app says, or what a document does.
struct Script {
  std::string url;
  Json document;
};
Result<Script> script_of(const std::string& given) {
  if (given.starts_with("http://") || given.starts_with("https://")) return Script{given, {}};
  const bool itself = given.find('[') != std::string::npos;
  const auto content = itself ? Result<std::string>(given) : read_file(given);
  if (!content) return fail(content.error());
  auto document = text::parse_json(*content);
  if (!document) return fail(ErrorCode::Invalid, given + ": " + document.error().detail);
  return Script{{}, std::move(*document)};
}

Json endpoint(const std::string& address) {
  const bool uri = address.starts_with("sip:") || address.starts_with("sips:");
  return JsonObject{{"type", uri ? "sip" : "phone"}, {uri ? "uri" : "number", address}};
}

}  // namespace

Result<void> create_call(Api& api, const Invocation& given) {
  const auto application = application_of(given);
  if (!application) return fail(application.error());
  auto script = script_of(given.text("NCCO"));
  if (!script) return fail(script.error());
  JsonObject body{{"to", JsonArray{endpoint(given.text("TO"))}}};
  if (given.has("--from")) body.set("from", endpoint(given.text("--from")));
  if (given.has("--event-url")) body.set("event_url", JsonArray{given.text("--event-url")});
  if (script->url.empty()) {
    body.set("ncco", std::move(script->document));
  } else {
    body.set("answer_url", JsonArray{script->url});
  }
  VonageAccount account(api);
  const auto made = account.send_as(*application, http::Method::Post, "/v1/calls", Json(std::move(body)));
  if (!made) return fail(made.error());
  if (given.json()) return print_json(*made), Result<void>();
  print(word((*made)["uuid"]) + "\n");
  return {};
}

Result<void> transfer_call(Api& api, const Invocation& given) {
  const auto application = application_of(given);
  if (!application) return fail(application.error());
  auto script = script_of(given.text("NCCO"));
  if (!script) return fail(script.error());
  JsonObject destination{{"type", "ncco"}};
  if (script->url.empty()) {
    destination.set("ncco", std::move(script->document));
  } else {
    destination.set("url", JsonArray{script->url});
  }
  const Json body = JsonObject{{"action", "transfer"}, {"destination", std::move(destination)}};
  VonageAccount account(api);
  const std::string path = "/v1/calls/" + segment(given.text("ID"));
  const auto done = account.send_as(*application, http::Method::Put, path, body);
  if (!done) return fail(done.error());
  if (given.json()) print_json(JsonObject{{"transferred", given.text("ID")}});
  return {};
}

}  // namespace sotto::cli
