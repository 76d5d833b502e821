#include "net/dns.h"

#include <map>

#include <gtest/gtest.h>

#include "net/run.h"
#include "net/udp_socket.h"

namespace sotto::net {
namespace {

void put16(std::string& out, size_t value) {
  out += static_cast<char>(value >> 8);
  out += static_cast<char>(value & 0xFF);
}

std::string labels(std::string_view name) {
  std::string out;
  while (!name.empty()) {
    const std::string_view label = name.substr(0, name.find('.'));
    out += static_cast<char>(label.size());
    out += label;
    name.remove_prefix(std::min(label.size() + 1, name.size()));
  }
  return out + '\0';
}

std::string text(std::string_view value) {
  return static_cast<char>(value.size()) + std::string(value);
}

std::string number(size_t value) {
  std::string out;
  put16(out, value);
  return out;
}

// A name server on loopback that knows a few records by "type name".
struct NameServer {
  explicit NameServer(Loop& loop) {
    auto opened =
        UdpSocket::open(loop, *parse_endpoint("127.0.0.1:0"),
                        [this](const Endpoint& from, base::ByteView bytes) { answer(from, bytes); });
    EXPECT_TRUE(opened);
    socket = std::move(*opened);
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
    const auto found = records.equal_range({type, name});
    const auto count = static_cast<size_t>(std::distance(found.first, found.second));
    std::string out =
        query.substr(0, 2) + (count > 0 ? std::string("\x81\x80", 2) : std::string("\x81\x83", 2));
    put16(out, 1);
    put16(out, count);
    out += std::string(4, '\0') + query.substr(12, at + 5 - 12);
    for (auto it = found.first; it != found.second; ++it) {
      out += std::string("\xC0\x0C", 2) + number(type) + number(1) + number(0) + number(60) +
             number(it->second.size()) + it->second;
    }
    socket->send(from, base::as_bytes(out));
  }

  std::unique_ptr<UdpSocket> socket;
  std::multimap<std::pair<size_t, std::string>, std::string> records;
  size_t questions = 0;
  bool silent = false;
};

constexpr size_t kA = 1, kSrv = 33, kNaptr = 35;

struct DnsTest : testing::Test {
  DnsTest() {
    DnsOptions options;
    options.servers = to_string(server.socket->local());
    options.try_time_max = std::chrono::milliseconds(200);
    auto made = Dns::create(loop, options);
    EXPECT_TRUE(made);
    dns = std::move(*made);
  }
  Loop loop;
  NameServer server{loop};
  std::unique_ptr<Dns> dns;
};

TEST_F(DnsTest, AddressesComeWithTheirLife) {
  server.records.insert({{kA, "sip.example.com"}, std::string("\xC0\x00\x02\x07", 4)});
  const auto found = run(loop, dns->addresses("sip.example.com"));
  ASSERT_TRUE(found) << found.error().detail;
  ASSERT_EQ(found->size(), 1u);
  EXPECT_EQ(found->front().address.to_string(), "192.0.2.7");
  EXPECT_EQ(found->front().ttl, std::chrono::seconds(60));
}

TEST_F(DnsTest, ServicesAndNamings) {
  server.records.insert(
      {{kSrv, "_sip._udp.example.com"}, number(10) + number(5) + number(5070) + labels("a.example.com")});
  server.records.insert(
      {{kNaptr, "example.com"},
       number(1) + number(2) + text("s") + text("SIP+D2T") + text("") + labels("_sip._tcp.example.com")});
  const auto services = run(loop, dns->services("_sip._udp.example.com"));
  ASSERT_TRUE(services) << services.error().detail;
  EXPECT_EQ(services->front().port, 5070);
  EXPECT_EQ(services->front().target, "a.example.com");
  const auto namings = run(loop, dns->namings("example.com"));
  ASSERT_TRUE(namings) << namings.error().detail;
  EXPECT_EQ(namings->front().service, "SIP+D2T");
  EXPECT_EQ(namings->front().replacement, "_sip._tcp.example.com");
}

TEST_F(DnsTest, WhatIsNotThereIsNotFoundAndASilentServerUnreachable) {
  EXPECT_EQ(run(loop, dns->services("_sip._udp.example.org")).error().code, ErrorCode::NotFound);
  server.silent = true;
  EXPECT_EQ(run(loop, dns->services("_sip._tcp.example.org")).error().code, ErrorCode::Unreachable);
  dns->close();
  EXPECT_EQ(run(loop, dns->addresses("example.org")).error().code, ErrorCode::Unreachable);
}

}  // namespace
}  // namespace sotto::net
