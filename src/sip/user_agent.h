#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/random.h"
#include "base/result.h"
#include "base/timers.h"
#include "sip/message_writer.h"
#include "sip/transport.h"
#include "sip/user_agent_events.h"

// The SIP stack's only face: messages in, messages out through Transport, dialog events out through
// UserAgentEvents. Pure: time comes from base::Timers, randomness from base::Random, SDP is the caller's.
// Control thread.
//
// A call that we take:   on_invite -> [progress]* -> answer | reject            -> on_confirmed -> ... ->
// on_ended A call that we make:   invite -> [on_progress]* -> on_answered                              -> ...
// -> on_ended In the call:           offer -> on_offer_answered | on_offer_refused; on_offer -> answer_offer
// | refuse_offer Ending it, any state:  hang_up -> on_ended (by Local)
namespace sotto::sip {

class Registrar;
struct UserAgentCore;

struct UserAgentConfig {
  std::string product = "Sotto";               // User-Agent and Server
  std::string contact_user = "sotto";          // user part of our Contact, unless invite() names one
  std::chrono::seconds session_expires{1800};  // RFC 4028; 0 offers none
  std::chrono::seconds min_session_expires{90};
  std::chrono::seconds ring_max{180};   // an INVITE of ours without a final answer is cancelled after this
  std::chrono::milliseconds t1{500};    // RFC 3261 §17.1.1.1
  std::chrono::seconds retry_after{5};  // in our 503
  size_t sessions_max = 20'000;
};

// All outlive the user agent. `policy` and `registrar` may be null: then everyone may call, and REGISTER is
// refused.
struct UserAgentPorts {
  base::Timers& timers;
  base::Random& random;
  Transport& transport;
  UserAgentEvents& events;
  AccessPolicy* policy = nullptr;
  Registrar* registrar = nullptr;
};

struct InviteOptions {
  std::string target;                // Request-URI
  Flow flow;                         // next hop, resolved by the caller
  bool flow_bound = false;           // all requests of the dialog use `flow` (a registered phone behind NAT)
  std::string from;                  // name-addr or URI, without tag: "\"Ann\" <sip:ann@example.com>"
  std::string to;                    // "" means <target>
  std::string contact_user;          // "" means the configured one
  std::vector<std::string> route;    // loose routes, e.g. "<sip:proxy.example.com;lr>"
  std::vector<ExtraHeader> headers;  // X-..., P-Asserted-Identity, Diversion, Replaces, Referred-By, ...
  std::string sdp;                   // "" for a late offer
  std::string auth_user;             // for 401 and 407
  std::string auth_password;
  uint32_t max_forwards = kMaxForwards;
  // Without any response in that time the call ends (by Network, 408) rather than after 64 T1; 0: that long.
  std::chrono::milliseconds silence_max{0};
};

struct Progress {
  int status = 180;       // 101 to 199
  std::string sdp;        // "" for none; in a late-offer call an offer, and only if reliable
  bool reliable = false;  // with 100rel if the caller supports it, and plainly if he does not
  std::vector<ExtraHeader> headers;
};

struct Answer {
  std::string sdp;  // "" repeats the SDP of the last progress()
  std::vector<ExtraHeader> headers;
};

struct Rejection {
  int status = 603;     // 300 to 699
  std::string reason;   // "" for the standard phrase
  std::string contact;  // for 3xx
  std::vector<ExtraHeader> headers;
};

struct HangUp {
  int status = 603;           // if we have not answered yet
  std::string reason_header;  // e.g. "Q.850;cause=16;text=\"Normal\"", sent in BYE, CANCEL or the response
  std::vector<ExtraHeader> headers;
};

enum class OfferMethod : uint8_t { Invite, Update };

struct UserAgentCounts {
  size_t sessions = 0;
  size_t client_transactions = 0;
  size_t server_transactions = 0;
  uint64_t messages_in = 0;
  uint64_t messages_dropped = 0;  // unparseable, stray, or from a silenced source
  uint64_t challenged = 0;
  uint64_t scanners = 0;      // requests outside of calls by tools that look for weak servers
  uint64_t refused_busy = 0;  // 503 by a limit of ours
  // Calls that began while more came than could be served (see CallGate).
  uint64_t refused_overload = 0;  // 503
  uint64_t dropped_overload = 0;  // nothing
  bool overloaded = false;        // such calls have come in the last seconds
};

class UserAgent {
 public:
  UserAgent(UserAgentConfig config, UserAgentPorts ports);
  ~UserAgent();  // silently: call hang_up() first if the far sides are to know
  UserAgent(const UserAgent&) = delete;

  // One whole message: a datagram, a WebSocket message or a frame of StreamFramer.
  void receive(const Flow& flow, base::ByteView bytes);
  // A stream connection is gone: transactions on it fail, registrations bound to it go.
  void connection_closed(uint32_t connection);

  // --- Calls that we make. Invalid: a URI, header or route does not parse; Exhausted: sessions_max.
  Result<SessionId> invite(InviteOptions options);

  // --- Calls that we take. Conflict: not in a state for it (already answered, ended, ...).
  Result<void> progress(SessionId session, Progress progress);
  Result<void> answer(SessionId session, Answer answer);
  Result<void> reject(SessionId session, Rejection rejection);

  // --- Either side. Ends the session in any state: a response, CANCEL or BYE, whichever fits. NotFound if it
  // has ended.
  Result<void> hang_up(SessionId session, HangUp hang_up = {});
  // Sends a new offer; "" asks the far side for one (re-INVITE only; its offer then comes by on_offer()).
  // Glare (491) is retried by itself. Conflict while another offer is open or before the call is confirmed
  // (UPDATE: before there is a dialog with an answer). Unsupported: UPDATE, and the far side does not allow
  // it.
  Result<void> offer(SessionId session, std::string sdp, OfferMethod method = OfferMethod::Invite);
  Result<void> answer_offer(SessionId session, std::string sdp);
  Result<void> refuse_offer(SessionId session, int status = 488);
  Result<void> info(SessionId session, std::string content_type, std::string body);

  // --- Transfers (RFC 3515, 3891). `replaces` is a value from replaces_value(): the target then takes over
  // that call.
  Result<TransferId> refer(SessionId session, std::string target, std::string replaces = {},
                           std::string referred_by = {});
  // The far side's REFER: exactly one of these two, then notify_refer() until `done`.
  Result<void> accept_refer(SessionId session, TransferId transfer);
  Result<void> refuse_refer(SessionId session, TransferId transfer, int status = 603);
  Result<void> notify_refer(SessionId session, TransferId transfer, int status, bool done);
  // Replaces header value that names this (confirmed) session as its far side sees it.
  Result<std::string> replaces_value(SessionId session) const;

  // --- Outside calls: OPTIONS probes. The answer comes by on_response() with the id.
  struct Request {
    Method method = Method::Options;
    std::string target;
    Flow flow;
    std::string from;
    std::string to;       // "" means <target>
    std::string call_id;  // "" for a new one
    uint32_t cseq = 1;
    std::vector<ExtraHeader>
        headers;  // Contact and Expires of a REGISTER, Authorization, ...: not restricted
    std::string content_type;
    std::string body;
  };
  Result<uint64_t> request(Request request);

  Result<std::string> call_id(SessionId session) const;
  UserAgentCounts counts() const;

 private:
  std::unique_ptr<UserAgentCore> core_;
};

}  // namespace sotto::sip
