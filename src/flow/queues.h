#pragma once

#include <map>
#include <string>
#include <vector>

#include "flow/core.h"

namespace sotto::flow {

class EnqueueRun;
class DequeueRun;

// Who waits in which queue, and who waits to take one out.
class Queues {
 public:
  explicit Queues(Core& core) : core_(core) {}

  void add(const std::string& name) { queues_[name]; }
  bool exists(const std::string& name) const { return queues_.contains(name); }
  size_t length(const std::string& name) const;  // those already taken are not counted
  void remove(const std::string& name);          // unless it is in use
  std::vector<std::string> names() const;
  std::vector<QueueEntry> entries(const std::string& name) const;
  size_t position(const EnqueueRun& waiting) const;  // 1 is next
  EnqueueRun* find(LegId leg) const;

  void enter(EnqueueRun& waiting);
  void leave(EnqueueRun& waiting);
  void seek(DequeueRun& taker);  // the head, now or when there is one
  void stop_seeking(DequeueRun& taker);
  void match(const std::string& name);

 private:
  struct Queue {
    std::vector<EnqueueRun*> waiting;  // in order
    std::vector<DequeueRun*> takers;   // in order
  };

  Core& core_;
  std::map<std::string, Queue> queues_;
};

}  // namespace sotto::flow
