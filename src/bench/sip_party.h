#pragma once

#include <memory>
#include <string>

#include "net/loop.h"
#include "sip/user_agent.h"
#include "telephony/transports.h"

namespace sotto::bench {

// A description of sound that goes nowhere.
inline constexpr const char* kSomeSdp =
    "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 9 RTP/AVP 8 101\r\n"
    "a=rtpmap:8 PCMA/8000\r\na=rtpmap:101 telephone-event/8000\r\n";
// And of sound at a port of 127.0.0.1.
std::string sdp_at(uint16_t rtp_port);

// The bare SIP stack on a loop of its own, on any free port of 127.0.0.1, with nothing to do in most events.
// Used by the thread that runs the loop.
struct SipParty : sip::UserAgentEvents {
  // With a short `t1` it forgets sooner what its calls have left.
  Result<void> open(std::chrono::milliseconds t1 = std::chrono::milliseconds(500));
  uint16_t port() const { return transports->udp_address().port; }
  // Calls that user of the server on a port of 127.0.0.1.
  Result<sip::SessionId> invite(uint16_t server, const std::string& user, const std::string& from,
                                std::string sdp);

  void on_invite(sip::SessionId, const sip::Invite&) override {}
  void on_ended(sip::SessionId, const sip::EndedEvent&) override {}
  void on_progress(sip::SessionId, const sip::ProgressEvent&) override {}
  void on_answered(sip::SessionId, const sip::AnsweredEvent&) override {}
  void on_confirmed(sip::SessionId, std::string_view) override {}
  void on_offer(sip::SessionId session, const sip::OfferEvent&) override {
    static_cast<void>(agent->answer_offer(session, kSomeSdp));  // ended meanwhile: nobody waits for it
  }
  void on_offer_answered(sip::SessionId, std::string_view) override {}
  void on_offer_refused(sip::SessionId, int) override {}
  void on_info(sip::SessionId, std::string_view, std::string_view) override {}
  void on_refer(sip::SessionId, const sip::ReferEvent&) override {}
  void on_transfer_progress(sip::SessionId, sip::TransferId, int, bool) override {}

  net::Loop loop;
  base::SystemRandom random;
  std::unique_ptr<telephony::Transports> transports;
  std::unique_ptr<sip::UserAgent> agent;
};

}  // namespace sotto::bench
