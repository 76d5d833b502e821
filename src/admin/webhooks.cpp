// Requests to apps that could not be delivered.
#include "admin/json.h"
#include "admin/resources.h"
#include "dialect/host/await.h"
#include "store/outbox_store.h"

namespace sotto::admin {
namespace {

using text::Json;
using text::JsonArray;
using text::JsonObject;

constexpr int64_t kLettersMax = 1000;

Json delivery_json(const store::Delivery& delivery) {
  return JsonObject{{"id", delivery.id},
                    {"dialect", delivery.dialect},
                    {"call", delivery.call},
                    {"method", delivery.method},
                    {"url", delivery.url},
                    {"created_at", time_json(delivery.created)},
                    {"attempts", delivery.attempts},
                    {"dead", delivery.dead},
                    {"error", delivery.last_error}};
}

}  // namespace

Answer list_dead_letters(Context context, http::Request request) {
  const auto query = request.query();
  if (!query) co_return fail(query.error());
  const auto count = count_parameter(*query, "limit", 100, kLettersMax);
  if (!count) co_return fail(count.error());
  std::function<Result<Json>(store::Connection&)> read =
      [count = static_cast<uint64_t>(*count)](store::Connection& connection) -> Result<Json> {
    const auto dead = store::dead_deliveries(connection, "", 0, count);
    if (!dead) return fail(dead.error());
    JsonArray list;
    for (const store::Delivery& each : *dead) list.push_back(delivery_json(each));
    return Json(JsonObject{{"webhooks", list}});
  };
  const Result<Json> all = co_await dialect::read<Json>(context.services, std::move(read));
  if (!all) co_return fail(all.error());
  co_return json_reply(*all);
}

Answer show_dead_letter(Context context, http::Request request) {
  std::function<Result<store::Delivery>(store::Connection&)> read =
      [id = std::string(request.parameter("id"))](store::Connection& connection) {
        return store::find_delivery(connection, id);
      };
  const Result<store::Delivery> found =
      co_await dialect::read<store::Delivery>(context.services, std::move(read));
  if (!found) co_return fail(found.error());
  Json json = delivery_json(*found);
  json.object()->set("headers", text::parse_json(found->headers).value_or(Json()));
  json.object()->set("body", found->body);
  co_return json_reply(json);
}

Answer replay_dead_letter(Context context, http::Request request) {
  std::string id(request.parameter("id"));
  const Result<void> replayed = co_await context.services.outbox.replay(id);
  if (!replayed) co_return fail(replayed.error());
  co_return json_reply(JsonObject{{"replayed", id}}, 202);
}

}  // namespace sotto::admin
