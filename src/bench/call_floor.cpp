#include "bench/call_floor.h"

#include <array>
#include <chrono>

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench/loopback.h"
#include "media/port_pool.h"

namespace sotto::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr auto kStallMax = std::chrono::seconds(30);
constexpr size_t kBatch = 32;  // as the server reads
constexpr size_t kDatagramMax = 2048;
constexpr int kBufferBytes = 1024 * 1024;  // of a socket, as the server's

// In bytes, as `bench calls` and the server send them; by its size each is known.
constexpr size_t kInvite = 700, kAnswer = 870, kAck = 367, kBye = 388, kByeAnswer = 362;

// On 127.0.0.1; not valid if there is none.
media::Descriptor open_socket() {
  media::Descriptor opened(::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  const sockaddr_in address = loopback(0);
  if (::setsockopt(opened.get(), SOL_SOCKET, SO_RCVBUF, &kBufferBytes, sizeof(kBufferBytes)) != 0 ||
      ::bind(opened.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0)
    return media::Descriptor();
  return opened;
}

uint16_t port_of(const media::Descriptor& opened) {
  sockaddr_in address{};
  socklen_t size = sizeof(address);
  return ::getsockname(opened.get(), reinterpret_cast<sockaddr*>(&address), &size) == 0
             ? ntohs(address.sin_port)
             : uint16_t{0};
}

bool send(const media::Descriptor& from, size_t size, const sockaddr_in& to) {
  static constexpr std::array<char, kDatagramMax> bytes{};
  return ::sendto(from.get(), bytes.data(), size, 0, reinterpret_cast<const sockaddr*>(&to), sizeof(to)) ==
         static_cast<ssize_t>(size);
}

// What came together, by one system call.
class Batch {
 public:
  Batch() {
    for (size_t i = 0; i < kBatch; ++i) {
      parts_[i] = {bytes_[i].data(), bytes_[i].size()};
      headers_[i].msg_hdr = {.msg_name = &from_[i],
                             .msg_namelen = sizeof(from_[i]),
                             .msg_iov = &parts_[i],
                             .msg_iovlen = 1,
                             .msg_control = nullptr,
                             .msg_controllen = 0,
                             .msg_flags = 0};
    }
  }
  Batch(const Batch&) = delete;

  template <typename Take>
  void receive(const media::Descriptor& at, const Take& take) {
    const int count = ::recvmmsg(at.get(), headers_.data(), kBatch, MSG_DONTWAIT, nullptr);
    for (int i = 0; i < count; ++i)
      take(size_t{headers_[static_cast<size_t>(i)].msg_len}, from_[static_cast<size_t>(i)]);
  }

 private:
  std::array<std::array<char, kDatagramMax>, kBatch> bytes_{};
  std::array<sockaddr_in, kBatch> from_{};
  std::array<iovec, kBatch> parts_{};
  std::array<mmsghdr, kBatch> headers_{};
};

// Until it is killed.
int serve(int pipe) {
  const media::Descriptor own = open_socket();
  const uint16_t port = port_of(own);
  if (port == 0 || ::write(pipe, &port, sizeof(port)) != sizeof(port)) return 1;
  Batch batch;
  while (true) {
    pollfd wait{.fd = own.get(), .events = POLLIN, .revents = 0};
    if (::poll(&wait, 1, -1) < 0) return 1;
    batch.receive(own, [&](size_t size, const sockaddr_in& from) {
      if (size == kAck) return;
      [[maybe_unused]] const bool sent = send(own, size == kInvite ? kAnswer : kByeAnswer, from);
    });
  }
}

}  // namespace

Result<CallFloor> CallFloor::start(int cpu) {
  auto child = Child::start(cpu, serve);
  if (!child) return fail(child.error());
  uint16_t port = 0;
  if (auto up = child->read(&port, sizeof(port)); !up) return fail(up.error());
  return CallFloor(std::move(*child), port);
}

// A datagram that is lost would be a call that is not over: told as one that stalls.
Result<double> CallFloor::measure(size_t calls, size_t at_once) {
  const media::Descriptor own = open_socket();
  const sockaddr_in server = loopback(port_);
  Batch batch;
  size_t begun = 0, ended = 0;
  bool sent = own.get() >= 0;
  const auto begin = [&] { sent = sent && (begun >= calls || (++begun, send(own, kInvite, server))); };
  const double before = cpu_seconds(child_.process());
  const auto give_up = Clock::now() + kStallMax;
  for (size_t i = 0; i < at_once; ++i) begin();
  while (ended < calls && sent && Clock::now() < give_up) {
    batch.receive(own, [&](size_t size, const sockaddr_in&) {
      if (size == kAnswer) {
        sent = sent && send(own, kAck, server) && send(own, kBye, server);
      } else {
        ++ended;
        begin();
      }
    });
  }
  if (ended < calls) return fail(ErrorCode::TimedOut, "the kernel's own calls stall");
  return (cpu_seconds(child_.process()) - before) / static_cast<double>(calls);
}

}  // namespace sotto::bench
