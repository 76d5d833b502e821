#include "dialect/twilio/conferences.h"

#include <algorithm>

#include "dialect/host/await.h"
#include "dialect/twilio/api/conference_parts.h"
#include "dialect/twilio/api/stored.h"
#include "dialect/twilio/sid.h"

namespace sotto::twilio {
namespace {

// One that is not here any more is over, whatever the server could still write of it.
Result<Conference> read_gone(const store::Document& document) {
  auto read = read_conference(document.body);
  if (read) read->ended = true;
  return read;
}

asio::awaitable<ApiResult<Conference>> find(ApiParts& parts, ApiRequest request) {
  const auto room = parse_sid<call::RoomId>(request.parameter("Sid"), "CF");
  if (!room) co_return not_found(request.http.path);
  if (const Conference* live = parts.conferences.find(*room)) {
    if (live->account != request.account.hex) co_return not_found(request.http.path);
    co_return *live;
  }
  const std::string kind = kConferenceKind;
  const std::string id = base::to_hex(*room);
  const Result<store::Document> stored = co_await stored_document(parts, kind, id);
  if (!stored || stored->account != request.account.hex) co_return not_found(request.http.path);
  auto conference = read_gone(*stored);
  if (!conference) co_return refuse(conference.error());
  co_return std::move(*conference);
}

std::string status_of(const Conference& conference) {
  if (conference.ended) return "completed";
  return conference.started ? "in-progress" : "init";
}

text::Json render(const ApiRequest& request, const Conference& conference) {
  const std::string id = sid("CF", conference.room);
  const std::string uri = request.base + "/Conferences/" + id;
  const auto optional = [](const std::string& text) {
    return text.empty() ? text::Json() : text::Json(text);
  };
  text::JsonObject out;
  out.add("account_sid", request.account.settings.account_sid);
  out.add("date_created", rfc2822(conference.created));
  out.add("date_updated", rfc2822(conference.updated));
  out.add("api_version", "2010-04-01");
  out.add("friendly_name", conference.name);
  out.add("region", "us1");
  out.add("sid", id);
  out.add("status", status_of(conference));
  out.add("uri", uri + ".json");
  out.add("subresource_uris", text::JsonObject{{"participants", uri + "/Participants.json"},
                                               {"recordings", uri + "/Recordings.json"}});
  out.add("reason_conference_ended", optional(conference.reason_ended));
  out.add("call_sid_ending_conference", optional(conference.call_ending));
  return text::Json(std::move(out));
}

}  // namespace

asio::awaitable<Result<void>> announce(ApiParts& parts, std::string account_hex, call::RoomId room,
                                       std::optional<call::LegId> only, std::string url,
                                       http::Method method) {
  Link link{url, method, flow::Role::Announcement, Link::For::Next, {}};
  text::Parameters form = {{"AccountSid", parts.shared.host_of(account_hex).account_sid}};
  Result<std::shared_ptr<const flow::Program>> program =
      co_await parts.documents.fetch_for_room(account_hex, room, std::move(link), std::move(form));
  Result<void> started;
  if (!program) {
    started = fail(program.error());
  } else {
    started = parts.shared.services.flow.announce(room, only, *program);
  }
  if (!started) parts.conferences.announce(room, url, only, true, started.error().detail);
  if (started) parts.conferences.expect_announcement(room, url, only, **program);
  co_return started;
}

asio::awaitable<void> announce_later(ApiParts& parts, std::string account_hex, call::RoomId room,
                                     std::optional<call::LegId> only, std::string url, http::Method method) {
  const Result<void> announced =
      co_await announce(parts, std::move(account_hex), room, only, std::move(url), method);
  (void)announced;  // its failure has been told
}

asio::awaitable<ApiResult<ApiReply>> list_conferences(ApiParts& parts, ApiRequest request) {
  auto created = read_times(request, "DateCreated");
  if (!created) co_return tl::unexpected(created.error());
  auto updated = read_times(request, "DateUpdated");
  if (!updated) co_return tl::unexpected(updated.error());
  const auto status = request.choice("Status", {"init", "in-progress", "completed"}, "", 20001);
  if (!status) co_return tl::unexpected(status.error());
  const std::string kind = kConferenceKind;
  const Result<std::vector<store::Document>> stored =
      co_await stored_documents(parts, kind, request.account.hex);
  if (!stored) co_return refuse(stored.error());
  std::vector<Conference> all;
  for (const store::Document& document : *stored) {
    auto read = read_gone(document);
    if (!read || parts.conferences.find(read->room) != nullptr) continue;
    all.push_back(std::move(*read));
  }
  for (const Conference* live : parts.conferences.of_account(request.account.hex)) all.push_back(*live);
  std::sort(all.begin(), all.end(),
            [](const Conference& a, const Conference& b) { return a.created > b.created; });
  std::vector<text::Json> items;
  for (const Conference& each : all) {
    const bool named = !request.has("FriendlyName") || each.name == request.text("FriendlyName");
    const bool wanted = named && (status->empty() || status_of(each) == *status) &&
                        created->admits(each.created) && updated->admits(each.updated);
    if (wanted) items.push_back(render(request, each));
  }
  co_return paginate(request, "conferences", std::move(items));
}

asio::awaitable<ApiResult<ApiReply>> show_conference(ApiParts& parts, ApiRequest request) {
  ApiResult<Conference> found = co_await find(parts, request);
  if (!found) co_return tl::unexpected(found.error());
  co_return ApiReply{200, render(request, *found), {}};
}

asio::awaitable<ApiResult<ApiReply>> update_conference(ApiParts& parts, ApiRequest request) {
  const auto status = request.choice("Status", {"completed"}, "", 20001);
  if (!status) co_return tl::unexpected(status.error());
  auto url = request.url("AnnounceUrl", 21205);
  if (!url) co_return tl::unexpected(url.error());
  auto method = request.method("AnnounceMethod");
  if (!method) co_return tl::unexpected(method.error());
  ApiResult<Conference> found = co_await find(parts, request);
  if (!found) co_return tl::unexpected(found.error());
  const call::RoomId room = found->room;
  if (found->ended && (!status->empty() || !url->empty())) {
    co_return refuse(400, 16022, "The conference has ended");
  }
  if (!status->empty()) {
    parts.conferences.expect_end_by_api(room);
    const call::EndReason reason{call::EndCause::RoomEnded, call::EndedBy::Api, 0, {}};
    (void)parts.shared.services.flow.end_room(room, reason);
    found->ended = true;
    found->reason_ended = "conference-ended-via-api";
  } else if (!url->empty()) {
    parts.shared.services.loop.tasks().spawn(
        announce_later(parts, request.account.hex, room, std::nullopt, *url, *method));
  }
  co_return ApiReply{200, render(request, *found), {}};
}

}  // namespace sotto::twilio
