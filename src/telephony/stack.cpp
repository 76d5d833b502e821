#include "telephony/stack.h"

#include <boost/asio/posix/stream_descriptor.hpp>
#include <unistd.h>

#include "telephony/addresses.h"

namespace sotto::telephony {

// The media engine's events wake the loop through a descriptor.
struct Stack::MediaWatch {
  explicit MediaWatch(net::Loop& loop, int fd) : descriptor(loop.context(), fd) {}
  ~MediaWatch() { *alive = false; }
  asio::posix::stream_descriptor descriptor;
  std::shared_ptr<bool> alive = std::make_shared<bool>(true);
};

namespace {

constexpr std::chrono::seconds kSweepInterval{10};

// Where we reach ourselves.
sip::Address loop_address(net::Endpoint listening) {
  if (listening.address.is_unspecified()) {
    listening.address = listening.address.is_v6() ? net::Address(asio::ip::address_v6::loopback())
                                                  : net::Address(asio::ip::address_v4::loopback());
  }
  return to_sip(listening);
}

}  // namespace

Stack::Stack(net::Loop& loop, const StackSettings& settings, MediaControl::Ports ports)
    : loop_(loop), media_(ports), gateway_(settings.gateway, {loop, random_, media_, this}) {}

Stack::~Stack() {
  loop_.timers().stop(sweep_);
  media_watch_.reset();
}

Result<std::unique_ptr<Stack>> Stack::start(net::Loop& loop, const StackSettings& settings,
                                            MediaControl::Ports ports) {
  std::unique_ptr<Stack> stack(new Stack(loop, settings, ports));
  if (auto opened = stack->open(settings); !opened) return fail(opened.error());
  return stack;
}

Result<void> Stack::open(const StackSettings& settings) {
  auto engine = media::Engine::start(settings.media, media_);
  if (!engine) return fail(engine.error());
  engine_ = std::move(*engine);
  auto transports = Transports::open(
      loop_, settings.sip_transports,
      {[this](const sip::Flow& flow, base::ByteView bytes) { user_agent_->receive(flow, bytes); },
       [this](uint32_t connection) { user_agent_->connection_closed(connection); }});
  if (!transports) return fail(transports.error());
  transports_ = std::move(*transports);
  sound_lag_ = std::make_unique<SoundLag>(loop_.timers(), [this] { return engine_->counters(); });
  transports_->watch_sound([this] { return sound_lag_->late(); });
  auto dns = net::Dns::create(loop_, settings.dns);
  if (!dns) return fail(dns.error());
  locator_ = std::make_unique<Locator>(loop_, std::move(*dns), random_,
                                       [this](const sip::Address& peer, const std::string& host) {
                                         transports_->streams().expect_name(peer, host);
                                       });
  switchboard_ =
      std::make_unique<call::Switchboard>(gateway_, media_, loop_.timers(), loop_.clock(), random_);
  registrar_ = std::make_unique<sip::Registrar>(
      *this, random_, settings.realm.empty() ? settings.gateway.domain : settings.realm,
      sip::Registrar::Changed{}, settings.challenges);
  user_agent_ = std::make_unique<sip::UserAgent>(
      settings.sip,
      sip::UserAgentPorts{loop_.timers(), random_, *transports_, gateway_, &gateway_, registrar_.get()});
  media_.connect(*engine_, *switchboard_);
  media_.set_later([this](std::function<void()> what) { loop_.post(std::move(what)); });
  switchboard_->add_sink(media_.socket_audio());
  trunks_ = std::make_unique<TrunkBook>(
      TrunkPorts{loop_.timers(), random_, *user_agent_, *transports_, *locator_, settings.gateway.domain});
  gateway_.connect(
      *user_agent_, *switchboard_,
      {loop_address(transports_->udp_address()), locator_.get(), trunks_.get(), &transports_->trace()});
  media_watch_ = std::make_unique<MediaWatch>(loop_, ::dup(engine_->event_fd()));
  watch_media();
  sweep_ = loop_.timers().start(kSweepInterval, *this, 0);
  return {};
}

void Stack::watch_media() {
  media_watch_->descriptor.async_wait(
      asio::posix::stream_descriptor::wait_read,
      [this, alive = media_watch_->alive](const boost::system::error_code& error) {
        if (!*alive || error == asio::error::operation_aborted) return;
        engine_->poll();
        watch_media();
      });
}

void Stack::set_directory(std::shared_ptr<const directory::Snapshot> snapshot) {
  directory_ = snapshot;
  trunks_->set_directory(*snapshot);
  gateway_.set_directory(std::move(snapshot));
}

std::vector<sip::Binding> Stack::registrations(const std::string& user) const {
  return registrar_->bindings(user, loop_.timers().now());
}

void Stack::on_timer(uint64_t) {
  registrar_->expire(loop_.timers().now());
  sweep_ = loop_.timers().start(kSweepInterval, *this, 0);
}

std::vector<PhoneLocator::Contact> Stack::contacts(const std::string& user) const {
  std::vector<Contact> out;
  for (const sip::Binding& binding : registrations(user)) {
    out.push_back({binding.uri, binding.flow});
  }
  return out;
}

std::optional<std::string> Stack::ha1(std::string_view user, std::string_view,
                                      sip::DigestAlgorithm algorithm) {
  const directory::Phone* phone = directory_ ? directory_->phone_by_user(user) : nullptr;
  if (phone == nullptr) return std::nullopt;
  const auto it = phone->ha1.find(std::string(to_string(algorithm)));
  if (it == phone->ha1.end()) return std::nullopt;
  return it->second;
}

}  // namespace sotto::telephony
