#include <fstream>

#include <fmt/format.h>

#include "cli/commands/all.h"
#include "cli/table.h"

namespace sotto::cli {

Result<void> trace_sip(Api& api, const Invocation& given) {
  const std::string file = given.text("--pcap");
  const std::string format = !file.empty() ? "pcap" : given.has("--messages") ? "messages" : "ladder";
  const auto trace = api.get_text("/sip/trace" + query({{"call", given.text("--call")}, {"format", format}}));
  if (!trace) return fail(trace.error());
  if (file.empty()) return print(*trace), Result<void>();
  std::ofstream out(file, std::ios::binary);
  out << *trace;
  out.close();
  if (!out) return fail(ErrorCode::Io, file + ": cannot be written");
  print(fmt::format("{} bytes in {}\n", trace->size(), file));
  return {};
}

}  // namespace sotto::cli
