#pragma once

#include <memory>
#include <unordered_map>

#include "directory/snapshot.h"
#include "telephony/trunk_registration.h"

namespace sotto::telephony {

// The state of every trunk in the directory. Control thread.
class TrunkBook final : public TrunkHealth {
 public:
  struct Status {
    directory::TrunkId id;
    std::string name;
    bool alive = true;
    bool registers = false;
    bool registered = false;
  };

  explicit TrunkBook(TrunkPorts ports) : ports_(std::move(ports)) {}
  // Trunks that are as they were go on as they are; the others begin anew.
  void set_directory(const directory::Snapshot& snapshot);
  std::vector<Status> list() const;

  bool is_alive(directory::TrunkId trunk) const override;
  std::optional<directory::TrunkId> registered_at(const sip::Address& address) const override;
  void on_response(uint64_t request, int status, const sip::Message* message) override;

 private:
  struct Entry {
    directory::Trunk trunk;
    std::unique_ptr<TrunkProbe> probe;                // of a trunk that is to be probed
    std::unique_ptr<TrunkRegistration> registration;  // of a trunk that wants one
  };
  const TrunkPorts ports_;
  std::unordered_map<directory::TrunkId, Entry> entries_;
};

}  // namespace sotto::telephony
