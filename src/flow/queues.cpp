#include "flow/queues.h"

#include <algorithm>

#include "flow/steps/queue_runs.h"

namespace sotto::flow {

size_t Queues::length(const std::string& name) const {
  const auto it = queues_.find(name);
  if (it == queues_.end()) return 0;
  return static_cast<size_t>(std::count_if(it->second.waiting.begin(), it->second.waiting.end(),
                                           [](const EnqueueRun* each) { return !each->taken(); }));
}

void Queues::remove(const std::string& name) {
  const auto it = queues_.find(name);
  if (it != queues_.end() && it->second.waiting.empty() && it->second.takers.empty()) queues_.erase(it);
}

std::vector<std::string> Queues::names() const {
  std::vector<std::string> names;
  for (const auto& [name, queue] : queues_) names.push_back(name);
  return names;
}

std::vector<QueueEntry> Queues::entries(const std::string& name) const {
  std::vector<QueueEntry> entries;
  const auto it = queues_.find(name);
  if (it == queues_.end()) return entries;
  for (const EnqueueRun* each : it->second.waiting) {
    if (each->taken()) continue;
    entries.push_back(QueueEntry{each->leg(), each->spec().tag, each->since(), entries.size() + 1});
  }
  return entries;
}

size_t Queues::position(const EnqueueRun& waiting) const {
  const auto it = queues_.find(waiting.spec().queue);
  size_t position = 1;
  if (it == queues_.end()) return position;
  for (const EnqueueRun* each : it->second.waiting) {
    if (each == &waiting) break;
    if (!each->taken()) ++position;
  }
  return position;
}

EnqueueRun* Queues::find(LegId leg) const {
  for (const auto& [name, queue] : queues_) {
    for (EnqueueRun* each : queue.waiting) {
      if (each->leg() == leg) return each;
    }
  }
  return nullptr;
}

void Queues::enter(EnqueueRun& waiting) {
  queues_[waiting.spec().queue].waiting.push_back(&waiting);
  match(waiting.spec().queue);
}

void Queues::leave(EnqueueRun& waiting) {
  const auto it = queues_.find(waiting.spec().queue);
  if (it != queues_.end()) std::erase(it->second.waiting, &waiting);
}

void Queues::seek(DequeueRun& taker) {
  queues_[taker.spec().queue].takers.push_back(&taker);
  match(taker.spec().queue);
}

void Queues::stop_seeking(DequeueRun& taker) {
  const auto it = queues_.find(taker.spec().queue);
  if (it != queues_.end()) std::erase(it->second.takers, &taker);
}

void Queues::match(const std::string& name) {
  Queue& queue = queues_[name];
  while (!queue.takers.empty()) {
    const auto head = std::find_if(queue.waiting.begin(), queue.waiting.end(), [this](EnqueueRun* each) {
      return !each->taken() && core_.live(each->leg()) != nullptr;
    });
    if (head == queue.waiting.end()) return;
    DequeueRun* taker = queue.takers.front();
    queue.takers.erase(queue.takers.begin());
    taker->take(**head);
  }
}

}  // namespace sotto::flow
