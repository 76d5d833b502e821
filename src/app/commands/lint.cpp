#include "dialect/vonage/lint.h"

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <iterator>

#include "app/commands/commands.h"
#include "dialect/twilio/lint.h"
#include "http/client.h"
#include "net/run.h"
#include "text/json.h"

namespace sotto::app {
namespace {

Result<std::string> download(const std::string& url) {
  net::Loop loop;
  http::Client client(loop);
  http::FetchRequest request;
  request.url = url;
  const http::FetchResult reply = net::run(loop, client.fetch(std::move(request)));
  if (!reply) return fail(ErrorCode::Unreachable, url + ": " + reply.error().detail);
  if (reply->status / 100 != 2) {
    return fail(ErrorCode::Unreachable, url + ": HTTP status " + std::to_string(reply->status));
  }
  return reply->body;
}

Result<std::string> content(const std::string& where) {
  if (where.starts_with("http://") || where.starts_with("https://")) return download(where);
  std::ifstream file(where, std::ios::binary);
  if (!file) return fail(ErrorCode::NotFound, where + ": cannot be read");
  return std::string(std::istreambuf_iterator<char>(file), {});
}

// TwiML is XML and an NCCO is JSON: the first character tells.
bool is_xml(const std::string& document) {
  const size_t first = document.find_first_not_of(" \t\r\n\xEF\xBB\xBF");
  return first != std::string::npos && document[first] == '<';
}

int lint_xml(const std::string& document, bool json) {
  const std::vector<twilio::Problem> problems = twilio::lint_twiml(document);
  text::JsonArray list;
  for (const twilio::Problem& problem : problems) {
    const char* level = problem.error ? "error" : "warning";
    const std::string place = "line " + std::to_string(problem.line);
    list.emplace_back(
        text::JsonObject{{"level", level}, {"place", place}, {"text", problem.text}, {"code", problem.code}});
    if (!json) std::printf("%s: %s: %d: %s\n", level, place.c_str(), problem.code, problem.text.c_str());
  }
  if (json) std::printf("%s\n", text::to_text(text::Json(std::move(list))).c_str());
  const bool refused =
      std::any_of(problems.begin(), problems.end(), [](const auto& each) { return each.error; });
  return refused ? 1 : 0;
}

std::string_view level_name(vonage::Remark::Level level) {
  constexpr std::string_view kNames[] = {"error", "warning", "note"};
  return kNames[static_cast<size_t>(level)];
}

}  // namespace

int lint(const std::string& where, bool json) {
  const auto document = content(where);
  if (!document) return std::fprintf(stderr, "sotto: %s\n", document.error().detail.c_str()), 2;
  if (is_xml(*document)) return lint_xml(*document, json);
  const auto ncco = text::parse_json(*document);
  if (!ncco) return std::fprintf(stderr, "%s: %s\n", where.c_str(), ncco.error().detail.c_str()), 2;
  text::JsonArray list;
  bool refused = false;
  for (const vonage::Remark& remark : vonage::lint_ncco(*ncco)) {
    refused = refused || remark.level == vonage::Remark::Level::Error;
    list.emplace_back(text::JsonObject{
        {"level", level_name(remark.level)}, {"place", remark.place}, {"text", remark.text}});
    const std::string line = std::string(level_name(remark.level)) + ": " + remark.place + ": " + remark.text;
    if (!json) std::printf("%s\n", line.c_str());
  }
  if (json) std::printf("%s\n", text::to_text(text::Json(std::move(list))).c_str());
  return refused ? 1 : 0;
}

}  // namespace sotto::app
