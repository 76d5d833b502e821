#pragma once

#include <optional>

#include "bench/sip_party.h"
#include "media/port_pool.h"

namespace sotto::bench {

// Makes calls to one server: each is hung up as soon as it is answered, or held. What sound comes is not
// read.
class CallLoad final : public SipParty {
 public:
  Result<void> open();
  struct Course {
    uint16_t server = 0;  // port
    std::string user = "bench";
    size_t calls = 0;
    size_t at_once = 0;  // under way
    bool hold = false;   // answered calls stay up
  };
  // False: it stalled.
  bool run(const Course& course);
  // How its calls describe their sound, which comes to a port of theirs.
  const std::string& sdp() const { return sdp_; }
  size_t failed() const { return failed_; }

 private:
  void on_answered(sip::SessionId session, const sip::AnsweredEvent&) override;
  void on_ended(sip::SessionId, const sip::EndedEvent& ended) override;
  void next();

  std::optional<media::PortPair> sound_;
  std::string sdp_;
  Course course_;
  size_t begun_ = 0, done_ = 0, failed_ = 0;
};

}  // namespace sotto::bench
