#pragma once

#include "telephony/trunk_probe.h"

namespace sotto::telephony {

// Keeps us registered with a trunk that wants it: REGISTER with credentials, refreshed before it ends, tried
// again with growing pauses when it fails. Control thread.
class TrunkRegistration final : private base::TimerSink {
 public:
  TrunkRegistration(TrunkPorts ports, directory::Trunk trunk);
  ~TrunkRegistration() override;
  TrunkRegistration(const TrunkRegistration&) = delete;

  bool registered() const { return registered_; }
  // Where we registered: its calls come from there.
  const std::optional<sip::Flow>& registrar() const { return flow_; }
  // True if the response was to its own request.
  bool on_response(uint64_t request, int status, const sip::Message* message);

 private:
  void on_timer(uint64_t) override;
  void send(std::string authorization, bool proxy);
  void succeed(const sip::Message& response);
  void retry_later(int status);

  const TrunkPorts ports_;
  const directory::Trunk trunk_;
  const std::string call_id_;
  std::string host_;
  std::optional<sip::Flow> flow_;
  uint32_t cseq_ = 0;
  uint64_t asked_ = 0;
  bool answered_challenge_ = false;
  bool registered_ = false;
  uint64_t expires_s_ = 0;
  int failures_ = 0;
  base::TimerId timer_ = base::TimerId::None;
  std::shared_ptr<bool> here_ = std::make_shared<bool>(true);
};

}  // namespace sotto::telephony
