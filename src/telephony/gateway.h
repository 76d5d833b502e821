#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <unordered_map>
#include <vector>

#include "base/random.h"
#include "call/switchboard.h"
#include "directory/snapshot.h"
#include "net/loop.h"
#include "sip/user_agent.h"
#include "telephony/leg_sdp.h"
#include "telephony/loop_token.h"
#include "telephony/media_control.h"
#include "telephony/trace_ring.h"
#include "telephony/trunk_limits.h"
#include "telephony/ways.h"

namespace sotto::telephony {

// Finds what a host name stands for (RFC 3263).
class HostLocator {
 public:
  virtual ~HostLocator() = default;
  using Located = std::function<void(Result<std::vector<sip::Flow>>)>;
  // Best first. `located` runs exactly once, never from inside locate().
  virtual void locate(const HostSpec& host, Located located) = 0;
};

// Which trunks work. Implemented on their probes and registrations.
class TrunkHealth {
 public:
  virtual ~TrunkHealth() = default;
  virtual bool is_alive(directory::TrunkId trunk) const = 0;
  // The trunk that we registered with at that address; its calls come from there.
  virtual std::optional<directory::TrunkId> registered_at(const sip::Address& address) const = 0;
  virtual void on_response(uint64_t request, int status, const sip::Message* message) = 0;
};

// The core's Signalling port on the SIP stack: legs are sessions, SDP is negotiated here, addresses are
// routed by the directory. Control thread.
class Gateway final : public call::Signalling, public sip::UserAgentEvents, public sip::AccessPolicy {
 public:
  struct Settings {
    std::string domain = "sotto.invalid";                 // host part of our From
    std::vector<std::string> codecs;                      // by name, best first; empty: all
    std::chrono::milliseconds media_silence_max{60'000};  // 0: never
    // How long one of several ways may say nothing at all before the next is tried.
    std::chrono::milliseconds way_silence_max{6'000};
    bool telephone_events = true;  // digits by RFC 4733, where the far end can; else in the sound
  };
  // All outlive it.
  struct Ports {
    net::Loop& loop;
    base::Random& random;
    MediaControl& media;
    const PhoneLocator* phones = nullptr;
  };

  Gateway(Settings settings, Ports ports);
  // What it learns of others once they are there. All outlive it.
  struct Surroundings {
    sip::Address loop;              // where we listen ourselves, for datagrams
    HostLocator* hosts = nullptr;   // without one, only addresses can be called
    TrunkHealth* trunks = nullptr;  // without one, every trunk is thought to work
    TraceRing* trace = nullptr;     // is told which SIP dialogs belong to which call
  };
  // Before the first call; both outlive it.
  void connect(sip::UserAgent& user_agent, call::Switchboard& switchboard, const Surroundings& surroundings);
  void set_directory(std::shared_ptr<const directory::Snapshot> snapshot) {
    directory_ = std::move(snapshot);
  }

  call::FarEnd far_end(const call::DialRequest& request) const override;
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
  void on_response(uint64_t request, int status, const sip::Message* message) override;
  void on_overload(const sip::OverloadEvent& overload) override;

  Access access(const sip::Message& request, const sip::Flow& flow) override;
  const TrunkLimits& trunk_limits() const { return limits_; }

  // What a phone does in its call and a server never. Refused with Conflict where there is no such call, or
  // it is about something else just now.
  Result<void> hold_far_end(call::LegId leg, bool on);           // by re-INVITE
  Result<void> send_digit_in_info(call::LegId leg, char digit);  // RFC 6086, application/dtmf-relay

 private:
  // How often a call may be passed on, by us and by others: so that one that runs in a circle ends.
  static constexpr int kHopsMax = sip::kMaxForwards;
  struct Leg {
    call::LegId id;
    int hops_left = kHopsMax;                       // below 0: it goes nowhere
    sip::SessionId session = sip::SessionId::None;  // the one; of an outbound leg once it is answered
    std::optional<LegSdp> sdp;
    std::optional<LegSdp> prepared;      // takes the INVITE's offer, without a place; then it becomes `sdp`
    std::vector<std::string> codecs;     // of its trunk; empty: ours
    std::string description;             // ours, once made: the same in early media and answer
    bool far_offers = false;             // the INVITE has an offer; else our answer carries ours
    std::optional<call::Progress> told;  // inbound: what we last said before the answer
    TrunkLimits::Lease lease;
    sip::TransferId transfer_in = sip::TransferId::None;
    // Outbound, until the answer.
    call::DialRequest request;
    std::deque<Way> ways;                         // still to be tried, in turn
    std::map<sip::SessionId, LegSdp> attempts;    // of the present one
    sip::SessionId early = sip::SessionId::None;  // whose early media is heard
    std::optional<call::EndReason> failure;       // the best reason so far
  };

  Leg* find(call::LegId leg);
  Leg* find(sip::SessionId session);
  void later(std::function<void()> what);
  void end_later(call::LegId leg, call::EndReason reason);
  enum class Handshake : uint8_t { No, Possible };  // of DTLS
  LegSdp make_sdp(const media::LocalPorts& place, const std::vector<std::string>& codecs,
                  Handshake handshake) const;
  void agreed(Leg& leg);
  void forget(call::LegId leg);
  base::Address named_by(call::LegId leg, const std::string& uri) const;
  void note_call_id(call::LegId leg, sip::SessionId session);
  const directory::Trunk* trunk_at(const sip::Flow& flow) const;

  // gateway_inbound.cpp
  const call::DialRequest* looping(const sip::Message& invite, const sip::Flow& flow) const;
  call::OfferedLeg offered_by(const sip::Invite& invite, const directory::Trunk* trunk) const;
  void take_over(Leg& leg, sip::SessionId session, const sip::Invite& invite);
  Result<void> describe(Leg& leg);
  void fail_inbound(Leg& leg, const Error& error);

  // gateway_outbound.cpp
  int hops_left_for(call::LegId leg) const;
  WayOptions way_options() const;
  void try_next(call::LegId leg);
  bool start(Leg& leg, const Way& way);
  void locate(const Leg& leg, Way way);
  Result<void> invite(Leg& leg, const Way& way, const Target& target);
  std::string forwarded_number(const Leg& leg) const;
  void cancel_attempts(Leg& leg, const call::EndReason& reason);
  void on_attempt_ended(Leg& leg, sip::SessionId session, const sip::EndedEvent& ended);

  const Settings settings_;
  const Ports ports_;
  const LoopToken token_;
  Surroundings around_;
  sip::UserAgent* user_agent_ = nullptr;
  call::Switchboard* switchboard_ = nullptr;
  std::shared_ptr<const directory::Snapshot> directory_;
  TrunkLimits limits_;
  std::unordered_map<call::LegId, Leg> legs_;
  std::unordered_map<sip::SessionId, call::LegId> sessions_;
};

}  // namespace sotto::telephony
