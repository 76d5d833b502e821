// The server as a whole.
#include "admin/json.h"
#include "admin/resources.h"

namespace sotto::admin {

Answer reload_config(Context context, http::Request) {
  const Result<void> reloaded = context.operations.reload();
  if (!reloaded) co_return fail(reloaded.error());
  co_return json_reply(text::JsonObject{{"reloaded", true}});
}

Answer diagnose_server(Context context, http::Request) {
  const text::Json findings = co_await context.operations.diagnose();
  co_return json_reply(findings);
}

Answer purge_store(Context context, http::Request) {
  const Result<text::Json> purged = co_await context.operations.purge();
  if (!purged) co_return fail(purged.error());
  co_return json_reply(*purged);
}

}  // namespace sotto::admin
