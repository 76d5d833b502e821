// What the server says of itself over HTTP.
#include <fmt/format.h>

#include "app/server.h"
#include "telephony/origin.h"

namespace sotto::app {
namespace {

asio::awaitable<http::Response> healthy(http::Request) {
  co_return http::Response::text(200, "ok\n");
}

// Bucket i of the engine's holds turns of under 2^i microseconds.
void add_turn_times(std::string& out, const media::EngineCounters& media) {
  constexpr std::string_view kName = "sotto_media_turn_seconds";
  const auto end = std::back_inserter(out);
  fmt::format_to(end, "# TYPE {} histogram\n", kName);
  uint64_t turns = 0;
  for (size_t i = 0; i < media::TurnHistogram::kBuckets; ++i) {
    turns += media.turn_time.counts[i];
    const bool last = i + 1 == media::TurnHistogram::kBuckets;  // takes all that is longer
    const std::string bound = last ? "+Inf" : fmt::format("{}", static_cast<double>(uint64_t{1} << i) / 1e6);
    fmt::format_to(end, "{}_bucket{{le=\"{}\"}} {}\n", kName, bound, turns);
  }
  fmt::format_to(end, "{0}_sum {1}\n{0}_count {2}\n", kName, static_cast<double>(media.turn_time_us) / 1e6,
                 turns);
}

}  // namespace

void Server::add_routes() {
  router_.add(http::Method::Get, "/healthz", healthy);
  router_.add(http::Method::Get, "/readyz",
              [this](http::Request request) { return show_ready(std::move(request)); });
  router_.add(http::Method::Get, "/metrics",
              [this](http::Request request) { return show_metrics(std::move(request)); });
  http::WebSocketRoute sip;
  sip.subprotocols = {"sip"};
  sip.refuse = [this](const http::Request& request) { return refuse_page(request); };
  sip.handle = [this](http::Request request, std::unique_ptr<net::WebSocket> socket) {
    return serve_sip(std::move(request), std::move(socket));
  };
  router_.add_websocket("/sip", std::move(sip));
}

std::optional<http::Response> Server::refuse_page(const http::Request& request) const {
  const std::string_view origin = request.headers.get("Origin");
  if (telephony::is_allowed_origin(origin, request.host, settings_.web_socket_origins)) return std::nullopt;
  return http::Response::text(403, "pages of " + std::string(origin) + " may not bring phones here\n");
}

asio::awaitable<void> Server::serve_sip(http::Request, std::unique_ptr<net::WebSocket> socket) {
  co_await stack_->serve(std::move(socket));
}

// Nobody is served before everything else runs.
asio::awaitable<http::Response> Server::show_ready(http::Request) {
  co_return draining_ ? http::Response::text(503, "draining\n") : http::Response::text(200, "ok\n");
}

asio::awaitable<http::Response> Server::show_metrics(http::Request) {
  co_return http::Response::with(200, "text/plain; version=0.0.4; charset=utf-8", metrics());
}

std::string Server::metrics() {
  const media::EngineCounters media = stack_->engine().counters();
  const sip::UserAgentCounts sip = stack_->user_agent().counts();
  std::string out;
  const auto add = [&out](std::string_view name, std::string_view kind, uint64_t value) {
    fmt::format_to(std::back_inserter(out), "# TYPE sotto_{} {}\nsotto_{} {}\n", name, kind, name, value);
  };
  add("legs", "gauge", switchboard().live_legs());
  add("orphans", "gauge", switchboard().orphans());
  add("programs", "gauge", flow_->runners());
  add("sip_sessions", "gauge", sip.sessions);
  add("sip_messages_received_total", "counter", sip.messages_in);
  add("sip_messages_dropped_total", "counter", sip.messages_dropped);
  add("sip_scanner_requests_total", "counter", sip.scanners);
  add("sip_refused_busy_total", "counter", sip.refused_busy);
  add("sip_refused_overload_total", "counter", sip.refused_overload);
  add("sip_dropped_overload_total", "counter", sip.dropped_overload);
  add("sip_overloaded", "gauge", uint64_t{sip.overloaded});
  add("media_turns_total", "counter", media.turns);
  add("media_turns_late_total", "counter", media.turns_late);
  add("media_audience_violations_total", "counter", media.audience_violations);
  add("media_packets_received_total", "counter", media.packets_received);
  add("media_packets_sent_total", "counter", media.packets_sent);
  add("media_packets_forwarded_total", "counter", media.packets_forwarded);
  add("media_sends_failed_total", "counter", media.sends_failed);
  add("media_plan_faults_total", "counter", media.plan_faults);
  add("media_events_dropped_total", "counter", media.events_dropped);
  add("media_rooms_forwarding", "gauge", media.rooms_forwarding);
  add_turn_times(out, media);
  add("store_changes_waiting", "gauge", store().waiting_writes());
  add("journal_rows_waiting", "gauge", journal_->waiting());
  add("journal_rows_lost_total", "counter", journal_->lost());
  add("campaign_calls_total", "counter", campaigns_->calls());
  return out;
}

}  // namespace sotto::app
