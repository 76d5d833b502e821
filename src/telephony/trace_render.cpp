#include "telephony/trace_render.h"

#include <algorithm>
#include <ctime>

#include "sip/scan.h"

namespace sotto::telephony {
namespace {

constexpr size_t kTimeWidth = 14;
constexpr size_t kColumnWidth = 34;
constexpr size_t kColumnsMax = 6;  // far ends beyond share the last

std::string time_of(base::WallTime at) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(at);
  const auto milliseconds = at.time_since_epoch().count() / 1000 % 1000;
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[16];
  const size_t size = std::strftime(text, sizeof(text), "%H:%M:%S.", &parts);
  const std::string fraction = std::to_string(1000 + milliseconds).substr(1);
  return std::string(text, size) + fraction;
}

// "INVITE sip:bob", "180 Ringing", with a mark if it describes media.
std::string label_of(const TraceMessage& message) {
  const std::string_view text = message.text;
  std::string_view line = text.substr(0, text.find("\r\n"));
  const bool response = line.starts_with("SIP/2.0 ");
  if (response) {
    line.remove_prefix(8);
  } else {
    line = line.substr(0, line.rfind(' '));
    line = line.substr(0, std::min(line.find('@'), line.size()));
  }
  std::string label(line);
  if (text.find("application/sdp") != std::string_view::npos) label += " (sdp)";
  return label;
}

size_t column_of(const std::vector<sip::Address>& columns, const sip::Address& remote) {
  const auto it = std::find(columns.begin(), columns.end(), remote);
  return std::min(static_cast<size_t>(it - columns.begin()), columns.size() - 1);
}

// The arrow between us and a column, with its label in the middle.
std::string arrow(const TraceMessage& message, size_t column) {
  const size_t width = kColumnWidth * (column + 1) - 1;
  std::string label = " " + label_of(message) + " ";
  if (label.size() > width - 4) label = label.substr(0, width - 5) + " ";
  std::string line(width, '-');
  line.replace((width - label.size()) / 2, label.size(), label);
  (message.sent ? line.back() : line.front()) = message.sent ? '>' : '<';
  return line;
}

void put16(std::string& out, uint16_t value) {
  out += static_cast<char>(value >> 8);
  out += static_cast<char>(value & 0xFF);
}
void put32_native(std::string& out, uint32_t value) {
  out.append(reinterpret_cast<const char*>(&value), sizeof(value));
}

uint32_t add_words(std::string_view bytes, uint32_t sum) {
  for (size_t i = 0; i < bytes.size(); i += 2) {
    const auto high = static_cast<unsigned char>(bytes[i]);
    const auto low = i + 1 < bytes.size() ? static_cast<unsigned char>(bytes[i + 1]) : 0;
    sum += static_cast<uint32_t>(high << 8 | low);
  }
  return sum;
}
// RFC 1071.
uint16_t checksum(uint32_t sum) {
  while (sum > 0xFFFF) sum = (sum & 0xFFFF) + (sum >> 16);
  return static_cast<uint16_t>(~sum & 0xFFFF);
}

std::string_view ip_bytes(const sip::Address& address) {
  return {reinterpret_cast<const char*>(address.bytes.data()), address.v6 ? size_t{16} : size_t{4}};
}

constexpr size_t kUdpHeader = 8, kIpv4Header = 20;
constexpr size_t kTextMax = 65'535 - kUdpHeader - kIpv4Header;
constexpr uint8_t kUdp = 17;
constexpr uint32_t kLinkTypeRawIp = 101;

std::string udp_packet(const TraceMessage& message) {
  const sip::Address& from = message.sent ? message.local : message.remote;
  const sip::Address& to = message.sent ? message.remote : message.local;
  const std::string_view text = std::string_view(message.text).substr(0, kTextMax);
  const auto length = static_cast<uint16_t>(kUdpHeader + text.size());
  std::string udp;
  put16(udp, from.port);
  put16(udp, to.port);
  put16(udp, length);
  put16(udp, 0);
  udp += text;
  const uint32_t pseudo = add_words(ip_bytes(from), add_words(ip_bytes(to), uint32_t{kUdp} + length));
  const uint16_t sum = checksum(add_words(udp, pseudo));
  udp[6] = static_cast<char>(sum >> 8);
  udp[7] = static_cast<char>(sum & 0xFF);
  return udp;
}

std::string ip_packet(const TraceMessage& message) {
  const sip::Address& from = message.sent ? message.local : message.remote;
  const sip::Address& to = message.sent ? message.remote : message.local;
  const std::string udp = udp_packet(message);
  std::string ip;
  if (from.v6) {
    ip = std::string("\x60\0\0\0", 4);
    put16(ip, static_cast<uint16_t>(udp.size()));
    ip += static_cast<char>(kUdp);
    ip += '\x40';
    return ip.append(ip_bytes(from)).append(ip_bytes(to)) + udp;
  }
  ip = std::string("\x45\0", 2);
  put16(ip, static_cast<uint16_t>(kIpv4Header + udp.size()));
  ip += std::string("\0\0\0\0\x40", 5);
  ip += static_cast<char>(kUdp);
  put16(ip, 0);
  ip.append(ip_bytes(from)).append(ip_bytes(to));
  const uint16_t sum = checksum(add_words(ip, 0));
  ip[10] = static_cast<char>(sum >> 8);
  ip[11] = static_cast<char>(sum & 0xFF);
  return ip + udp;
}

}  // namespace

