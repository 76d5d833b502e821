#pragma once

#include <memory>
#include <string>
#include <vector>

#include "net/endpoint.h"
#include "net/loop.h"

namespace sotto::net {

struct AddressRecord {
  Address address;
  std::chrono::seconds ttl{0};
};

struct ServiceRecord {  // SRV (RFC 2782)
  uint16_t priority = 0;
  uint16_t weight = 0;
  uint16_t port = 0;
  std::string target;
};

struct NamingRecord {  // NAPTR (RFC 3403)
  uint16_t order = 0;
  uint16_t preference = 0;
  std::string flags;
  std::string service;
  std::string replacement;
};

struct DnsOptions {
  std::string servers;  // "192.0.2.1:53,..."; empty: the system's
  std::chrono::milliseconds try_time_max{1500};
  int tries = 2;
};

// Asks DNS without blocking, by c-ares. Control thread. Each question fails with NotFound when there is no
// such record, else Unreachable.
class Dns {
 public:
  // The loop outlives this.
  static Result<std::unique_ptr<Dns>> create(Loop& loop, const DnsOptions& options);
  ~Dns();  // as close()
  Dns(const Dns&) = delete;

  asio::awaitable<Result<std::vector<AddressRecord>>> addresses(std::string host);  // also from /etc/hosts
  asio::awaitable<Result<std::vector<ServiceRecord>>> services(std::string name);
  asio::awaitable<Result<std::vector<NamingRecord>>> namings(std::string name);
  // Every question under way fails, and every later one.
  void close();

 private:
  struct Channel;
  explicit Dns(std::unique_ptr<Channel> channel);
  std::unique_ptr<Channel> channel_;
};

}  // namespace sotto::net
