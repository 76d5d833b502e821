#include <fmt/format.h>

#include "cli/commands/all.h"
#include "cli/table.h"

namespace sotto::cli {

Result<void> purge(Api& api, const Invocation& given) {
  const auto answer = api.post("/purge", text::JsonObject{});
  if (!answer) return fail(answer.error());
  if (given.json()) return print_json(*answer), Result<void>();
  print(fmt::format("erased {} rows and {} recordings' files, by [retention]\n", word((*answer)["rows"]),
                    word((*answer)["recording_files"])));
  return {};
}

Result<void> reload(Api& api, const Invocation& given) {
  const auto answer = api.post("/config/reload", text::JsonObject{});
  if (!answer) return fail(answer.error());
  if (given.json()) return print_json(*answer), Result<void>();
  print("the configuration file was read again\n");
  return {};
}

}  // namespace sotto::cli
