#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "base/limits.h"
#include "base/time.h"
#include "sip/address.h"

namespace sotto::telephony {

// One SIP message as it went over the wire.
struct TraceMessage {
  base::WallTime at;
  bool sent = false;  // by us
  sip::Protocol protocol = sip::Protocol::Udp;
  sip::Address local;
  sip::Address remote;
  std::string text;
};

// The last messages, for `sotto sip trace`. What only we may know is blotted out of what is read. Made for
// being written to by every message and read by few people: nothing is looked for in a message before it is
// read. Control thread.
class TraceRing {
 public:
  explicit TraceRing(size_t messages_max = base::limits::kSipTraceMessagesMax,
                     size_t bytes_max = base::limits::kSipTraceBytesMax)
      : messages_max_(messages_max), bytes_max_(bytes_max) {}

  void add(TraceMessage message);
  // This SIP Call-ID belongs to the call of that (hexadecimal) id.
  void link(std::string_view sip_call_id, const std::string& call);

  std::vector<TraceMessage> all() const;
  // In order, of every dialog of the call: what is still kept of it. "" for what belongs to no call.
  std::vector<TraceMessage> of_call(std::string_view call) const;
  std::vector<TraceMessage> of_sip_call(std::string_view sip_call_id) const;

 private:
  struct Link {
    std::string sip_call_id;
    std::string call;
  };
  template <typename Wanted>
  std::vector<TraceMessage> select(const Wanted& wanted) const;
  void drop_first();

  const size_t messages_max_;
  const size_t bytes_max_;
  size_t bytes_ = 0;
  std::deque<TraceMessage> kept_;  // as they went over the wire
  std::deque<Link> links_;         // no more than messages: each was linked when one of its own was kept
};

}  // namespace sotto::telephony
