#pragma once

#include <unordered_map>

#include "sip/call_gate.h"
#include "sip/session.h"

namespace sotto::sip {

// The inside of UserAgent, shared with the sessions.
struct UserAgentCore final : TransactionUser, base::TimerSink {
  UserAgentCore(UserAgentConfig config, UserAgentPorts ports);
  ~UserAgentCore() override;

  void on_request(TransactionId id, const Message& request, const Flow& flow) override;
  void on_ack(const Message& ack, const Flow& flow) override;
  void on_client_response(TransactionId id, uint64_t owner, const Message& response,
                          const Flow& flow) override;
  void on_client_failed(TransactionId id, uint64_t owner, int status) override;
  void on_timer(uint64_t token) override;

  void receive(const Flow& flow, base::ByteView bytes);
  void respond(TransactionId id, int status, std::string_view tag = {}, std::string_view headers = {},
               std::string_view content_type = {}, std::string_view body = {}, std::string_view reason = {});
  void on_new_invite(TransactionId id, const Message& request, const Flow& flow);
  void on_outside_request(TransactionId id, const Message& request, const Flow& flow);
  void on_cancel(TransactionId id, const Message& request);
  // True if the request may go on; otherwise it has been answered or dropped.
  bool check_access(TransactionId id, const Message& request, const Flow& flow, std::string& user);
  void note_answer(const Flow& flow, int status);
  bool is_silenced(const Flow& flow);
  int unacceptable(const Message& request, std::string& headers) const;
  // Where a request of that size goes: a large one by TCP rather than in a datagram (RFC 3261 §18.1.1),
  // unless its target insists on datagrams.
  Flow flow_for(const Flow& flow, size_t bytes, std::string_view target) const;
  void acknowledge_and_end(const Message& response, const Flow& flow);

  Session* find(SessionId id) const;
  Session* find_by_tag(std::string_view local_tag) const;
  Session& add_session();
  void remove(Session& session);
  std::string random_text();
  std::string retry_after() const;

  const UserAgentConfig config;
  UserAgentPorts ports;
  Transactions transactions;
  CallGate gate;
  std::unordered_map<uint64_t, std::unique_ptr<Session>> sessions;
  std::unordered_map<std::string_view, Session*> by_tag;
  std::unordered_map<uint64_t, Session*> by_invite;  // server transactions of INVITEs not answered
  std::vector<std::unique_ptr<Session>> dead;
  // What sources that nobody knows have been answered since they last showed a right password.
  struct Refusals {
    size_t refused = 0;
    size_t challenged = 0;
    base::TimePoint last;
  };
  std::unordered_map<Address, Refusals> refusals;
  std::unordered_map<uint32_t, size_t> refused_connections;  // wrong passwords over each that is open
  base::TimerId sweep = base::TimerId::None;
  UserAgentCounts counts;
  uint64_t next_id = 1;
};

// Marks the owner of a client transaction that belongs to UserAgent::request(), not to a session.
inline constexpr uint64_t kOutsideRequest = uint64_t{1} << 63;
inline constexpr std::string_view kAllow =
    "INVITE, ACK, BYE, CANCEL, OPTIONS, PRACK, UPDATE, INFO, REFER, NOTIFY, REGISTER";
inline constexpr std::string_view kSupported = "timer, 100rel, replaces";
inline constexpr std::string_view kSdpType = "application/sdp";
std::string header_lines(const std::vector<ExtraHeader>& headers);
std::string header_line(HeaderName name, std::string_view value);

}  // namespace sotto::sip
