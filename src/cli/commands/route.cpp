#include "cli/commands/all.h"
#include "cli/table.h"

namespace sotto::cli {

Result<void> explain_route(Api& api, const Invocation& given) {
  const auto answer =
      api.get("/route/" + segment(given.text("NUMBER")) + query({{"phone", given.text("--phone")}}));
  if (!answer) return fail(answer.error());
  if (given.json()) return print_json(*answer), Result<void>();
  if ((*answer)["steps"].array() != nullptr) {
    for (const text::Json& step : *(*answer)["steps"].array()) print("  " + word(step) + "\n");
  }
  print(word((*answer)["number"]) + ": " + word((*answer)["route"]) + "\n");
  return {};
}

}  // namespace sotto::cli
