#include "bench/sip_party.h"

namespace sotto::bench {

std::string sdp_at(uint16_t rtp_port) {
  constexpr std::string_view kNowhere = "m=audio 9 ";
  std::string sdp = kSomeSdp;
  return sdp.replace(sdp.find(kNowhere), kNowhere.size(), "m=audio " + std::to_string(rtp_port) + " ");
}

Result<void> SipParty::open(std::chrono::milliseconds t1) {
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
  config.t1 = t1;
  agent = std::make_unique<sip::UserAgent>(
      config, sip::UserAgentPorts{loop.timers(), random, *transports, *this, nullptr, nullptr});
  return {};
}

Result<sip::SessionId> SipParty::invite(uint16_t server, const std::string& user, const std::string& from,
                                        std::string sdp) {
  sip::InviteOptions options;
  options.target = "sip:" + user + "@127.0.0.1:" + std::to_string(server);
  options.flow.peer = *sip::parse_ip("127.0.0.1", server);
  options.from = "<sip:" + from + "@127.0.0.1>";
  options.sdp = std::move(sdp);
  return agent->invite(std::move(options));
}

}  // namespace sotto::bench
