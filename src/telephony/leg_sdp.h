#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "base/result.h"
#include "media/engine.h"
#include "sdp/offer_answer.h"

namespace sotto::telephony {

// What our side of a protected stream has: made afresh for each leg.
struct SoundKeys {
  std::vector<rtp::SrtpKey> sdes;  // one a suite, best first
  std::string fingerprint;         // of our certificate; empty: no DTLS
  media::IceLite ice;

  static SoundKeys make(base::Random& random, std::string fingerprint);
};
// Whether the offer asks for a handshake, so that a fingerprint of ours is needed.
bool asks_for_dtls(std::string_view offer);

// The offers and answers of one leg's one audio stream, and what they mean for its sound.
class LegSdp {
 public:
  // `codecs` by name, best first; empty for all that we have.
  LegSdp(const media::LocalPorts& ports, uint64_t session_id, const std::vector<std::string>& codecs,
         std::chrono::milliseconds silence_max);
  // Runs once, when a description first needs keys: most never do. Before the first description; without it,
  // only plain streams are offered and answered.
  using MakeKeys = std::function<SoundKeys()>;
  void set_keys(MakeKeys make) { make_keys_ = std::move(make); }

  // Digits in the sound, in place of RFC 4733. Before the first description.
  void forgo_events() { local_.telephone_events = false; }
  // Whether we want to hear the far side from our next description on: not while we hold it.
  void set_listening(bool on) {
    local_.direction = on ? sdp::Direction::SendReceive : sdp::Direction::SendOnly;
  }

  // Where our sound is, if that was not known yet: of our last description too.
  void set_place(const media::LocalPorts& ports);
  // Our last description; "" before the first.
  std::string description() const;

  std::string make_offer(sdp::Security security = sdp::Security::None);
  // Decides what to answer, which is then our description. Unsupported: 488.
  Result<void> take_offer(std::string_view offer);
  Result<std::string> answer(std::string_view offer);  // both at once
  Result<void> accept_answer(std::string_view answer);

  // What was agreed on last; absent until then.
  const std::optional<media::LegSettings>& settings() const { return settings_; }
  bool far_holds() const { return far_holds_; }

 private:
  void need_keys();
  Result<void> agree(const sdp::Agreed& agreed);
  Result<media::LegProtection> protection_of(const sdp::Agreed& agreed) const;
  sdp::Ice our_ice() const;
  std::string our_candidate() const;

  sdp::Local local_;
  const std::chrono::milliseconds silence_max_;
  MakeKeys make_keys_;
  std::optional<SoundKeys> keys_;
  sdp::Security offered_ = sdp::Security::None;
  std::optional<sdp::Session> described_;  // our last description
  std::optional<media::LegSettings> settings_;
  bool far_holds_ = false;
};

}  // namespace sotto::telephony
