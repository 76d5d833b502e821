#include "telephony/locator.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>

#include "telephony/addresses.h"

namespace sotto::telephony {
namespace {

using namespace std::chrono_literals;

constexpr size_t kRememberedMax = 1000;
constexpr size_t kFlowsMax = 8;  // of one host
constexpr std::chrono::seconds kLifeMin = 5s, kLifeMax = 600s;

struct Service {
  sip::Protocol protocol;
  std::string_view naming;  // in NAPTR
  std::string_view prefix;  // of its SRV name
};
constexpr std::array<Service, 3> kServices = {{{sip::Protocol::Udp, "SIP+D2U", "_sip._udp."},
                                               {sip::Protocol::Tcp, "SIP+D2T", "_sip._tcp."},
                                               {sip::Protocol::Tls, "SIPS+D2T", "_sips._tcp."}}};

std::string_view prefix_of(sip::Protocol protocol) {
  return std::find_if(kServices.begin(), kServices.end(),
                      [&](const Service& one) { return one.protocol == protocol; })
      ->prefix;
}

// The best naming that we can follow.
const net::NamingRecord* best_of(const std::vector<net::NamingRecord>& namings, sip::Protocol& protocol) {
  const net::NamingRecord* best = nullptr;
  for (const net::NamingRecord& one : namings) {
    const auto service = std::find_if(kServices.begin(), kServices.end(), [&](const Service& each) {
      return sip::iequals(each.naming, one.service);
    });
    if (service == kServices.end() || !sip::iequals(one.flags, "s")) continue;
    if (best != nullptr && std::pair(best->order, best->preference) <= std::pair(one.order, one.preference))
      continue;
    best = &one;
    protocol = service->protocol;
  }
  return best;
}

struct Found {
  std::vector<sip::Flow> flows;
  std::chrono::seconds life = kLifeMax;
};

}  // namespace

std::vector<net::ServiceRecord> in_order(std::vector<net::ServiceRecord> services, base::Random& random) {
  std::stable_sort(services.begin(), services.end(),
                   [](const auto& a, const auto& b) { return a.priority < b.priority; });
  for (auto first = services.begin(); first != services.end(); ++first) {
    const auto last =
        std::find_if(first, services.end(), [&](const auto& one) { return one.priority != first->priority; });
    uint64_t total = 0;
    for (auto it = first; it != last; ++it) total += it->weight;
    uint64_t drawn = random.below(total + 1);
    auto chosen = first;
    while (drawn > chosen->weight) drawn -= (chosen++)->weight;
    std::rotate(first, chosen, chosen + 1);
  }
  return services;
}

// Shared with the coroutines that ask: they may end after the locator.
struct Locator::State {
  using Shared = std::shared_ptr<State>;

  static asio::awaitable<void> find(Shared self, HostSpec host, Located located);
  static asio::awaitable<Result<Found>> find_host(Shared self, HostSpec host);
  static asio::awaitable<Result<Found>> find_services(Shared self, std::string name, sip::Protocol protocol);
  static asio::awaitable<Result<void>> add_addresses(Shared self, HostSpec host, Found& found);

  net::Loop& loop;
  std::unique_ptr<net::Dns> dns;
  base::Random& random;
  NamePeer name_peer;
  bool stopped = false;
  struct Remembered {
    std::vector<sip::Flow> flows;
    base::TimePoint until;
  };
  std::map<std::string, Remembered> remembered;
};

Locator::Locator(net::Loop& loop, std::unique_ptr<net::Dns> dns, base::Random& random, NamePeer name_peer)
    : state_(std::make_shared<State>(State{loop, std::move(dns), random, std::move(name_peer), false, {}})) {}

Locator::~Locator() {
  state_->stopped = true;
  state_->dns->close();
}

void Locator::locate(const HostSpec& host, Located located) {
  state_->loop.tasks().spawn(State::find(state_, host, std::move(located)));
}

asio::awaitable<void> Locator::State::find(Shared self, HostSpec host, Located located) {
  const base::TimePoint now = self->loop.clock().now();
  const auto known = self->remembered.find(to_string(host));
  if (known != self->remembered.end() && known->second.until > now) {
    located(known->second.flows);
    co_return;
  }
  auto found = co_await find_host(self, host);
  if (self->stopped) co_return;
  if (!found) {
    located(fail(found.error().code, "host \"" + host.host + "\": " + found.error().detail));
    co_return;
  }
  if (self->remembered.size() >= kRememberedMax) self->remembered.clear();
  self->remembered[to_string(host)] = {found->flows, now + std::max(found->life, kLifeMin)};
  for (const sip::Flow& flow : found->flows) {
    if (flow.protocol == sip::Protocol::Tls) self->name_peer(flow.peer, host.host);
  }
  located(std::move(found->flows));
}

// RFC 3263 §4.1 and §4.2.
asio::awaitable<Result<Found>> Locator::State::find_host(Shared self, HostSpec host) {
  Found found;
  if (const auto literal = literal_flow(host)) {
    found.flows = {*literal};
    co_return found;
  }
  sip::Protocol protocol = host.transport.value_or(sip::Protocol::Udp);
  if (host.port == 0 && !host.transport) {
    auto namings = co_await self->dns->namings(host.host);
    if (self->stopped) co_return fail(ErrorCode::Closed, "stopped");
    const net::NamingRecord* best = namings ? best_of(*namings, protocol) : nullptr;
    if (best != nullptr) {
      auto services = co_await find_services(self, best->replacement, protocol);
      if (services || self->stopped) co_return services;
    }
  }
  if (host.port == 0) {
    const std::array<sip::Protocol, 3> all = {protocol, sip::Protocol::Tcp, sip::Protocol::Tls};
    for (const sip::Protocol one : std::span(all).first(host.transport ? 1 : all.size())) {
      auto services = co_await find_services(self, std::string(prefix_of(one)) + host.host, one);
      if (services || self->stopped) co_return services;
    }
  }
  host.transport = protocol;
  auto added = co_await add_addresses(self, host, found);
  if (!added) co_return fail(added.error());
  co_return found;
}

asio::awaitable<Result<Found>> Locator::State::find_services(Shared self, std::string name,
                                                             sip::Protocol protocol) {
  auto services = co_await self->dns->services(name);
  if (!services) co_return fail(services.error());
  Found found;
  const auto ordered = in_order(std::move(*services), self->random);
  for (const net::ServiceRecord& one : ordered) {
    if (self->stopped || found.flows.size() >= kFlowsMax) break;
    HostSpec target{one.target, one.port, protocol};
    auto added = co_await add_addresses(self, std::move(target), found);
    static_cast<void>(added);  // a target without an address is passed over
  }
  if (found.flows.empty()) co_return fail(ErrorCode::NotFound, name + " leads to no address");
  co_return found;
}

asio::awaitable<Result<void>> Locator::State::add_addresses(Shared self, HostSpec host, Found& found) {
  if (const auto literal = literal_flow(host)) {
    found.flows.push_back(*literal);
    co_return Result<void>();
  }
  auto addresses = co_await self->dns->addresses(host.host);
  if (!addresses) co_return fail(addresses.error());
  const sip::Protocol protocol = *host.transport;
  for (const net::AddressRecord& one : *addresses) {
    if (found.flows.size() >= kFlowsMax) break;
    found.life = std::min(found.life, one.ttl);
    const uint16_t port = host.port != 0 ? host.port : default_port(protocol);
    found.flows.push_back({protocol, 0, to_sip({one.address, port})});
  }
  co_return Result<void>();
}

}  // namespace sotto::telephony
