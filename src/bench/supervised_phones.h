#pragma once

#include <atomic>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "bench/sip_party.h"
#include "bench/supervised_media.h"

namespace sotto::bench {

// The SIP of all phones of `supervised_bench`: agents and supervisors who register, and customers behind a
// trunk. Each answers whatever rings, at once.
class SupervisedPhones final : private SipParty {
 public:
  // Names of a call's three phones.
  static std::string user(size_t call, Seat seat);       // of agents and supervisors
  static std::string extension(size_t call, Seat seat);  // the same, with the organisation's prefix
  static std::string customer(size_t call);              // a number
  static std::string password(const std::string& user) { return user + "-password"; }

  explicit SupervisedPhones(SupervisedMedia& media) : media_(media) {}  // outlives this
  ~SupervisedPhones() override;

  Result<void> open(size_t calls);
  using SipParty::port;
  // Registers all, then goes on in a thread of its own. Fails where one is refused.
  Result<void> start(uint16_t server_port);

  // Any thread. In ns of the steady clock; 0: not yet.
  int64_t supervisor_rung(size_t call) const { return rung_[call].load(); }
  int64_t supervisor_answered(size_t call) const { return answered_[call].load(); }
  size_t up() const { return up_.load(); }  // legs that are confirmed and have not ended

 private:
  struct Who {
    size_t call;
    Seat seat;
  };
  static std::optional<Who> who(std::string_view user);
  void register_next();
  void send_register(const std::string& user, const std::string& authorization);
  void on_invite(sip::SessionId session, const sip::Invite& invite) override;
  void on_confirmed(sip::SessionId session, std::string_view) override;
  void on_ended(sip::SessionId session, const sip::EndedEvent& ended) override;
  void on_response(uint64_t request, int status, const sip::Message* message) override;

  SupervisedMedia& media_;
  std::vector<std::string> unregistered_;
  std::unordered_map<uint64_t, std::string> registering_;  // users, by request
  std::string refused_;                                    // a user whom the server would not have
  uint16_t server_ = 0;
  struct Session {
    Who who;
    bool confirmed = false;
  };
  std::unordered_map<sip::SessionId, Session> sessions_;
  std::vector<std::atomic<int64_t>> rung_, answered_;
  std::atomic<size_t> up_{0};
  std::thread thread_;
};

}  // namespace sotto::bench
