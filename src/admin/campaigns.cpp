#include "admin/json.h"
#include "admin/resources.h"
#include "campaign/campaign_json.h"

namespace sotto::admin {
namespace {

using text::Json;
using text::JsonArray;
using text::JsonObject;

Json entry_json(const CampaignBook::Entry& entry) {
  Json json = campaign::to_json(*entry.campaign);
  json.object()->set("configured", entry.configured);
  return json;
}

}  // namespace

Answer list_campaigns(Context context, http::Request) {
  JsonArray list;
  for (const CampaignBook::Entry& each : context.campaigns.all()) list.push_back(entry_json(each));
  co_return json_reply(JsonObject{{"campaigns", list}});
}

Answer show_campaign(Context context, http::Request request) {
  for (const CampaignBook::Entry& each : context.campaigns.all()) {
    if (each.campaign->name == request.parameter("name")) co_return json_reply(entry_json(each));
  }
  co_return fail(ErrorCode::NotFound, "no campaign \"" + std::string(request.parameter("name")) + "\"");
}

Answer add_campaign(Context context, http::Request request) {
  auto body = body_of(request);
  if (!body) co_return fail(body.error());
  Json campaign = *body;
  const Result<void> added = co_await context.campaigns.add(std::move(campaign));
  if (!added) co_return fail(added.error());
  co_return json_reply(*body, 201);
}

Answer remove_campaign(Context context, http::Request request) {
  std::string name(request.parameter("name"));
  const Result<void> removed = co_await context.campaigns.remove(std::move(name));
  if (!removed) co_return fail(removed.error());
  co_return http::Response::empty(204);
}

}  // namespace sotto::admin
