#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

// A session description, RFC 8866, as it is written: nothing is interpreted but the lines' own fields.
namespace sotto::sdp {

struct Attribute {
  std::string name;
  std::string value;  // empty for a flag
  bool operator==(const Attribute&) const = default;
};

// Of c= and o=. `address` is a literal address or a host name.
struct Address {
  bool ipv6 = false;
  std::string address;
  bool operator==(const Address&) const = default;
};

struct Media {
  std::string type;  // audio, video, application...
  uint16_t port = 0;
  uint16_t port_count = 1;
  std::string protocol;              // RTP/AVP...
  std::vector<std::string> formats;  // payload types, for RTP
  std::optional<Address> connection;
  std::vector<std::string> bandwidths;
  std::vector<Attribute> attributes;
  bool operator==(const Media&) const = default;
};

struct Session {
  std::string user = "-";
  uint64_t id = 0;
  uint64_t version = 0;
  Address origin;
  std::string name = "-";
  std::optional<Address> connection;
  std::vector<std::string> bandwidths;
  std::vector<Attribute> attributes;
  std::vector<Media> media;
  bool operator==(const Session&) const = default;
};

// The first attribute of that name, or null.
const Attribute* find(const std::vector<Attribute>& attributes, std::string_view name);

// Takes lines that end in CRLF or LF. Unknown lines (i=, u=, k=...) are read over. Over limits::kSdp... is
// refused.
Result<Session> parse(std::string_view text);
std::string serialize(const Session& session);

}  // namespace sotto::sdp
