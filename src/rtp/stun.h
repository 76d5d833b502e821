#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/bytes.h"

// STUN binding as an ICE-lite agent needs it, RFC 8489 and 8445: it answers checks and sends none. Allocates:
// not for a media turn.
namespace sotto::rtp {

struct StunAddress {
  bool ipv6 = false;
  std::array<std::byte, 16> ip{};  // the first 4 for IPv4
  uint16_t port = 0;
  bool operator==(const StunAddress&) const = default;
};

struct StunMessage {
  static constexpr uint16_t kBindingRequest = 0x0001;
  static constexpr uint16_t kBindingSuccess = 0x0101;
  static constexpr uint16_t kBindingError = 0x0111;

  uint16_t type = 0;
  std::array<std::byte, 12> transaction{};
  std::string_view username;  // into the datagram
  bool use_candidate = false;
  std::optional<StunAddress> mapped_address;
  std::optional<uint16_t> error_code;
  bool has_integrity = false;
  bool unknown_required = false;  // an attribute that must be understood and is not
};

// Nothing for what is no STUN message, or whose fingerprint is wrong.
std::optional<StunMessage> parse_stun(base::ByteView datagram);
// Whether its message integrity was made with `password`.
bool has_valid_integrity(base::ByteView datagram, std::string_view password);

struct StunToWrite {
  uint16_t type = StunMessage::kBindingSuccess;
  std::array<std::byte, 12> transaction{};
  std::string_view username;
  std::optional<StunAddress> mapped_address;
  std::optional<uint16_t> error_code;
  std::string_view password;  // empty: no integrity
};
base::Bytes write_stun(const StunToWrite& message);

// The answer to a check that came to us, whose ICE fragment and password are these; nothing where RFC 8489
// wants silence.
struct IceCredentials {
  std::string_view user_fragment;
  std::string_view password;
};
struct IceAnswer {
  base::Bytes datagram;
  bool valid = false;      // the check succeeded: its source may receive
  bool nominated = false;  // and is the one to use
};
std::optional<IceAnswer> answer_check(base::ByteView datagram, const StunAddress& source,
                                      const IceCredentials& ours);

}  // namespace sotto::rtp
