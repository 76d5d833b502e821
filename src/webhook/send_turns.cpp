#include "webhook/send_turns.h"

#include "base/check.h"

namespace sotto::webhook {

void SendTurns::add(std::string_view receiver, uint64_t item) {
  Receiver& found = receivers_[std::string(receiver)];
  if (found.name.empty()) found.name = receiver;
  found.waiting.push_back(item);
  consider(found);
}

void SendTurns::consider(Receiver& receiver) {
  if (receiver.in_turn || receiver.waiting.empty() || receiver.under_way >= sends_per_receiver_max_) return;
  receiver.in_turn = true;
  turns_.push_back(&receiver);
}

std::optional<uint64_t> SendTurns::next() {
  if (turns_.empty() || under_way_ >= sends_max_) return std::nullopt;
  Receiver& receiver = *turns_.front();
  turns_.pop_front();
  receiver.in_turn = false;
  const uint64_t item = receiver.waiting.front();
  receiver.waiting.pop_front();
  ++receiver.under_way;
  ++under_way_;
  consider(receiver);
  return item;
}

void SendTurns::end(std::string_view receiver) {
  const auto found = receivers_.find(std::string(receiver));
  CHECK(found != receivers_.end() && found->second.under_way > 0);
  --found->second.under_way;
  --under_way_;
  consider(found->second);
  if (found->second.under_way == 0 && found->second.waiting.empty()) receivers_.erase(found);
}

}  // namespace sotto::webhook
