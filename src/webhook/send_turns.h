#pragma once

#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace sotto::webhook {

// Who may send next: receivers in turn, each with a bounded number of sends under way, so that one which is
// slow or dead holds up nobody else. Items are what the owner names his senders by.
class SendTurns {
 public:
  SendTurns(size_t sends_max, size_t sends_per_receiver_max)
      : sends_max_(sends_max), sends_per_receiver_max_(sends_per_receiver_max) {}

  void add(std::string_view receiver, uint64_t item);
  // The next to send, which then counts as under way until end(); none when all slots are taken.
  std::optional<uint64_t> next();
  // A send to that receiver has ended.
  void end(std::string_view receiver);

  size_t under_way() const { return under_way_; }

 private:
  struct Receiver {
    std::string name;
    size_t under_way = 0;
    bool in_turn = false;
    std::deque<uint64_t> waiting;
  };
  void consider(Receiver& receiver);

  const size_t sends_max_;
  const size_t sends_per_receiver_max_;

  std::unordered_map<std::string, Receiver> receivers_;  // with something waiting or under way
  std::deque<Receiver*> turns_;                          // with something waiting and a free slot
  size_t under_way_ = 0;
};

}  // namespace sotto::webhook
