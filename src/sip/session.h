#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "sip/dialog.h"
#include "sip/transactions.h"
#include "sip/user_agent.h"

namespace sotto::sip {

struct UserAgentCore;

// One call and its dialogs. Made and owned by the core, which hands it the messages of its dialogs. It
// reports its end exactly once and stays in memory until the core's next turn.
class Session final : public base::TimerSink {
 public:
  Session(UserAgentCore& core, SessionId id, std::string local_tag)
      : core_(core), id_(id), tag_(std::move(local_tag)) {}
  ~Session() override { stop_timers(); }

  SessionId id() const { return id_; }
  const std::string& tag() const { return tag_; }
  const Dialog& dialog() const { return dialog_; }
  bool ended() const { return phase_ == Phase::Ended; }
  bool confirmed() const { return phase_ == Phase::Confirmed; }
  bool matches(std::string_view call_id, std::string_view remote_tag) const;

  // session_uac.cpp
  Result<void> call(InviteOptions options, std::string call_id);
  void on_client_response(TransactionId id, const Message& response, const Flow& flow);
  void on_client_failed(TransactionId id, int status);
  // session_uas.cpp
  void accept_invite(TransactionId id, const Message& invite, const Flow& flow);
  Result<void> progress(const Progress& progress);
  Result<void> answer(const Answer& answer);
  Result<void> reject(const Rejection& rejection);
  void on_cancel(const Message& cancel);
  void on_ack(const Message& ack);
  // session_dialog.cpp
  void on_request(TransactionId id, const Message& request, const Flow& flow);
  Result<void> offer(std::string sdp, OfferMethod method);
  Result<void> answer_offer(std::string sdp);
  Result<void> refuse_offer(int status);
  Result<void> info(std::string content_type, std::string body);
  // session_refer.cpp
  Result<TransferId> refer(std::string_view target, std::string_view replaces, std::string_view referred_by);
  Result<void> answer_refer(TransferId transfer, int status);
  Result<void> notify_refer(TransferId transfer, int status, bool done);
  // session.cpp
  Result<void> hang_up(const HangUp& hang_up);
  void connection_closed(uint32_t connection);

 private:
  enum class Phase : uint8_t { Calling, Incoming, Answered, Confirmed, Ended };
  enum class TimerKind : uint64_t { Resend, GiveUp, Refresh, Retry, Silence };
  struct Outgoing {  // a request of ours that has no final response
    TransactionId id = TransactionId::None;
    Method method = Method::Other;
    uint32_t cseq = 0;
    std::string headers;
    std::string content_type;
    std::string body;
    TransferId transfer = TransferId::None;
    bool refresh = false;
    bool authorized = false;
    bool datagram_only = false;  // it did not get through by TCP
    bool switched = false;       // to TCP, for its size
  };
  struct Transfer {
    TransferId id = TransferId::None;
    TransactionId request = TransactionId::None;  // REFER received and not answered
    uint32_t cseq = 0;
    bool ours = false;
  };
  // Needed only until the call is confirmed.
  struct Setup {
    InviteOptions options;
    std::vector<Dialog> forks;
    TransactionId transaction = TransactionId::None;
    std::string sdp;           // sent in a provisional response
    std::string offered_fork;  // that sent us a reliable offer
    std::string rack;
    HangUp hang_up;
    uint32_t rseq = 0;
    uint32_t reliable_cseq = 0;
    bool caller_offered = false;
    bool caller_takes_reliable = false;
    bool caller_requires_reliable = false;
    bool provisional_seen = false;
    bool cancelling = false;
    bool cancel_sent = false;
    uint8_t auth_tries = 0;
    std::string authorization;
    bool datagram_only = false;  // see Outgoing
    bool switched = false;
  };

  void on_timer(uint64_t token) override;
  base::TimerId start(TimerKind kind, base::Duration delay);
  void stop_timers();
  void finish(EndedEvent ended);
  void send_bye(std::string headers);
  TransactionId send_request(Outgoing outgoing);
  std::string write_request(const Outgoing& outgoing, std::string_view branch, const Flow& flow) const;
  void send_ack(uint32_t cseq, std::string_view sdp);
  void respond(TransactionId id, int status, std::string_view headers = {}, std::string_view sdp = {});
  Outgoing* find_outgoing(TransactionId id);
  std::string credentials_for(const Message& response, Method method);

  void send_invite();
  std::string write_invite(std::string_view branch, const Flow& flow);
  void on_invite_response(const Message& response, const Flow& flow);
  void on_invite_success(const Message& response, const Flow& flow);
  void on_invite_failure(const Message& response);
  void on_provisional(const Message& response, const Flow& flow);
  void send_prack(Dialog& fork, std::string rack, std::string sdp);
  void try_cancel();

  void send_success(TransactionId id, std::string headers, std::string_view sdp);
  void on_prack(TransactionId id, const Message& prack);
  void on_remote_offer(TransactionId id, const Message& request);
  void on_offer_response(Outgoing outgoing, const Message& response);
  void on_refer(TransactionId id, const Message& request);
  void on_notify(TransactionId id, const Message& request);
  std::string session_timer_headers(const Message& request);
  void start_session_timer(const Message& message, bool we_asked);
  Transfer* find_transfer(TransferId id);

  // Constant.
  UserAgentCore& core_;
  const SessionId id_;
  const std::string tag_;
  // The call.
  Phase phase_ = Phase::Calling;
  bool we_offer_in_answer_ = false;  // the 2xx that waits for its ACK holds our offer
  bool end_after_ack_ = false;
  bool refreshing_is_ours_ = false;
  bool retry_pending_ = false;
  Dialog dialog_;
  std::unique_ptr<Setup> setup_;
  std::vector<Outgoing> outgoing_;
  std::vector<Transfer> transfers_;
  std::unique_ptr<std::pair<std::string, std::string>> login_;
  std::string local_sdp_;  // the last that we sent: a refreshing re-INVITE repeats it
  std::string retry_sdp_;
  OfferMethod retry_method_ = OfferMethod::Invite;
  // A remote offer that is not answered.
  TransactionId offer_request_ = TransactionId::None;
  Method offer_method_ = Method::Other;
  uint32_t ack_with_offer_cseq_ = 0;  // the ACK that is to hold our answer
  std::string ack_sdp_;
  // A 2xx or reliable 1xx that is sent again until it is confirmed.
  TransactionId resend_request_ = TransactionId::None;
  std::string resend_bytes_;
  int resend_status_ = 0;
  base::Duration resend_interval_{};
  uint32_t invite_cseq_ = 0;
  std::chrono::seconds session_interval_{0};
  base::TimerId timers_[5] = {};
};

}  // namespace sotto::sip
