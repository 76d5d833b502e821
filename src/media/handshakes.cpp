#include "media/handshakes.h"

#include <algorithm>
#include <cstring>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "media/signal.h"
#include "rtp/packet.h"
#include "rtp/stun.h"

namespace sotto::media {
namespace {

using namespace std::chrono_literals;

constexpr auto kConsentMax = 30s;  // RFC 7675 §5.1
constexpr base::Duration kPatience = 1s;
constexpr size_t kValidatedMax = 4;

rtp::StunAddress stun_address(const SocketAddress& address) {
  rtp::StunAddress out{.ipv6 = address.family() == AF_INET6, .port = address.port()};
  if (out.ipv6) {
    sockaddr_in6 raw{};
    std::memcpy(&raw, address.raw(), sizeof(raw));
    std::memcpy(out.ip.data(), &raw.sin6_addr, sizeof(raw.sin6_addr));
  } else {
    sockaddr_in raw{};
    std::memcpy(&raw, address.raw(), sizeof(raw));
    std::memcpy(out.ip.data(), &raw.sin_addr, sizeof(raw.sin_addr));
  }
  return out;
}

void send_to(int socket, const SocketAddress& to, base::ByteView datagram) {
  // Lost or refused, it is sent again: by the far end's check, or by the handshake's timer.
  [[maybe_unused]] const ssize_t sent =
      ::sendto(socket, datagram.data(), datagram.size(), MSG_DONTWAIT, to.raw(), to.length());
}

}  // namespace

HandOver::HandOver(Descriptor event, size_t media_threads) : event_(std::move(event)) {
  for (size_t i = 0; i < media_threads; ++i) rings_.push_back(std::make_unique<Ring>());
}

bool HandOver::take(Handed& handed) noexcept {
  return std::any_of(rings_.begin(), rings_.end(), [&](const auto& ring) { return ring->pop(handed); });
}

Result<std::unique_ptr<HandOver>> HandOver::create(size_t media_threads) {
  Descriptor event(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
  if (event.get() < 0) return fail(ErrorCode::Io, "cannot make an eventfd");
  return std::unique_ptr<HandOver>(new HandOver(std::move(event), media_threads));
}

void HandOver::give(size_t media_thread, Handle leg, const SocketAddress& from,
                    base::ByteView datagram) noexcept {
  Handed handed;
  handed.leg = leg;
  handed.from = from;
  handed.size = std::min(datagram.size(), handed.bytes.size());
  std::memcpy(handed.bytes.data(), datagram.data(), handed.size);
  if (rings_[media_thread]->push(std::move(handed))) wake();
}

void HandOver::wake() noexcept {
  signal(event_.get());
}

Result<std::unique_ptr<Handshakes>> Handshakes::start(HandOver& hand_over, int news_event) {
  auto identity = DtlsIdentity::create();
  if (!identity) return fail(identity.error());
  std::unique_ptr<Handshakes> self(new Handshakes(hand_over, news_event, std::move(*identity)));
  self->thread_ = std::thread([thread = self.get()] { thread->run(); });
  return self;
}

Handshakes::~Handshakes() {
  stopping_.store(true, std::memory_order_release);
  hand_over_.wake();
  if (thread_.joinable()) thread_.join();
}

// ---- control thread

void Handshakes::open(const Leg& leg) {
  Open task{.handle = leg.handle};
  task.party.id = leg.id;
  task.party.socket = Descriptor(::fcntl(leg.socket, F_DUPFD_CLOEXEC, 0));
  task.party.remote = leg.remote;
  task.party.settings = leg.settings;
  post(std::move(task));
}

void Handshakes::close(const LegId& leg) {
  post(Close{leg});
}

void Handshakes::post(Task task) {
  {
    const std::lock_guard lock(mutex_);
    tasks_.push_back(std::move(task));
  }
  hand_over_.wake();
}

std::vector<Handshakes::News> Handshakes::take_news() {
  const std::lock_guard lock(mutex_);
  return std::exchange(news_, {});
}

// ---- the thread

void Handshakes::run() {
  pthread_setname_np(pthread_self(), "sotto-dtls");
  Handed handed;
  while (!stopping_.load(std::memory_order_acquire)) {
    pollfd wait{.fd = hand_over_.event(), .events = POLLIN, .revents = 0};
    const base::Duration left = patience();
    const timespec timeout{.tv_sec = left / 1s, .tv_nsec = (left % 1s).count()};
    ::ppoll(&wait, 1, &timeout, nullptr);
    uint64_t signals = 0;
    // Nothing to read is as good: the ring and the tasks are looked at whatever it says.
    [[maybe_unused]] const ssize_t size = ::read(hand_over_.event(), &signals, sizeof(signals));
    run_tasks();
    while (hand_over_.take(handed)) on_handed(handed);
    on_time();
  }
}

base::Duration Handshakes::patience() const {
  base::Duration least = kPatience;
  for (const auto& [index, party] : parties_) {
    const auto left = party.association == nullptr ? std::nullopt : party.association->next_timeout();
    if (left) least = std::min<base::Duration>(least, *left);
  }
  return least;
}

void Handshakes::run_tasks() {
  std::vector<Task> tasks;
  {
    const std::lock_guard lock(mutex_);
    tasks.swap(tasks_);
  }
  for (Task& task : tasks) {
    std::visit([&](auto& one) { run_task(one); }, task);
  }
}

void Handshakes::run_task(Open& task) {
  Party& party = parties_[task.handle.index] = std::move(task.party);
  handles_[party.id] = task.handle;
  party.consent_at = clock_.now();
  const auto role = party.settings.active ? DtlsAssociation::Role::Client : DtlsAssociation::Role::Server;
  auto association = DtlsAssociation::create(*identity_, role, party.settings.fingerprint);
  if (!association) return tell(Failed{party.id, association.error().detail});
  party.association = std::move(*association);
  if (!party.settings.ice && party.remote.valid()) begin(party);
}

void Handshakes::run_task(const Close& task) {
  const auto found = handles_.find(task.leg);
  if (found == handles_.end()) return;
  parties_.erase(found->second.index);
  handles_.erase(found);
}

void Handshakes::begin(Party& party) {
  if (party.settings.active) send(party, party.association->start());
}

void Handshakes::on_handed(const Handed& handed) {
  const auto found = parties_.find(handed.leg.index);
  if (found == parties_.end()) return;
  Party& party = found->second;
  if (!(handles_.at(party.id) == handed.leg) || party.association == nullptr) return;
  const base::ByteView datagram = base::ByteView(handed.bytes).first(handed.size);
  if (rtp::classify(datagram) == rtp::PacketKind::Stun) return on_check(party, datagram, handed.from);
  const auto& validated = party.validated;
  if (party.settings.ice && std::find(validated.begin(), validated.end(), handed.from) == validated.end())
    return;
  party.remote = handed.from;
  send(party, party.association->on_datagram(datagram));
  look_at(party);
}

void Handshakes::on_check(Party& party, base::ByteView datagram, const SocketAddress& from) {
  if (!party.settings.ice) return;
  const rtp::IceCredentials ours{.user_fragment = party.settings.ice->user_fragment,
                                 .password = party.settings.ice->password};
  const auto answer = rtp::answer_check(datagram, stun_address(from), ours);
  if (!answer) return;
  send_to(party.socket.get(), from, answer->datagram);
  if (!answer->valid) return;
  party.consent_at = clock_.now();
  party.consent_lost = false;
  const bool first = party.validated.empty();
  if (std::find(party.validated.begin(), party.validated.end(), from) == party.validated.end()) {
    if (party.validated.size() == kValidatedMax) party.validated.erase(party.validated.begin());
    party.validated.push_back(from);
  }
  if (!(first || (answer->nominated && !(party.remote == from)))) return;
  party.remote = from;
  tell(Validated{party.id, from});
  if (first) begin(party);
}

void Handshakes::on_time() {
  const base::TimePoint now = clock_.now();
  for (auto& [index, party] : parties_) {
    if (party.association == nullptr) continue;
    const auto left = party.association->next_timeout();
    if (left && left->count() <= 0) send(party, party.association->on_time());
    look_at(party);
    if (!party.settings.ice || party.consent_lost || now - party.consent_at < kConsentMax) continue;
    party.consent_lost = true;
    tell(ConsentLost{party.id});
  }
}

void Handshakes::send(const Party& party, const DtlsAssociation::Datagrams& datagrams) const {
  if (!party.remote.valid()) return;
  for (const base::Bytes& datagram : datagrams) send_to(party.socket.get(), party.remote, datagram);
}

void Handshakes::look_at(Party& party) {
  if (party.told || party.association->state() == DtlsAssociation::State::Shaking) return;
  party.told = true;
  if (party.association->state() == DtlsAssociation::State::Done) {
    tell(Secured{party.id, party.association->keys()});
  } else {
    tell(Failed{party.id, party.association->error()});
  }
}

void Handshakes::tell(News news) {
  {
    const std::lock_guard lock(mutex_);
    news_.push_back(std::move(news));
  }
  signal(news_event_);
}

}  // namespace sotto::media
