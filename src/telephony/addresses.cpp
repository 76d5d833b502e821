#include "telephony/addresses.h"

#include <algorithm>

namespace sotto::telephony {
namespace {

bool is_number(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return (c >= '0' && c <= '9') || c == '*'; });
}

std::string unquoted(std::string_view display) {
  while (!display.empty() && display.back() == ' ') display.remove_suffix(1);
  if (display.size() < 2 || display.front() != '"') return std::string(display);
  std::string out;
  display = display.substr(1, display.size() - 2);
  for (size_t i = 0; i < display.size(); ++i) {
    if (display[i] == '\\' && i + 1 < display.size()) ++i;
    out += display[i];
  }
  return out;
}

bool is_unreserved(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         std::string_view("-_.!~*'()&=+$,;?/").find(c) != std::string_view::npos;
}

}  // namespace

sip::Address to_sip(const net::Endpoint& endpoint) {
  sip::Address out;
  out.port = endpoint.port;
  out.v6 = endpoint.address.is_v6();
  if (out.v6) {
    const auto bytes = endpoint.address.to_v6().to_bytes();
    std::copy(bytes.begin(), bytes.end(), out.bytes.begin());
  } else {
    const auto bytes = endpoint.address.to_v4().to_bytes();
    std::copy(bytes.begin(), bytes.end(), out.bytes.begin());
  }
  return out;
}

net::Endpoint to_net(const sip::Address& address) {
  if (address.v6) {
    asio::ip::address_v6::bytes_type bytes;
    std::copy(address.bytes.begin(), address.bytes.end(), bytes.begin());
    return {asio::ip::address_v6(bytes), address.port};
  }
  asio::ip::address_v4::bytes_type bytes;
  std::copy_n(address.bytes.begin(), bytes.size(), bytes.begin());
  return {asio::ip::address_v4(bytes), address.port};
}

base::Address party_of(std::string_view uri, std::string_view display_name) {
  base::Address out;
  out.display_name = unquoted(display_name);
  const auto parsed = sip::parse_uri(uri);
  if (!parsed) return out;
  if (parsed->user.empty() || parsed->user == "anonymous" || parsed->host == "anonymous.invalid") return out;
  std::string_view user = parsed->user;
  if (!is_number(user)) {
    out.kind = base::Address::Kind::Sip;
    out.text = uri;
    return out;
  }
  if (user.starts_with('+')) user.remove_prefix(1);
  out.kind = base::Address::Kind::Number;
  out.text = user;
  return out;
}

base::Address party_of(const sip::NameAddr& party) {
  return party_of(party.uri.text, party.display);
}

std::string user_part(const base::Address& address) {
  std::string_view text = address.text;
  if (address.kind == base::Address::Kind::Sip) {
    if (const auto uri = sip::parse_uri(address.text)) return std::string(uri->user);
  }
  if (text.empty()) return "anonymous";
  constexpr char kHex[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    if (is_unreserved(c)) {
      out += c;
      continue;
    }
    out += '%';
    out += kHex[static_cast<unsigned char>(c) >> 4];
    out += kHex[c & 15];
  }
  return out;
}

}  // namespace sotto::telephony
