#include "net/dns.h"

#include <map>

#include <ares.h>
#include <arpa/nameser.h>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <netdb.h>

#include "net/one_shot.h"

namespace sotto::net {
namespace {

constexpr auto kTick = std::chrono::milliseconds(100);  // between two looks at what has timed out

// The library's own tables, once for the process.
int initialise_library() {
  static const int done = ares_library_init(ARES_LIB_INIT_ALL);
  return done;
}

Error error_of(int status) {
  const bool none = status == ARES_ENOTFOUND || status == ARES_ENODATA;
  return {none ? ErrorCode::NotFound : ErrorCode::Unreachable, std::string("DNS: ") + ares_strerror(status)};
}

// A question that waits: the library owns one share until it has answered, the asker the other.
template <typename T>
struct Question {
  explicit Question(asio::io_context& context) : answer(context) {}
  OneShot<Result<T>> answer;
};
template <typename T>
using Asked = std::shared_ptr<Question<T>>;

// The library's share, as the argument that it hands back.
template <typename T>
void* give(const Asked<T>& asked) {
  return std::make_unique<Asked<T>>(asked).release();
}
template <typename T>
Asked<T> take_back(void* argument) {
  const std::unique_ptr<Asked<T>> share(static_cast<Asked<T>*>(argument));
  return *share;
}

using Addresses = std::vector<AddressRecord>;
using Services = std::vector<ServiceRecord>;
using Namings = std::vector<NamingRecord>;

void on_addresses(void* argument, int status, int, ares_addrinfo* found) {
  const auto asked = take_back<Addresses>(argument);
  const std::unique_ptr<ares_addrinfo, decltype(&ares_freeaddrinfo)> owner(found, ares_freeaddrinfo);
  if (status != ARES_SUCCESS) return asked->answer.set(fail(error_of(status)));
  Addresses out;
  for (const ares_addrinfo_node* node = found->nodes; node != nullptr; node = node->ai_next)
    out.push_back({endpoint_of(*node->ai_addr).address, std::chrono::seconds(std::max(node->ai_ttl, 0))});
  asked->answer.set(std::move(out));
}

void on_services(void* argument, int status, int, unsigned char* bytes, int size) {
  const auto asked = take_back<Services>(argument);
  ares_srv_reply* first = nullptr;
  if (status == ARES_SUCCESS) status = ares_parse_srv_reply(bytes, size, &first);
  if (status != ARES_SUCCESS) return asked->answer.set(fail(error_of(status)));
  const std::unique_ptr<void, decltype(&ares_free_data)> owner(first, ares_free_data);
  Services out;
  for (const ares_srv_reply* one = first; one != nullptr; one = one->next)
    out.push_back({one->priority, one->weight, one->port, one->host});
  asked->answer.set(std::move(out));
}

std::string text_of(const unsigned char* text) {
  return reinterpret_cast<const char*>(text);
}

void on_namings(void* argument, int status, int, unsigned char* bytes, int size) {
  const auto asked = take_back<Namings>(argument);
  ares_naptr_reply* first = nullptr;
  if (status == ARES_SUCCESS) status = ares_parse_naptr_reply(bytes, size, &first);
  if (status != ARES_SUCCESS) return asked->answer.set(fail(error_of(status)));
  const std::unique_ptr<void, decltype(&ares_free_data)> owner(first, ares_free_data);
  Namings out;
  for (const ares_naptr_reply* one = first; one != nullptr; one = one->next) {
    out.push_back(
        {one->order, one->preference, text_of(one->flags), text_of(one->service), one->replacement});
  }
  asked->answer.set(std::move(out));
}

}  // namespace

// The library's sockets on our loop.
struct Dns::Channel {
  explicit Channel(Loop& loop) : context(loop.context()), timer(loop.context()) {}
  ~Channel() { close(); }

  struct Socket {
    explicit Socket(asio::io_context& context, int fd) : descriptor(context, fd) {}
    asio::posix::stream_descriptor descriptor;
    bool reads = false, writes = false;  // waits for it
  };

  static void on_socket(void* data, ares_socket_t fd, int readable, int writable) {
    static_cast<Channel*>(data)->watch(fd, readable != 0, writable != 0);
  }

  void watch(int fd, bool read, bool write) {
    const auto known = sockets.find(fd);
    if (!read && !write) {
      if (known == sockets.end()) return;
      known->second->descriptor.release();  // the library closes it itself
      sockets.erase(known);
      return;
    }
    if (known == sockets.end()) sockets[fd] = std::make_shared<Socket>(context, fd);
    wait(fd, read, write);
  }

