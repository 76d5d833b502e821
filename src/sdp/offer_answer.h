#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "sdp/session.h"

// Offer and answer for one audio stream, RFC 3264. Pure functions: every port, key and number comes in with
// Local.
namespace sotto::sdp {

struct Codec {
  std::string name;  // as in a=rtpmap, any case
  uint32_t clock_rate_hz = 8'000;
  uint8_t channels = 1;
  std::optional<uint8_t> static_payload_type;  // RFC 3551's; else one is chosen
  std::string fmtp;
};

enum class Direction : uint8_t { SendReceive, SendOnly, ReceiveOnly, Inactive };
// The same stream seen from the other end.
Direction reversed(Direction direction);

// a=crypto, RFC 4568. The key's text is passed through: "inline:..." with its parameters.
struct Crypto {
  uint32_t tag = 1;
  std::string suite;
  std::string key;
  bool operator==(const Crypto&) const = default;
};

// RFC 8122 and 4145.
enum class Setup : uint8_t { Active, Passive, ActPass };
struct Dtls {
  std::string fingerprint;  // "sha-256 AA:BB..."
  Setup setup = Setup::ActPass;
  bool operator==(const Dtls&) const = default;
};

struct Ice {
  std::string user_fragment;
  std::string password;
  bool lite = false;
  std::vector<std::string> candidates;  // values of a=candidate
  bool operator==(const Ice&) const = default;
};

// How sound is protected. An offer names one way; an answer follows the offer's.
enum class Security : uint8_t { None, Sdes, Dtls };

// Whose order of codecs decides in an answer. RFC 3264 §6.1 asks for the offerer's.
enum class CodecOrder : uint8_t { Theirs, Ours };

// What we are and can do for one stream.
struct Local {
  uint64_t session_id = 0;
  uint64_t session_version = 0;
  Address address;            // what the other side is to send to
  uint16_t port = 0;          // RTP; RTCP is the port after it, or this one with rtcp-mux
  std::vector<Codec> codecs;  // best first
  CodecOrder codec_order = CodecOrder::Theirs;
  bool telephone_events = true;
  Direction direction = Direction::SendReceive;
  uint32_t ptime_ms = 20;
  bool rtcp_mux = false;               // offered; in an answer, accepted where offered and set
  Security security = Security::None;  // of an offer
  bool security_required = false;      // an answer refuses plain RTP
  std::vector<Crypto> cryptos;  // one for each suite that we can, best first; tags are ours to set. For Sdes
  std::optional<Dtls> dtls;
  std::optional<Ice> ice;  // answered only where the other side offers ICE
};

// A codec with the payload types by which each side is to call it.
struct AgreedCodec {
  Codec codec;  // `fmtp` is ours
  uint8_t send_payload_type = 0;
  uint8_t receive_payload_type = 0;
  std::string remote_fmtp;
};

struct AgreedEvents {
  uint8_t send_payload_type = 0;
  uint8_t receive_payload_type = 0;
  uint32_t clock_rate_hz = 8'000;
};

// What both sides know after an answer, from our side.
struct Agreed {
  AgreedCodec codec;                // what we send
  std::vector<AgreedCodec> codecs;  // what we must be ready to receive; `codec` is among them
  std::optional<AgreedEvents> events;
  Direction direction = Direction::SendReceive;  // ours: what we may do
  bool remote_holds = false;                     // the other side does not listen, or its address is 0.0.0.0
  Address remote_address;
  uint16_t remote_port = 0;
  uint16_t remote_rtcp_port = 0;
  Address remote_rtcp_address;
  uint32_t ptime_ms = 20;  // of what we send: a multiple of 20, or 10 where more is forbidden
  bool rtcp_mux = false;
  Security security = Security::None;
  std::optional<Crypto> local_crypto;
  std::optional<Crypto> remote_crypto;
  std::optional<Dtls> remote_dtls;  // with what the other side does
  Setup local_setup = Setup::Passive;
  std::optional<Ice> remote_ice;
};

struct Answered {
  Session answer;
  Agreed agreed;
};

Session make_offer(const Local& local);
// An offer after the first: same m= lines in the same order as `previous`, our last description. The audio
// stream is its first that was not refused.
Session make_offer(const Local& local, const Session& previous);

// Fails with Unsupported when nothing fits (answer 488): no audio, no codec, security. All other m= lines are
// refused.
Result<Answered> answer(const Session& offer, const Local& local);

// What the answer to our own `offer` means. Invalid where it breaks RFC 3264; Unsupported where it refuses
// the stream.
Result<Agreed> accept_answer(const Session& offer, const Session& answer, const Local& local);

}  // namespace sotto::sdp
