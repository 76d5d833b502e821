#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sip/address.h"
#include "sip/message.h"

// What the user agent tells its owner. All views are valid during the call only.
namespace sotto::sip {

// One call, from its INVITE to its end. Never reused.
enum class SessionId : uint64_t { None = 0 };
// One REFER that is being carried out, in either direction.
enum class TransferId : uint64_t { None = 0 };

// An incoming call. `message` holds everything else: custom X- headers, identity (see identity.h),
// Alert-Info, ...
struct Invite {
  const Message& message;
  Flow flow;
  std::string_view sdp;                  // the offer; "" if we are to offer (late offer)
  SessionId replaces = SessionId::None;  // the session that this call is to take over (RFC 3891)
  std::string_view user;                 // who authenticated, "" if nobody was asked
  bool reliable_provisionals = false;    // 100rel is supported by the caller
};

struct ProgressEvent {
  const Message& message;
  int status = 180;
  std::string_view sdp;       // an answer (early media), or an offer if `sdp_is_offer`
  bool sdp_is_offer = false;  // only in a reliable response to an INVITE without SDP: call answer_offer()
  std::string_view fork;      // tag of the answering device: several devices may ring at once
};

struct AnsweredEvent {
  const Message& message;
  std::string_view sdp;       // "" if the answer came before, in a reliable provisional response
  bool sdp_is_offer = false;  // our INVITE had no SDP: call answer_offer(), which sends the ACK
  std::string_view fork;
};

// A re-INVITE, an UPDATE, or a PRACK with an offer. Call answer_offer() or refuse_offer(), now or later.
struct OfferEvent {
  const Message& message;
  std::string_view sdp;  // "" if we are to offer: pass ours to answer_offer()
};

struct ReferEvent {
  const Message& message;
  TransferId transfer = TransferId::None;
  std::string target;                    // the URI, without its Replaces header
  std::string replaces;                  // value of the Replaces header to send along, "" if none
  SessionId replaced = SessionId::None;  // if the Replaces names a session of ours
  std::string referred_by;
};

enum class EndedBy : uint8_t {
  Local,    // we asked for it
  Remote,   // BYE, CANCEL or a final response from the far side
  Network,  // nobody answers any more: timeouts, closed connections
};

struct EndedEvent {
  EndedBy by = EndedBy::Remote;
  bool answered = false;             // there was a confirmed dialog
  int status = 0;                    // the final response that ended it, ours or theirs; 0 for a BYE
  std::string_view reason;           // the phrase of that response
  std::string_view reason_header;    // value of Reason: in BYE, CANCEL or the response (RFC 3326)
  const Message* message = nullptr;  // the message that ended it, if one did
};

// More comes than can be served: calls that begin are refused. Or no more so.
struct OverloadEvent {
  bool begins = true;
  uint64_t refused = 0;  // until it ended, since the start of the user agent
  uint64_t dropped = 0;
};

// Implemented by the owner. Every method may call the UserAgent. Nothing is reported for a session after
// on_ended(), and on_ended() comes exactly once for each.
class UserAgentEvents {
 public:
  virtual ~UserAgentEvents() = default;

  virtual void on_invite(SessionId session, const Invite& invite) = 0;
  virtual void on_ended(SessionId session, const EndedEvent& ended) = 0;

  // Calls that we make.
  virtual void on_progress(SessionId session, const ProgressEvent& progress) = 0;
  virtual void on_answered(SessionId session, const AnsweredEvent& answered) = 0;
  // A redirect (3xx) or any other refusal ends the session: see EndedEvent::message for its Contacts.

  // Calls that we took: our answer has arrived. `sdp` is their answer if we had to offer.
  virtual void on_confirmed(SessionId session, std::string_view sdp) = 0;
  // Their answer to our offer in a reliable provisional response.
  virtual void on_early_answer(SessionId, std::string_view) {}

  // During a call.
  virtual void on_offer(SessionId session, const OfferEvent& offer) = 0;
  virtual void on_offer_answered(SessionId session, std::string_view sdp) = 0;
  virtual void on_offer_refused(SessionId session, int status) = 0;  // the session goes on as it was
  virtual void on_info(SessionId session, std::string_view content_type, std::string_view body) = 0;
  virtual void on_refer(SessionId session, const ReferEvent& refer) = 0;
  // How a REFER of ours goes: status of the new call so far. `done` comes once, also if the REFER itself is
  // refused.
  virtual void on_transfer_progress(SessionId session, TransferId transfer, int status, bool done) = 0;

  // A response to request(), or status 408 or 503 without a message.
  virtual void on_response(uint64_t, int, const Message*) {}

  // At each change.
  virtual void on_overload(const OverloadEvent&) {}
};

// How the owner knows its peers. Asked on the message path: answer from memory.
class AccessPolicy {
 public:
  enum class Access : uint8_t { Allow, Challenge, Refuse };

  virtual ~AccessPolicy() = default;
  // For each new INVITE outside a dialog (and REFER, MESSAGE, ...): a trunk by its address is Allow, a phone
  // is Challenge, anyone else Refuse. Refused sources are answered 403 a few times, then not at all.
  virtual Access access(const Message& request, const Flow& flow) = 0;
};

}  // namespace sotto::sip
