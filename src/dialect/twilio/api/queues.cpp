#include <algorithm>

#include "dialect/twilio/api/stored.h"
#include "dialect/twilio/json_text.h"
#include "dialect/twilio/sid.h"

namespace sotto::twilio {
namespace {

struct Queue {
  std::string name;    // without the account
  std::string scoped;  // its key: as the engine knows it
  int64_t size_max = 1000;
  std::string created;
  std::string updated;
  bool stored = false;
};

Queue read(const store::Document& document) {
  const text::Json body = text::parse_json(document.body).value_or(text::Json(text::JsonObject{}));
  Queue queue;
  queue.name = text_of(body["friendly_name"]);
  queue.scoped = stored_queue_key(document.account, body);
  const int64_t* most = body["max_size"].integer();
  if (most != nullptr) queue.size_max = *most;
  queue.created = text_of(body["date_created"]);
  queue.updated = text_of(body["date_updated"]);
  queue.stored = true;
  return queue;
}

// Those that were made by the API, and those that a call made by entering.
asio::awaitable<ApiResult<std::vector<Queue>>> all_queues(ApiParts& parts, ApiRequest request) {
  const std::string kind = kQueueKind;
  const Result<std::vector<store::Document>> stored =
      co_await stored_documents(parts, kind, request.account.hex);
  if (!stored) co_return refuse(stored.error());
  std::vector<Queue> out;
  for (const store::Document& document : *stored) out.push_back(read(document));
  const std::string now = rfc2822(parts.shared.services.loop.clock().wall());
  const std::string scope = request.account.hex + "/";
  for (const std::string& scoped : parts.shared.services.flow.queues()) {
    const bool known =
        std::any_of(out.begin(), out.end(), [&](const Queue& each) { return each.scoped == scoped; });
    if (known || !scoped.starts_with(scope)) continue;
    out.push_back({name_without_scope(parts.shared.queues.name(scoped)), scoped, 1000, now, now, false});
  }
  co_return out;
}

asio::awaitable<ApiResult<Queue>> find(ApiParts& parts, ApiRequest request, const char* parameter) {
  const std::string queue(request.parameter(parameter));
  const std::string path = request.http.path;
  ApiResult<std::vector<Queue>> all = co_await all_queues(parts, request);
  if (!all) co_return tl::unexpected(all.error());
  for (const Queue& each : *all) {
    if (queue_sid(each.scoped) == queue) co_return each;
  }
  co_return not_found(path);
}

int64_t waited(const ApiParts& parts, const flow::QueueEntry& entry) {
  return std::chrono::duration_cast<std::chrono::seconds>(parts.shared.services.loop.clock().wall() -
                                                          entry.since)
      .count();
}

text::Json render(const ApiParts& parts, const ApiRequest& request, const Queue& queue) {
  const auto entries = parts.shared.services.flow.queue(queue.scoped);
  const std::string id = queue_sid(queue.scoped);
  const std::string uri = request.base + "/Queues/" + id;
  const auto size = static_cast<int64_t>(entries.size());
  text::JsonObject out;
  out.add("account_sid", request.account.settings.account_sid);
  out.add("average_wait_time", average_wait(entries, parts.shared.services.loop.clock().wall()).count());
  out.add("current_size", size);
  out.add("date_created", queue.created);
  out.add("date_updated", queue.updated);
  out.add("friendly_name", queue.name);
  out.add("max_size", queue.size_max);
  out.add("sid", id);
  out.add("uri", uri + ".json");
  out.add("subresource_uris", text::JsonObject{{"members", uri + "/Members.json"}});
  return text::Json(std::move(out));
}

text::Json render_member(const ApiParts& parts, const ApiRequest& request, const Queue& queue,
                         const flow::QueueEntry& entry) {
  const std::string id = queue_sid(queue.scoped);
  text::JsonObject out;
  out.add("call_sid", sid("CA", entry.leg));
  out.add("date_enqueued", rfc2822(entry.since));
  out.add("position", static_cast<int64_t>(entry.position));
  out.add("queue_sid", id);
  out.add("uri", request.base + "/Queues/" + id + "/Members/" + sid("CA", entry.leg) + ".json");
  out.add("wait_time", waited(parts, entry));
  return text::Json(std::move(out));
}

// By CallSid, or "Front".
std::optional<flow::QueueEntry> find_member(const ApiParts& parts, const Queue& queue,
                                            std::string_view given) {
  const auto entries = parts.shared.services.flow.queue(queue.scoped);
  const auto it = std::find_if(entries.begin(), entries.end(), [given](const flow::QueueEntry& each) {
    return given == "Front" ? each.position == 1 : sid("CA", each.leg) == given;
  });
  return it == entries.end() ? std::nullopt : std::optional(*it);
}

// Whether a queue may get that name.
asio::awaitable<ApiResult<void>> check_name(ApiParts& parts, ApiRequest request, std::string name) {
  if (name.empty() || name.size() > 64) {
    co_return refuse(400, 20001, "FriendlyName: expected 1 to 64 characters");
  }
  ApiResult<std::vector<Queue>> all = co_await all_queues(parts, request);
  if (!all) co_return tl::unexpected(all.error());
  for (const Queue& each : *all) {
    if (each.name == name) co_return refuse(400, 22003, "FriendlyName: a queue of this name exists");
  }
  co_return ApiResult<void>{};
}

asio::awaitable<ApiResult<ApiReply>> save(ApiParts& parts, ApiRequest request, Queue queue, int status) {
  store::Document document;
  document.kind = kQueueKind;
  document.account = request.account.hex;
  document.id = queue_sid(queue.scoped);
  document.body = text::to_text(text::Json(text::JsonObject{{"friendly_name", queue.name},
                                                            {"key", queue.scoped},
                                                            {"max_size", queue.size_max},
                                                            {"date_created", queue.created},
                                                            {"date_updated", queue.updated}}));
  const Result<void> written = co_await put_stored(parts, document);
  if (!written) co_return refuse(written.error());
  parts.shared.services.flow.add_queue(queue.scoped);
  parts.shared.queues.set(queue.scoped, scoped_name(request.account.hex, queue.name));
  co_return ApiReply{status, render(parts, request, queue), {}};
}

}  // namespace

asio::awaitable<ApiResult<ApiReply>> list_queues(ApiParts& parts, ApiRequest request) {
  ApiResult<std::vector<Queue>> all = co_await all_queues(parts, request);
  if (!all) co_return tl::unexpected(all.error());
  std::vector<text::Json> items;
  for (const Queue& each : *all) items.push_back(render(parts, request, each));
  co_return paginate(request, "queues", std::move(items));
}

asio::awaitable<ApiResult<ApiReply>> create_queue(ApiParts& parts, ApiRequest request) {
  const std::string name = request.text("FriendlyName");
  const auto most = request.whole("MaxSize", 1000, 1, 5000, 20001);
  if (!most) co_return tl::unexpected(most.error());
  ApiResult<void> free = co_await check_name(parts, request, name);
  if (!free) co_return tl::unexpected(free.error());
  const std::string now = rfc2822(parts.shared.services.loop.clock().wall());
  const std::string key = parts.shared.queues.key(scoped_name(request.account.hex, name));
  Queue queue{name, key, *most, now, now, true};
  ApiResult<ApiReply> reply = co_await save(parts, std::move(request), std::move(queue), 201);
  co_return reply;
}

asio::awaitable<ApiResult<ApiReply>> show_queue(ApiParts& parts, ApiRequest request) {
  ApiResult<Queue> queue = co_await find(parts, request, "Sid");
  if (!queue) co_return tl::unexpected(queue.error());
  co_return ApiReply{200, render(parts, request, *queue), {}};
}

// Under another name it stays the queue it was, with its sid and those who wait in it.
asio::awaitable<ApiResult<ApiReply>> update_queue(ApiParts& parts, ApiRequest request) {
  ApiResult<Queue> queue = co_await find(parts, request, "Sid");
  if (!queue) co_return tl::unexpected(queue.error());
  const auto most = request.whole("MaxSize", queue->size_max, 1, 5000, 20001);
  if (!most) co_return tl::unexpected(most.error());
  const std::string name = request.text("FriendlyName", queue->name);
  if (name != queue->name) {
    ApiResult<void> free = co_await check_name(parts, request, name);
    if (!free) co_return tl::unexpected(free.error());
    queue->name = name;
  }
  queue->size_max = *most;
  queue->updated = rfc2822(parts.shared.services.loop.clock().wall());
  const Queue changed = *queue;
  ApiResult<ApiReply> reply = co_await save(parts, std::move(request), changed, 200);
  co_return reply;
}

asio::awaitable<ApiResult<ApiReply>> erase_queue(ApiParts& parts, ApiRequest request) {
  ApiResult<Queue> queue = co_await find(parts, request, "Sid");
  if (!queue) co_return tl::unexpected(queue.error());
  if (!parts.shared.services.flow.queue(queue->scoped).empty()) {
    co_return refuse(400, 22004, "The queue is not empty");
  }
  if (queue->stored) {
    const std::string kind = kQueueKind;
    const std::string id = queue_sid(queue->scoped);
    const Result<void> erased = co_await erase_stored_document(parts, kind, id);
    if (!erased) co_return refuse(erased.error());
  }
  parts.shared.services.flow.remove_queue(queue->scoped);
  parts.shared.queues.forget(queue->scoped);
  co_return ApiReply{204, {}, {}};
}

asio::awaitable<ApiResult<ApiReply>> list_members(ApiParts& parts, ApiRequest request) {
  ApiResult<Queue> queue = co_await find(parts, request, "QueueSid");
  if (!queue) co_return tl::unexpected(queue.error());
  std::vector<text::Json> items;
  for (const flow::QueueEntry& entry : parts.shared.services.flow.queue(queue->scoped)) {
    items.push_back(render_member(parts, request, *queue, entry));
  }
  co_return paginate(request, "queue_members", std::move(items));
}

asio::awaitable<ApiResult<ApiReply>> show_member(ApiParts& parts, ApiRequest request) {
  ApiResult<Queue> queue = co_await find(parts, request, "QueueSid");
  if (!queue) co_return tl::unexpected(queue.error());
  const auto member = find_member(parts, *queue, request.parameter("CallSid"));
  if (!member) co_return not_found(request.http.path);
  co_return ApiReply{200, render_member(parts, request, *queue, *member), {}};
}

asio::awaitable<ApiResult<ApiReply>> update_member(ApiParts& parts, ApiRequest request) {
  auto url = request.url("Url", 21205);
  if (!url) co_return tl::unexpected(url.error());
  if (url->empty()) co_return refuse(400, 21205, "Url parameter is required.");
  auto method = request.method("Method");
  if (!method) co_return tl::unexpected(method.error());
  ApiResult<Queue> queue = co_await find(parts, request, "QueueSid");
  if (!queue) co_return tl::unexpected(queue.error());
  const auto member = find_member(parts, *queue, request.parameter("CallSid"));
  if (!member) co_return not_found(request.http.path);
  text::Json shown = render_member(parts, request, *queue, *member);
  const flow::DocumentRef next =
      parts.shared.links.add(member->leg, Link{*url, *method, flow::Role::Main, Link::For::Next, {}});
  if (auto taken = parts.shared.services.flow.dequeue(member->leg, next); !taken)
    co_return refuse(taken.error());
  co_return ApiReply{200, std::move(shown), {}};
}

}  // namespace sotto::twilio