  void wait(int fd, bool read, bool write) {
    const std::shared_ptr<Socket> socket = sockets.at(fd);
    if (read && !std::exchange(socket->reads, true)) wait_for(socket, fd, true);
    if (write && !std::exchange(socket->writes, true)) wait_for(socket, fd, false);
  }

  void wait_for(const std::shared_ptr<Socket>& socket, int fd, bool read) {
    const auto what =
        read ? asio::posix::stream_descriptor::wait_read : asio::posix::stream_descriptor::wait_write;
    socket->descriptor.async_wait(what, [this, socket, fd, read](const boost::system::error_code& error) {
      (read ? socket->reads : socket->writes) = false;
      const auto still = error ? sockets.end() : sockets.find(fd);
      if (error || still == sockets.end() || still->second != socket) return;
      ares_process_fd(channel, read ? fd : ARES_SOCKET_BAD, read ? ARES_SOCKET_BAD : fd);
      const auto after = sockets.find(fd);
      if (read && after != sockets.end() && after->second == socket) wait(fd, true, false);
    });
  }

  // Runs while questions wait, for those that time out.
  void tick() {
    if (std::exchange(ticking, true)) return;
    timer.expires_after(kTick);
    timer.async_wait([this](const boost::system::error_code& error) {
      if (error) return;
      ticking = false;
      ares_process_fd(channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
      timeval left{};
      if (ares_timeout(channel, nullptr, &left) != nullptr) tick();
    });
  }

  void close() {
    if (channel == nullptr) return;
    timer.cancel();
    ares_destroy(std::exchange(channel, nullptr));  // answers what waits
    for (auto& [fd, socket] : sockets) socket->descriptor.release();
    sockets.clear();
  }

  asio::io_context& context;
  asio::steady_timer timer;
  ares_channel channel = nullptr;
  std::map<int, std::shared_ptr<Socket>> sockets;
  bool ticking = false;
};

Dns::Dns(std::unique_ptr<Channel> channel) : channel_(std::move(channel)) {}
Dns::~Dns() = default;

Result<std::unique_ptr<Dns>> Dns::create(Loop& loop, const DnsOptions& options) {
  if (const int status = initialise_library(); status != ARES_SUCCESS) return fail(error_of(status));
  auto channel = std::make_unique<Channel>(loop);
  ares_options settings{};
  settings.timeout = static_cast<int>(options.try_time_max.count());
  settings.tries = options.tries;
  settings.sock_state_cb = Channel::on_socket;
  settings.sock_state_cb_data = channel.get();
  int status = ares_init_options(&channel->channel, &settings,
                                 ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_SOCK_STATE_CB);
  if (status == ARES_SUCCESS && !options.servers.empty())
    status = ares_set_servers_ports_csv(channel->channel, options.servers.c_str());
  if (status != ARES_SUCCESS) return fail(ErrorCode::Invalid, "DNS: " + std::string(ares_strerror(status)));
  return std::unique_ptr<Dns>(new Dns(std::move(channel)));
}

void Dns::close() {
  channel_->close();
}

asio::awaitable<Result<Addresses>> Dns::addresses(std::string host) {
  if (channel_->channel == nullptr) co_return fail(ErrorCode::Unreachable, "DNS: closed");
  const auto asked = std::make_shared<Question<Addresses>>(channel_->context);
  ares_addrinfo_hints hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_DGRAM;
  hints.ai_flags = ARES_AI_NOSORT;
  ares_getaddrinfo(channel_->channel, host.c_str(), nullptr, &hints, on_addresses, give(asked));
  channel_->tick();
  auto answer = co_await asked->answer.wait();
  co_return answer;
}

asio::awaitable<Result<Services>> Dns::services(std::string name) {
  if (channel_->channel == nullptr) co_return fail(ErrorCode::Unreachable, "DNS: closed");
  const auto asked = std::make_shared<Question<Services>>(channel_->context);
  ares_query(channel_->channel, name.c_str(), ns_c_in, ns_t_srv, on_services, give(asked));
  channel_->tick();
  auto answer = co_await asked->answer.wait();
  co_return answer;
}

asio::awaitable<Result<Namings>> Dns::namings(std::string name) {
  if (channel_->channel == nullptr) co_return fail(ErrorCode::Unreachable, "DNS: closed");
  const auto asked = std::make_shared<Question<Namings>>(channel_->context);
  ares_query(channel_->channel, name.c_str(), ns_c_in, ns_t_naptr, on_namings, give(asked));
  channel_->tick();
  auto answer = co_await asked->answer.wait();
  co_return answer;
}

}  // namespace sotto::net
