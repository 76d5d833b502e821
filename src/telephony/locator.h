#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/random.h"
#include "net/dns.h"
#include "telephony/gateway.h"

namespace sotto::telephony {

// In the order in which they are to be tried: by priority, among equals drawn by weight (RFC 2782).
std::vector<net::ServiceRecord> in_order(std::vector<net::ServiceRecord> services, base::Random& random);

// RFC 3263: from a host name to addresses, ports and transports, by NAPTR, SRV and A or AAAA. What was found
// is remembered for as long as its records live. Control thread.
class Locator final : public HostLocator {
 public:
  // Told of each address that is to be reached by TLS: the name that its certificate must bear.
  using NamePeer = std::function<void(const sip::Address& peer, const std::string& host)>;

  // The loop and the random outlive it.
  Locator(net::Loop& loop, std::unique_ptr<net::Dns> dns, base::Random& random, NamePeer name_peer);
  ~Locator() override;  // nothing is told any more

  void locate(const HostSpec& host, Located located) override;

 private:
  struct State;
  const std::shared_ptr<State> state_;
};

}  // namespace sotto::telephony
