#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "media/engine.h"
#include "sdp/offer_answer.h"

namespace sotto::telephony {

// The offers and answers of one leg's one audio stream, and what they mean for its sound.
class LegSdp {
 public:
  // `codecs` by name, best first; empty for all that we have.
  LegSdp(const media::LocalPorts& ports, uint64_t session_id, const std::vector<std::string>& codecs,
         std::chrono::milliseconds silence_max);

  std::string make_offer();
  Result<std::string> answer(std::string_view offer);  // Unsupported: 488
  Result<void> accept_answer(std::string_view answer);

  // What was agreed on last; absent until then.
  const std::optional<media::LegSettings>& settings() const { return settings_; }
  bool far_holds() const { return far_holds_; }

 private:
  Result<void> agree(const sdp::Agreed& agreed);

  sdp::Local local_;
  const std::chrono::milliseconds silence_max_;
  std::optional<sdp::Session> described_;  // our last description
  std::optional<media::LegSettings> settings_;
  bool far_holds_ = false;
};

}  // namespace sotto::telephony
