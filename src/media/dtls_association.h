#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "media/dtls_identity.h"
#include "rtp/srtp.h"

struct ssl_st;
struct bio_st;

namespace sotto::media {

// One handshake, datagrams in and datagrams out, for the keys of a leg's sound. No socket; OpenSSL's own
// clock drives what is sent again. Blocks for the time of a signature: not for the control or media thread.
class DtlsAssociation {
 public:
  enum class Role : uint8_t { Client, Server };
  enum class State : uint8_t { Shaking, Done, Failed };
  using Datagrams = std::vector<base::Bytes>;
  struct Keys {
    rtp::SrtpKey ours;
    rtp::SrtpKey theirs;
  };

  // `fingerprint` is what the other side's certificate must have. `identity` outlives this.
  static Result<std::unique_ptr<DtlsAssociation>> create(const DtlsIdentity& identity, Role role,
                                                         std::string fingerprint);
  DtlsAssociation(const DtlsAssociation&) = delete;
  ~DtlsAssociation();

  // Each returns what is to be sent now.
  Datagrams start();  // of a client; a server waits
  Datagrams on_datagram(base::ByteView datagram);
  Datagrams on_time();
  // When on_time() has something to do; nothing: not by itself.
  std::optional<std::chrono::microseconds> next_timeout() const;

  State state() const { return state_; }
  const Keys& keys() const { return keys_; }           // once Done
  const std::string& error() const { return error_; }  // once Failed

 private:
  struct FreeSsl {
    void operator()(ssl_st* ssl) const noexcept;
  };
  DtlsAssociation(std::unique_ptr<ssl_st, FreeSsl> ssl, Role role, std::string fingerprint);

  void advance();
  void finish();
  void end(std::string error);
  Result<Keys> export_keys() const;
  bool is_expected_certificate() const;
  Datagrams take_output();

  const std::unique_ptr<ssl_st, FreeSsl> ssl_;
  bio_st* const in_;   // ssl_'s
  bio_st* const out_;  // ssl_'s
  const Role role_;
  const std::string fingerprint_;
  State state_ = State::Shaking;
  Keys keys_;
  std::string error_;
};

}  // namespace sotto::media
