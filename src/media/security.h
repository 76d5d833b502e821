#pragma once

#include <optional>
#include <string>
#include <variant>

#include "rtp/srtp.h"

// How a leg's sound is protected, as an offer and its answer agreed on it.
namespace sotto::media {

// RFC 4568: both keys came with the descriptions.
struct SdesKeys {
  rtp::SrtpKey ours;
  rtp::SrtpKey theirs;
  bool operator==(const SdesKeys&) const = default;
};

// Our side's credentials, RFC 8445: we are a lite agent, which answers checks and makes none.
struct IceLite {
  std::string user_fragment;
  std::string password;
  bool operator==(const IceLite&) const = default;
};

// RFC 5764: the keys come of a handshake on the leg's own port.
struct DtlsSettings {
  std::string fingerprint;     // of the far end's certificate: "sha-256 AA:BB..."
  bool active = false;         // we begin
  std::optional<IceLite> ice;  // then nothing is believed but from an address that a check has validated
  bool operator==(const DtlsSettings&) const = default;
};

using LegProtection = std::variant<std::monostate, SdesKeys, DtlsSettings>;

}  // namespace sotto::media
