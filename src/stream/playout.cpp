#include "stream/playout.h"

#include "base/limits.h"

namespace sotto::stream {

Playout::Playout(std::shared_ptr<media::StreamRing> ring, std::chrono::milliseconds waiting_max)
    : ring_(std::move(ring)),
      samples_max_(static_cast<size_t>(ring_->rate_hz()) * static_cast<size_t>(waiting_max.count()) / 1000) {}

size_t Playout::add(std::vector<int16_t> samples) {
  const size_t room = samples_max_ - std::min(samples_, samples_max_);
  const size_t lost = samples.size() - std::min(room, samples.size());
  samples.resize(samples.size() - lost);
  samples_ += samples.size();
  if (!samples.empty()) waiting_.emplace_back(std::move(samples));
  return lost;
}

bool Playout::mark(std::string name) {
  if (marks_ >= base::limits::kStreamMarksMax) return false;
  ++marks_;
  waiting_.emplace_back(std::move(name));
  return true;
}

std::vector<std::string> Playout::clear() {
  std::vector<std::string> marks;
  for (Passing& each : passing_) marks.push_back(std::move(each.mark));
  for (auto& each : waiting_) {
    if (auto* mark = std::get_if<std::string>(&each)) marks.push_back(std::move(*mark));
  }
  passing_.clear();
  waiting_.clear();
  begun_ = samples_ = marks_ = 0;
  ring_->clear();
  return marks;
}

std::vector<std::string> Playout::step() {
  while (!waiting_.empty()) {
    if (auto* mark = std::get_if<std::string>(&waiting_.front())) {
      passing_.push_back({ring_->written(), std::move(*mark)});
    } else {
      const auto left = std::span(std::get<std::vector<int16_t>>(waiting_.front())).subspan(begun_);
      const size_t written = ring_->write(left);
      samples_ -= written;
      begun_ += written;
      if (written < left.size()) break;
      begun_ = 0;
    }
    waiting_.pop_front();
  }
  std::vector<std::string> reached;
  while (!passing_.empty() && passing_.front().at <= ring_->passed()) {
    reached.push_back(std::move(passing_.front().mark));
    passing_.pop_front();
    --marks_;
  }
  return reached;
}

}  // namespace sotto::stream
