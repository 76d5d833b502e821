#include "stream/session.h"

#include "base/limits.h"
#include "net/deadline.h"

namespace sotto::stream {
namespace {

using namespace std::chrono_literals;

constexpr milliseconds kFrame{20};
constexpr auto kPoll = 10ms;
constexpr uint16_t kNormal = 1000;
constexpr uint16_t kGoingAway = 1001;
constexpr uint16_t kNoCode = 1005;

std::string code_of(const net::DialError& error) {
  const bool late = error.error.code == ErrorCode::TimedOut;
  switch (error.stage) {
    case net::DialStage::Name: return "name";
    case net::DialStage::PrivateTarget: return "private_target";
    case net::DialStage::Connect: return late ? "connect_timeout" : "connect";
    case net::DialStage::Tls: return "tls";
    case net::DialStage::Handshake: break;
  }
  return late ? "handshake_timeout" : "handshake";
}

}  // namespace

Session::Session(net::Loop& loop, net::TaskGroup& tasks, std::shared_ptr<Counters> counters, Parts parts)
    : loop_(loop),
      tasks_(tasks),
      counters_(std::move(counters)),
      rate_hz_(parts.rate_hz),
      stall_max_(parts.stall_max),
      dial_(std::move(parts.dial)),
      framing_(std::move(parts.framing)),
      heard_(std::move(parts.sound.heard)),
      on_news_(std::move(parts.on_news)) {
  if (parts.sound.said != nullptr) playout_.emplace(std::move(parts.sound.said), parts.buffer_max);
  for (uint16_t i = 0; heard_->rate_hz() != rate_hz_ && i < heard_->channels(); ++i) {
    resamplers_.push_back(std::make_unique<audio::Resampler>(heard_->rate_hz(), rate_hz_));
  }
}

void Session::start() {
  tasks_.spawn(run(shared_from_this()));
}

void Session::tell(News::Kind kind, std::string code, std::string detail) {
  if (!on_news_) return;
  const auto on_news = kind >= News::Kind::Closed ? std::exchange(on_news_, nullptr) : on_news_;
  on_news({kind, std::move(code), std::move(detail)});
}

// Once for each code: a server that sends rubbish sends much of it.
void Session::warn(const std::string& code, std::string detail) {
  if (warned_.insert(code).second) tell(News::Kind::Message, code, std::move(detail));
}

asio::awaitable<void> Session::run(std::shared_ptr<Session> self) {
  auto dialled = co_await net::dial_web_socket(self->loop_, std::move(self->dial_));
  if (!dialled) {
    ++self->counters_->failed;
    self->over_ = true;
    self->tell(News::Kind::Failed, code_of(dialled.error()), dialled.error().error.detail);
    co_return;
  }
  self->socket_ = std::move(*dialled);
  if (self->over_) {
    self->tasks_.spawn(say_goodbye(self));
  } else {
    ++self->counters_->opened;
    while (!self->heard_->front().samples.empty())
      self->heard_->release();  // of before there was anybody to hear
    for (Frame& frame : self->framing_->opening()) self->queue(std::move(frame));
    self->tasks_.spawn(write_all(self));
    if (self->playout_) self->tasks_.spawn(play_all(self));
    self->tell(News::Kind::Opened, {}, {});
  }
  while (true) {
    auto frame = co_await self->socket_->read();
    if (!frame) {
      self->end(frame.error());
      co_return;
    }
    if (!self->over_) self->take(*frame);
  }
}

void Session::end(const Error& error) {
  const bool asked = std::exchange(over_, true);
  if (asked && !stalled_) return;
  const uint16_t code = socket_->close_code();
  const bool polite = code == kNormal || code == kGoingAway || code == kNoCode;
  if (stalled_) {
    ++counters_->failed;
    tell(News::Kind::Failed, "slow", "the server took nothing for too long");
  } else if (polite) {
    tell(News::Kind::Closed, "closed", "the server closed the WebSocket with " + std::to_string(code));
  } else {
    ++counters_->failed;
    const bool broke = error.code == ErrorCode::Closed;
    tell(News::Kind::Failed, broke ? "closed" : "malformed", error.detail);
  }
}

// ---- from the server

void Session::take(const Frame& frame) {
  take(framing_->read(frame));
}

void Session::take(Received received) {
  if (const auto* broken = std::get_if<Broken>(&received)) {
    ++counters_->frames_broken;
    return warn(broken->code, broken->detail);
  }
  if (!playout_) return;
  if (auto* samples = std::get_if<Samples>(&received)) {
    const size_t lost = playout_->add(std::move(samples->samples));
    counters_->samples_discarded += lost;
    if (lost > 0) warn("discarded", "sound came faster than it is played, and the buffer is full");
  } else if (auto* mark = std::get_if<Mark>(&received)) {
    if (!playout_->mark(std::move(mark->name))) warn("invalid", "too many marks are waiting");
  } else if (std::holds_alternative<Clear>(received)) {
    const std::vector<std::string> marks = playout_->clear();
    for (Frame& answer : framing_->cleared(marks)) queue(std::move(answer));
  }
}

asio::awaitable<void> Session::play_all(std::shared_ptr<Session> self) {
  while (!self->over_) {
    for (const std::string& mark : self->playout_->step()) self->queue(self->framing_->reached(mark));
    co_await self->loop_.sleep(kPoll);
  }
}

// ---- to the server

void Session::send_digit(char digit, milliseconds length) {
  if (socket_ == nullptr || over_) return;
  if (auto frame = framing_->digit(digit, length)) queue(std::move(*frame));
}

void Session::queue(Frame frame) {
  if (outgoing_.size() >= base::limits::kStreamFramesMax) {
    return warn("slow", "the server does not read what it is sent");
  }
  outgoing_.push_back(std::move(frame));
}

// The one writer, so that whoever waits for a slow server is this and nothing else.
asio::awaitable<void> Session::write_all(std::shared_ptr<Session> self) {
  while (!self->over_) {
    bool sent = true;
    while (sent && !self->over_ && !self->outgoing_.empty()) {
      Frame frame = std::move(self->outgoing_.front());
      self->outgoing_.pop_front();
      sent = co_await self->send(std::move(frame));
    }
    if (sent) sent = co_await self->send_sound();
    if (!sent) co_return;
    co_await self->loop_.sleep(kPoll);
  }
}

// What a slow server makes us lose is left out: it hears what is now rather than everything late.
asio::awaitable<bool> Session::send_sound() {
  std::vector<int16_t> at_rate(rate_hz_ / 50);
  while (!over_ && socket_->queued_bytes() < base::limits::kStreamQueuedBytesMax) {
    const auto block = heard_->front();
    if (block.samples.empty()) break;
    counters_->frames_lost += block.silent_before;
    if (block.silent_before > 0) warn("slow", "the server does not read as fast as sound comes");
    at_ += block.silent_before * kFrame;
    std::vector<Frame> frames;
    const size_t samples = heard_->block_samples();
    for (uint16_t track = 0; track < heard_->channels(); ++track) {
      std::span<const int16_t> said = block.samples.subspan(track * samples, samples);
      if (!resamplers_.empty()) {
        const size_t written = resamplers_[track]->run(said, at_rate).written;
        std::fill(at_rate.begin() + static_cast<ptrdiff_t>(written), at_rate.end(), int16_t{0});
        said = at_rate;
      }
      frames.push_back(framing_->sound(track, said, at_));
    }
    at_ += kFrame;
    heard_->release();
    for (Frame& frame : frames) {
      const bool sent = co_await send(std::move(frame));
      if (!sent) co_return false;
    }
  }
  co_return true;
}

asio::awaitable<bool> Session::send(Frame frame) {
  const net::Deadline late(loop_, stall_max_, [this] {
    stalled_ = true;
    socket_->close_now();
  });
  auto sent = co_await socket_->send(frame.kind, std::move(frame.data));
  co_return sent.has_value();  // where it could not be sent, the reader ends
}

// ---- the end

void Session::close() {
  on_news_ = nullptr;
  if (std::exchange(over_, true) || socket_ == nullptr) return;
  tasks_.spawn(say_goodbye(shared_from_this()));
}

asio::awaitable<void> Session::say_goodbye(std::shared_ptr<Session> self) {
  const net::Deadline late(self->loop_, base::limits::kStreamCloseMax, [&] { self->socket_->close_now(); });
  if (auto frame = self->framing_->closing()) {
    auto sent = co_await self->socket_->send(frame->kind, std::move(frame->data));
    if (!sent) co_return;
  }
  const std::string no_reason;
  co_await self->socket_->close(kNormal, no_reason);
  while (self->socket_->close_code() == 1006 && !late.late()) co_await self->loop_.sleep(kPoll);
}

void Session::abandon() {
  on_news_ = nullptr;
  over_ = true;
  if (socket_ != nullptr) socket_->close_now();
}

}  // namespace sotto::stream
