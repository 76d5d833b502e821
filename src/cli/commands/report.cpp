#include "cli/commands/all.h"
#include "cli/table.h"

namespace sotto::cli {

Result<void> show_report(Api& api, const Invocation& given) {
  const char* format = given.json() ? "json" : given.has("--csv") ? "csv" : "text";
  const auto report = api.get_text("/report" + query({{"by", given.text("--by")},
                                                      {"from", given.text("--from")},
                                                      {"to", given.text("--to")},
                                                      {"zone", given.text("--zone")},
                                                      {"format", format}}));
  if (!report) return fail(report.error());
  print(*report);
  if (!report->ends_with('\n')) print("\n");
  return {};
}

}  // namespace sotto::cli
