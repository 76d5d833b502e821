#include "bench/sip_party.h"

namespace sotto::bench {

Result<void> SipParty::open() {
  telephony::Transports::Settings settings;
  settings.listen = *net::parse_endpoint("127.0.0.1:0");
  auto opened = telephony::Transports::open(
      loop, settings,
      {[this](const sip::Flow& flow, base::ByteView bytes) { agent->receive(flow, bytes); },
       [this](uint32_t connection) { agent->connection_closed(connection); }});
  if (!opened) return fail(opened.error());
  transports = std::move(*opened);
  sip::UserAgentConfig config;
  config.sessions_max = 100'000;
  agent = std::make_unique<sip::UserAgent>(
      config, sip::UserAgentPorts{loop.timers(), random, *transports, *this, nullptr, nullptr});
  return {};
}

}  // namespace sotto::bench
