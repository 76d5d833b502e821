#include "cli/commands/all.h"
#include "cli/table.h"

namespace sotto::cli {

Result<void> run_doctor(Api& api, const Invocation& given) {
  const auto answer = api.get("/doctor");
  if (!answer) return fail(answer.error());
  if (given.json()) return print_json(*answer), Result<void>();
  TextTable out({"", "CHECK", "FOUND", "FIX"});
  size_t problems = 0;
  if ((*answer)["findings"].array() != nullptr) {
    for (const text::Json& each : *(*answer)["findings"].array()) {
      const std::string health = word(each["health"]);
      if (health == "problem") ++problems;
      out.add({health, word(each["check"]), word(each["found"]), word(each["fix"])});
    }
  }
  print(out.text());
  if (problems > 0) return fail(ErrorCode::Conflict, std::to_string(problems) + " problems");
  return {};
}

}  // namespace sotto::cli
