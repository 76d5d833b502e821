#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/random.h"
#include "call/ports.h"
#include "directory/snapshot.h"
#include "sdp/offer_answer.h"
#include "telephony/host_spec.h"

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

struct Target {
  std::string uri;
  sip::Flow flow;
  bool flow_bound = false;
  sdp::Security security = sdp::Security::None;  // of the sound that it is offered
};

// One way to a far end. Several are tried in turn.
struct Way {
  std::vector<Target> together;  // rung at once; the first to answer wins
  std::optional<HostSpec> host;  // instead: to be located first, then each of its addresses is a way to `uri`
  std::string uri;
  std::optional<directory::TrunkId> trunk;
  sdp::Security security = sdp::Security::None;  // of a way that is to be located
  bool loops = false;                            // back into ourselves
};

struct WayOptions {
  const directory::Snapshot& directory;
  const PhoneLocator* phones;  // may be null
  sip::Address loop;           // where we listen ourselves
  base::Random& random;
};

// The directory decides; this puts it into URIs and flows. Fails: Unreachable if nobody is there now,
// NotFound or Unsupported if nothing is meant by it.
Result<std::vector<Way>> ways_to(const call::DialRequest& request, const WayOptions& options);

// What is known of the far end before it is called.
call::FarEnd far_end_of(const call::DialRequest& request, const WayOptions& options);

}  // namespace sotto::telephony
