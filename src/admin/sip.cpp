// What went over the wire.
#include "admin/call_lookup.h"
#include "admin/json.h"
#include "admin/resources.h"
#include "dialect/host/await.h"

namespace sotto::admin {
namespace {

using Format = Operations::TraceFormat;

struct Row {
  std::string_view word;
  Format format;
  std::string_view content_type;
};
constexpr Row kFormats[] = {
    {"ladder", Format::Ladder, "text/plain; charset=utf-8"},
    {"messages", Format::Messages, "text/plain; charset=utf-8"},
    {"pcap", Format::Pcap, "application/vnd.tcpdump.pcap"},
};

const Row* format_of(std::string_view word) {
  for (const Row& each : kFormats) {
    if (each.word == (word.empty() ? "ladder" : word)) return &each;
  }
  return nullptr;
}

// The call whose id or whose leg's id that is; what is neither is taken for a SIP Call-ID.
asio::awaitable<Result<std::string>> call_named(Context context, std::string id) {
  const auto leg = base::parse_id<call::LegId>(id);
  if (!leg) co_return id;
  if (const call::Leg* live = context.services.switchboard.leg(*leg)) co_return base::to_hex(live->call);
  if (!context.services.switchboard.legs_of(call::CallId{leg->high, leg->low}).empty())
    co_return base::to_hex(*leg);
  std::function<Result<std::string>(store::Connection&)> query =
      [id](store::Connection& connection) -> Result<std::string> {
    const auto legs = find_call(connection, id);
    if (!legs) return fail(legs.error());
    return base::to_hex(legs->front().leg.call);
  };
  Result<std::string> found = co_await dialect::read<std::string>(context.services, std::move(query));
  co_return found;
}

}  // namespace

Answer trace_sip(Context context, http::Request request) {
  const auto parameters = request.query();
  if (!parameters) co_return fail(parameters.error());
  const Row* row = format_of(parameter(*parameters, "format"));
  if (row == nullptr) {
    co_return fail(ErrorCode::Invalid, "format: allowed is \"ladder\", \"messages\" or \"pcap\"");
  }
  std::string call = parameter(*parameters, "call");
  if (!call.empty()) {
    Result<std::string> named = co_await call_named(context, call);
    if (!named) co_return fail(named.error());
    call = std::move(*named);
  }
  co_return http::Response::with(200, row->content_type, context.operations.sip_trace(call, row->format));
}

}  // namespace sotto::admin
