#include "cli/commands/all.h"
#include "cli/table.h"

namespace sotto::cli {

Result<void> list_numbers(Api& api, const Invocation& given) {
  const auto answer = api.get("/numbers");
  if (!answer) return fail(answer.error());
  if (given.json()) return print_json(*answer), Result<void>();
  print(table((*answer)["numbers"], {{"NUMBER", "number"},
                                     {"COUNTRY", "country"},
                                     {"OWNER", "owner"},
                                     {"A CALL", "does"},
                                     {"LABEL", "label"}}));
  return {};
}

}  // namespace sotto::cli
