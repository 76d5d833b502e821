#pragma once

#include <functional>
#include <optional>

#include "base/timers.h"
#include "directory/model.h"
#include "sip/user_agent.h"
#include "telephony/gateway.h"

namespace sotto::telephony {

// What probes and registrations of trunks work with. All outlive them.
struct TrunkPorts {
  base::Timers& timers;
  base::Random& random;
  sip::UserAgent& user_agent;
  const sip::Transport& transport;
  HostLocator& hosts;
  std::string domain;  // host part of our From
};

// Asks one trunk by OPTIONS whether it is there: it is dead when none of its hosts answers, and alive again
// with the first answer. Control thread.
class TrunkProbe final : private base::TimerSink {
 public:
  TrunkProbe(TrunkPorts ports, directory::Trunk trunk);
  ~TrunkProbe() override;
  TrunkProbe(const TrunkProbe&) = delete;

  bool alive() const { return alive_; }
  const directory::Trunk& trunk() const { return trunk_; }
  // True if the response was to one of its own.
  bool on_response(uint64_t request, int status, const sip::Message* message);

 private:
  enum Timer : uint64_t { Probe, Judge };
  void on_timer(uint64_t token) override;
  void probe();
  void ask(const HostSpec& host, const sip::Flow& flow);
  void set_alive(bool alive);

  const TrunkPorts ports_;
  const directory::Trunk trunk_;
  bool alive_ = true;
  bool answered_ = false;  // in this round
  std::vector<uint64_t> asked_;
  base::TimerId timers_[2] = {};
  std::shared_ptr<bool> here_ = std::make_shared<bool>(true);  // false: a host was located too late
};

}  // namespace sotto::telephony