std::string render_ladder(const std::vector<TraceMessage>& messages) {
  std::vector<sip::Address> columns;
  for (const TraceMessage& message : messages) {
    const bool known = std::find(columns.begin(), columns.end(), message.remote) != columns.end();
    if (!known && columns.size() < kColumnsMax) columns.push_back(message.remote);
  }
  std::string out(kTimeWidth, ' ');
  out += "us";
  for (size_t i = 0; i < columns.size(); ++i) {
    const std::string name = to_string(columns[i]);
    const size_t end = kTimeWidth + kColumnWidth * (i + 1) + 1;
    out.resize(std::max(out.size() + 1, end > name.size() ? end - name.size() : 0), ' ');
    out += name;
  }
  out += '\n';
  for (const TraceMessage& message : messages) {
    const size_t column = column_of(columns, message.remote);
    std::string line = time_of(message.at);
    line.resize(kTimeWidth, ' ');
    line += '|' + arrow(message, column) + '|';
    for (size_t i = column + 1; i < columns.size(); ++i) line += std::string(kColumnWidth - 1, ' ') + '|';
    out += line + "  " + std::string(to_string(message.protocol)) + '\n';
  }
  return out;
}

std::string render_messages(const std::vector<TraceMessage>& messages) {
  std::string out;
  for (const TraceMessage& message : messages) {
    const auto& [from, to] =
        message.sent ? std::tie(message.local, message.remote) : std::tie(message.remote, message.local);
    out += "---- " + time_of(message.at) + "  " + sip::to_string(from) + " -> " + sip::to_string(to) + "  " +
           std::string(to_string(message.protocol)) + "\n";
    for (const char c : message.text) {
      if (c != '\r') out += c;
    }
    out += message.text.ends_with('\n') ? "\n" : "\n\n";
  }
  return out;
}

std::string render_pcap(const std::vector<TraceMessage>& messages) {
  std::string out;
  put32_native(out, 0xA1B2C3D4);  // microseconds, in this machine's order of bytes
  put32_native(out, 2 | 4 << 16);
  put32_native(out, 0);
  put32_native(out, 0);
  put32_native(out, 65'535);
  put32_native(out, kLinkTypeRawIp);
  for (const TraceMessage& message : messages) {
    const std::string packet = ip_packet(message);
    const auto microseconds = message.at.time_since_epoch().count();
    put32_native(out, static_cast<uint32_t>(microseconds / 1'000'000));
    put32_native(out, static_cast<uint32_t>(microseconds % 1'000'000));
    put32_native(out, static_cast<uint32_t>(packet.size()));
    put32_native(out, static_cast<uint32_t>(packet.size()));
    out += packet;
  }
  return out;
}

}  // namespace sotto::telephony
