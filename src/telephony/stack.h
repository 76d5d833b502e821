#pragma once

#include <memory>

#include "call/switchboard.h"
#include "media/engine.h"
#include "net/loop.h"
#include "sip/registrar.h"
#include "sip/user_agent.h"
#include "telephony/gateway.h"
#include "telephony/locator.h"
#include "telephony/media_control.h"
#include "telephony/sound_lag.h"
#include "telephony/transports.h"
#include "telephony/trunk_book.h"

namespace sotto::telephony {

struct StackSettings {
  Transports::Settings sip_transports;
  // Of our challenges, best first. Not SHA-256 by itself: phones on libre 1.x, such as Debian 12's baresip,
  // give up at any challenge that is not MD5, and browsers' JsSIP knows no other.
  std::vector<sip::DigestAlgorithm> challenges = {sip::DigestAlgorithm::Md5};
  std::string realm;  // of phones' passwords; empty: the gateway's domain
  net::DnsOptions dns;
  media::EngineSettings media;
  Gateway::Settings gateway;
  sip::UserAgentConfig sip;
};

// SIP, media and the switchboard, wired together on one loop: what a server and a phone both are. Control
// thread.
class Stack final : public PhoneLocator, public sip::Credentials, private base::TimerSink {
 public:
  // The loop and what `ports` names outlive it.
  static Result<std::unique_ptr<Stack>> start(net::Loop& loop, const StackSettings& settings,
                                              MediaControl::Ports ports);
  ~Stack() override;

  call::Switchboard& switchboard() { return *switchboard_; }
  media::Engine& engine() { return *engine_; }
  Gateway& gateway() { return gateway_; }
  const sip::UserAgent& user_agent() const { return *user_agent_; }
  void set_measured(MediaControl::Measured measured) { media_.set_measured(std::move(measured)); }
  net::Endpoint sip_address() const { return transports_->udp_address(); }  // of UDP and TCP
  std::optional<net::Endpoint> sip_tls_address() const { return transports_->tls_address(); }
  // SIP over WebSocket (RFC 7118): hand over each connection whose handshake agreed on the subprotocol "sip".
  // Returns when it has ended.
  asio::awaitable<void> serve(std::unique_ptr<net::WebSocket> socket) {
    return transports_->streams().serve(std::move(socket));
  }
  // The last SIP messages; render_ladder() and render_pcap() make them readable.
  const TraceRing& trace() const { return transports_->trace(); }
  std::vector<TrunkBook::Status> trunks() const { return trunks_->list(); }
  void set_directory(std::shared_ptr<const directory::Snapshot> snapshot);

  std::vector<Contact> contacts(const std::string& user) const override;
  // Where the user's phones have registered, most preferred first.
  std::vector<sip::Binding> registrations(const std::string& user) const;

 private:
  Stack(net::Loop& loop, const StackSettings& settings, MediaControl::Ports ports);
  Result<void> open(const StackSettings& settings);
  std::optional<std::string> ha1(std::string_view user, std::string_view realm,
                                 sip::DigestAlgorithm algorithm) override;
  void watch_media();
  void on_timer(uint64_t) override;  // registrations that have run out

  net::Loop& loop_;
  base::SystemRandom random_;
  std::shared_ptr<const directory::Snapshot> directory_;
  MediaControl media_;
  Gateway gateway_;
  std::unique_ptr<media::Engine> engine_;
  std::unique_ptr<SoundLag> sound_lag_;
  std::unique_ptr<call::Switchboard> switchboard_;
  std::unique_ptr<Transports> transports_;
  std::unique_ptr<Locator> locator_;
  std::unique_ptr<sip::Registrar> registrar_;
  std::unique_ptr<sip::UserAgent> user_agent_;
  std::unique_ptr<TrunkBook> trunks_;
  base::TimerId sweep_ = base::TimerId::None;
  struct MediaWatch;
  std::unique_ptr<MediaWatch> media_watch_;
};

}  // namespace sotto::telephony
