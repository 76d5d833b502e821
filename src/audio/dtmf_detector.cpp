#include "audio/dtmf_detector.h"

#include <spandsp.h>

#include "base/check.h"

namespace sotto::audio {
namespace {

constexpr uint32_t kRateHz = 8'000;
constexpr int kTwistDb = 9;
constexpr int kUnchanged = -99;

}  // namespace

DtmfDetector::DtmfDetector(uint32_t rate_hz) : state_(dtmf_rx_init(nullptr, nullptr, nullptr)) {
  CHECK(state_ != nullptr);
  dtmf_rx_parms(state_.get(), -1, kTwistDb, kTwistDb, kUnchanged);
  dtmf_rx_set_realtime_callback(state_.get(), &DtmfDetector::on_tone, this);
  if (rate_hz != kRateHz) resampler_.emplace(rate_hz, kRateHz);
}

void DtmfDetector::Free::operator()(dtmf_rx_state_s* state) const noexcept {
  dtmf_rx_free(state);
}

void DtmfDetector::on_tone(void* self, int code, int, int) noexcept {
  auto& detector = *static_cast<DtmfDetector*>(self);
  detector.sounding_ = static_cast<char>(code);
  if (code == 0 || detector.queued_ - detector.taken_ == kQueueMax) return;
  detector.queue_[detector.queued_++ % kQueueMax] = static_cast<char>(code);
}

void DtmfDetector::feed_narrow(std::span<const int16_t> samples) noexcept {
  dtmf_rx(state_.get(), samples.data(), static_cast<int>(samples.size()));
}

void DtmfDetector::feed(std::span<const int16_t> samples) noexcept {
  if (!resampler_) return feed_narrow(samples);
  std::array<int16_t, 480> narrow;
  while (!samples.empty()) {
    const Resampler::Step step = resampler_->run(samples, narrow);
    if (step.read == 0 && step.written == 0) return;
    samples = samples.subspan(step.read);
    feed_narrow(std::span(narrow).first(step.written));
  }
}

std::optional<char> DtmfDetector::next_digit() noexcept {
  if (taken_ == queued_) return std::nullopt;
  return queue_[taken_++ % kQueueMax];
}

}  // namespace sotto::audio
