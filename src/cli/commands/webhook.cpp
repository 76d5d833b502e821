#include "cli/commands/all.h"
#include "cli/table.h"

namespace sotto::cli {

Result<void> list_webhooks(Api& api, const Invocation& given) {
  const auto answer = api.get("/webhooks" + query({{"limit", given.text("--limit")}}));
  if (!answer) return fail(answer.error());
  if (given.json()) return print_json(*answer), Result<void>();
  print(table((*answer)["webhooks"], {{"CREATED", "created_at"},
                                      {"METHOD", "method"},
                                      {"URL", "url"},
                                      {"TRIED", "attempts"},
                                      {"WHY", "error"},
                                      {"ID", "id"}}));
  return {};
}

Result<void> show_webhook(Api& api, const Invocation& given) {
  const auto answer = api.get("/webhooks/" + segment(given.text("ID")));
  if (!answer) return fail(answer.error());
  if (given.json() || answer->object() == nullptr) return print_json(*answer), Result<void>();
  for (const text::JsonMember& each : answer->object()->members()) {
    if (each.key != "body") print(each.key + ": " + word(each.value) + "\n");
  }
  print("\n" + word((*answer)["body"]) + "\n");
  return {};
}

Result<void> replay_webhook(Api& api, const Invocation& given) {
  const auto answer = api.post("/webhooks/" + segment(given.text("ID")) + "/replay", text::JsonObject{});
  if (!answer) return fail(answer.error());
  if (given.json()) return print_json(*answer), Result<void>();
  print("it is sent again; `sotto webhook list` shows it if that fails\n");
  return {};
}

}  // namespace sotto::cli
