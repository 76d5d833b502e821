#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <gtest/gtest.h>

#include "net/dns.h"
#include "net/udp_socket.h"

namespace sotto::net::test {

// For tests: a name server on loopback that knows a few records and refuses all other questions.
class NameServer {
 public:
  explicit NameServer(Loop& loop) {
    auto opened =
        UdpSocket::open(loop, *parse_endpoint("127.0.0.1:0"),
                        [this](const Endpoint& from, base::ByteView bytes) { answer(from, bytes); });
    EXPECT_TRUE(opened);
    socket_ = std::move(*opened);
  }

  std::string address() const { return to_string(socket_->local()); }
  void add_address(const std::string& name, const std::string& ip) {
    const auto bytes = asio::ip::make_address_v4(ip).to_bytes();
    records_.insert({{kA, name}, std::string(bytes.begin(), bytes.end())});
  }
  void add_service(const std::string& name, const ServiceRecord& service) {
    records_.insert(
        {{kSrv, name},
         number(service.priority) + number(service.weight) + number(service.port) + labels(service.target)});
  }
  void add_naming(const std::string& name, const NamingRecord& naming) {
    records_.insert({{kNaptr, name},
                     number(naming.order) + number(naming.preference) + text(naming.flags) +
                         text(naming.service) + text("") + labels(naming.replacement)});
  }

  size_t questions = 0;
  bool silent = false;

 private:
  static constexpr size_t kA = 1, kSrv = 33, kNaptr = 35;

  static std::string number(size_t value) {
    return {static_cast<char>(value >> 8), static_cast<char>(value & 0xFF)};
  }
  static std::string text(std::string_view value) {
    return static_cast<char>(value.size()) + std::string(value);
  }
  static std::string labels(std::string_view name) {
    std::string out;
    while (!name.empty()) {
      const std::string_view label = name.substr(0, name.find('.'));
      out += text(label);
      name.remove_prefix(std::min(label.size() + 1, name.size()));
    }
    return out + '\0';
  }

  void answer(const Endpoint& from, base::ByteView bytes) {
    const std::string query(base::as_text(bytes));
    std::string name;
    size_t at = 12;
    while (query[at] != 0) {
      const auto length = static_cast<size_t>(query[at]);
      name += (name.empty() ? "" : ".") + query.substr(at + 1, length);
      at += length + 1;
    }
    const size_t type = static_cast<size_t>(static_cast<unsigned char>(query[at + 2]));
    ++questions;
    if (silent) return;
    const auto found = records_.equal_range({type, name});
    const auto count = static_cast<size_t>(std::distance(found.first, found.second));
    std::string out =
        query.substr(0, 2) + (count > 0 ? std::string("\x81\x80", 2) : std::string("\x81\x83", 2));
    out += number(1) + number(count) + std::string(4, '\0') + query.substr(12, at + 5 - 12);
    for (auto it = found.first; it != found.second; ++it) {
      out += std::string("\xC0\x0C", 2) + number(type) + number(1) + number(0) + number(60) +
             number(it->second.size()) + it->second;
    }
    socket_->send(from, base::as_bytes(out));
  }

  std::unique_ptr<UdpSocket> socket_;
  std::multimap<std::pair<size_t, std::string>, std::string> records_;
};

}  // namespace sotto::net::test
