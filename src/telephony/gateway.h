#pragma once

#include <functional>
#include <memory>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/random.h"
#include "call/switchboard.h"
#include "directory/snapshot.h"
#include "net/loop.h"
#include "sip/user_agent.h"
#include "telephony/leg_sdp.h"
#include "telephony/media_control.h"

namespace sotto::telephony {

// Where a registered phone can be reached now. Implemented on the registrar.
class PhoneLocator {
 public:
  struct Contact {
    std::string uri;
    sip::Flow flow;
  };
  virtual ~PhoneLocator() = default;
  virtual std::vector<Contact> contacts(const std::string& user) const = 0;
};

// The core's Signalling port on the SIP stack: legs are sessions, SDP is negotiated here, addresses are
// routed by the directory. Control thread.
class Gateway final : public call::Signalling, public sip::UserAgentEvents, public sip::AccessPolicy {
 public:
  struct Settings {
    std::string domain = "sotto.invalid";                 // host part of our From
    std::vector<std::string> codecs;                      // by name, best first; empty: all
    std::chrono::milliseconds media_silence_max{60'000};  // 0: never
  };
  // All outlive it.
  struct Ports {
    net::Loop& loop;
    base::Random& random;
    MediaControl& media;
    const PhoneLocator* phones = nullptr;
  };

  Gateway(Settings settings, Ports ports);
  void connect(sip::UserAgent& user_agent,
               call::Switchboard& switchboard);  // before the first call; both outlive it
  void set_directory(std::shared_ptr<const directory::Snapshot> snapshot) {
    directory_ = std::move(snapshot);
  }

  void dial(const call::DialRequest& request) override;
  void progress(call::LegId leg, call::Progress progress) override;
  void answer(call::LegId leg) override;
  void hang_up(call::LegId leg, const call::EndReason& reason) override;
  void refer(call::LegId leg, const base::Address& target, const base::HeaderFields& headers) override;
  void accept_refer(call::LegId leg) override;
  void refuse_refer(call::LegId leg, int sip_code) override;
  void report_refer(call::LegId leg, int sip_code) override;

  void on_invite(sip::SessionId session, const sip::Invite& invite) override;
  void on_ended(sip::SessionId session, const sip::EndedEvent& ended) override;
  void on_progress(sip::SessionId session, const sip::ProgressEvent& progress) override;
  void on_answered(sip::SessionId session, const sip::AnsweredEvent& answered) override;
  void on_confirmed(sip::SessionId session, std::string_view sdp) override;
  void on_offer(sip::SessionId session, const sip::OfferEvent& offer) override;
  void on_offer_answered(sip::SessionId session, std::string_view sdp) override;
  void on_offer_refused(sip::SessionId session, int status) override;
  void on_info(sip::SessionId session, std::string_view content_type, std::string_view body) override;
  void on_refer(sip::SessionId session, const sip::ReferEvent& refer) override;
  void on_transfer_progress(sip::SessionId session, sip::TransferId transfer, int status, bool done) override;

  Access access(const sip::Message& request, const sip::Flow& flow) override;

 private:
  struct Target {  // one way to reach the far end
    std::string uri;
    sip::Flow flow;
    bool flow_bound = false;
    std::string user;
    std::string password;
    sdp::Security security = sdp::Security::None;
  };
  struct Leg {
    call::LegId id;
    sip::SessionId session = sip::SessionId::None;
    std::optional<LegSdp> sdp;
    std::string remote_offer;     // of the INVITE; empty: our answer carries the offer
    std::string description;      // ours, once made: the same in early media and answer
    std::vector<Target> targets;  // still to be tried, in turn
    call::DialRequest request;    // outbound
    sip::TransferId transfer_in = sip::TransferId::None;
    int refer_code = 0;
  };

  Leg* find(call::LegId leg);
  Leg* find(sip::SessionId session);
  void later(std::function<void()> what);
  void end_later(call::LegId leg, call::EndReason reason);
  Result<void> open_sdp(Leg& leg);
  Result<void> describe(Leg& leg);
  void fail_inbound(Leg& leg, const Error& error);
  Result<std::vector<Target>> targets_of(const call::DialRequest& request);
  bool try_next(Leg& leg);
  void agreed(Leg& leg);
  void forget(call::LegId leg);

  const Settings settings_;
  const Ports ports_;
  sip::UserAgent* user_agent_ = nullptr;
  call::Switchboard* switchboard_ = nullptr;
  std::shared_ptr<const directory::Snapshot> directory_;
  std::unordered_map<call::LegId, Leg> legs_;
  std::unordered_map<sip::SessionId, call::LegId> sessions_;
};

}  // namespace sotto::telephony
