#include <gtest/gtest.h>
#include <poll.h>

#include "base/random.h"
#include "hearing/delta.h"
#include "hearing/derive.h"
#include "media/dtls_association.h"
#include "media/engine.h"
#include "media/own_loopback.h"
#include "media/port_pool.h"
#include "media/rtp_phone.h"
#include "rtp/srtp_stream.h"
#include "rtp/stun.h"

// Handshakes over real UDP on loopback: with a second engine, and with what a browser does, by OpenSSL's own
// client and checks of ICE.
namespace sotto::media {
namespace {

using namespace std::chrono_literals;

// An engine with one leg, which hears a tone.
struct Side final : EventSink {
  Side(uint16_t port_min, float hz) {
    auto started = Engine::start(
        {.bind_ip = own_loopback(), .port_min = port_min, .port_max = static_cast<uint16_t>(port_min + 19)},
        *this);
    CHECK(started.has_value());
    engine = std::move(*started);
    ports = *engine->open_leg(leg, room);
    const PromptId prompt = PromptId::make(random);
    engine->start_prompt(prompt, room, {.clips = {ToneClip{audio::sine_tone(hz, -20), 0ms}}});
    hearing::Facts facts{.room = room, .members = {{.leg = leg}}, .prompts = {{.id = prompt, .only = leg}}};
    hearing::Plan plan = hearing::derive(facts);
    plan.revision = 1;
    engine->apply(hearing::diff(hearing::Plan{.room = room}, plan));
  }
  void configure(const SocketAddress& remote, DtlsSettings dtls) {
    LegSettings settings{.remote = remote, .rtcp_mux = true};
    settings.protection = std::move(dtls);
    EXPECT_TRUE(engine->configure_leg(leg, settings));
  }
  SocketAddress address() const { return *SocketAddress::parse(own_loopback(), ports.rtp); }
  void poll(std::chrono::milliseconds patience) {
    pollfd event{.fd = engine->event_fd(), .events = POLLIN, .revents = 0};
    ::poll(&event, 1, static_cast<int>(patience.count()));
    engine->poll();
  }
  void on_media_event(const Event& event) override {
    if (const auto* changed = std::get_if<SecurityChanged>(&event)) {
      secured = changed->state == SecurityChanged::State::Secured;
      failed = !secured;
    }
    heard = heard || std::holds_alternative<FirstMedia>(event);
  }

  base::SystemRandom random;
  LegId leg = LegId::make(random);
  RoomId room = RoomId::make(random);
  std::unique_ptr<Engine> engine;
  LocalPorts ports;
  bool secured = false;
  bool failed = false;
  bool heard = false;  // authentic sound, that is: nothing else counts as media
};

TEST(Handshakes, SecureTwoEngines) {
  Side a(32'000, 500);
  Side b(32'020, 800);
  a.configure(b.address(), {.fingerprint = b.engine->dtls_fingerprint(), .active = false});
  b.configure(a.address(), {.fingerprint = a.engine->dtls_fingerprint(), .active = true});
  for (int i = 0; i < 1000 && !(a.heard && b.heard); ++i) {
    a.poll(5ms);
    b.poll(5ms);
  }
  EXPECT_TRUE(a.secured && b.secured);
  EXPECT_TRUE(a.heard && b.heard);
}

TEST(Handshakes, AWrongFingerprintSecuresNothing) {
  Side a(32'040, 500);
  Side b(32'060, 800);
  a.configure(b.address(), {.fingerprint = a.engine->dtls_fingerprint(), .active = false});
  b.configure(a.address(), {.fingerprint = a.engine->dtls_fingerprint(), .active = true});
  for (int i = 0; i < 1000 && !a.failed; ++i) {
    a.poll(5ms);
    b.poll(5ms);
  }
  EXPECT_TRUE(a.failed);
  EXPECT_FALSE(a.heard);
}

// The far end of a leg as a browser is one: checks, then a handshake from its side, then sound.
struct Browser {
  explicit Browser(const SocketAddress& to) : server(to) {}

  void send(base::ByteView datagram) const {
    ::sendto(pair.rtp.get(), datagram.data(), datagram.size(), 0, server.raw(), server.length());
  }
  void check(const IceLite& far) const {
    const std::string username = far.user_fragment + ":mine";
    send(rtp::write_stun({.type = rtp::StunMessage::kBindingRequest,
                          .transaction = {std::byte{1}},
                          .username = username,
                          .password = far.password}));
  }
  void begin(const std::string& fingerprint) {
    association = *DtlsAssociation::create(*identity, DtlsAssociation::Role::Client, fingerprint);
    for (const base::Bytes& datagram : association->start()) send(datagram);
  }
  void receive() {
    std::array<std::byte, 2000> in;
    for (;;) {
      const ssize_t size = ::recv(pair.rtp.get(), in.data(), in.size(), 0);
      if (size < 0) return;
      on_datagram(std::span(in), static_cast<size_t>(size));
    }
  }
  void on_datagram(std::span<std::byte> in, size_t size) {
    const base::ByteView datagram = in.first(size);
    const auto kind = rtp::classify(datagram);
    if (kind == rtp::PacketKind::Stun) {
      const auto answer = rtp::parse_stun(datagram);
      checked = answer && answer->type == rtp::StunMessage::kBindingSuccess && answer->mapped_address &&
                answer->mapped_address->port == pair.port;
    } else if (kind == rtp::PacketKind::Dtls && association != nullptr) {
      for (const base::Bytes& next : association->on_datagram(datagram)) send(next);
    } else if (kind == rtp::PacketKind::Rtp && association != nullptr) {
      const uint32_t ssrc = base::ByteReader(datagram.subspan(8, 4)).u32();
      if (!decrypter) decrypter.emplace(*rtp::SrtpStream::create(association->keys().theirs, ssrc));
      if (decrypter->unprotect_rtp(in, size) == rtp::SrtpStream::Outcome::Done) phone.hear(in.first(size));
    }
  }
  void say() {
    if (association == nullptr || association->state() != DtlsAssociation::State::Done) return;
    if (!encrypter) encrypter.emplace(*rtp::SrtpStream::create(association->keys().ours, 7));
    const auto said = phone.say();
    std::vector<std::byte> packet(said.begin(), said.end());
    size_t bytes = packet.size();
    packet.resize(bytes + rtp::SrtpStream::kTrailerBytesMax);
    EXPECT_EQ(encrypter->protect_rtp(packet, bytes), rtp::SrtpStream::Outcome::Done);
    send(base::ByteView(packet).first(bytes));
  }

  PortPair pair =
      *PortPool::create(*SocketAddress::parse(own_loopback(), 0), 32'200, 32'299)->take(base::TimePoint(1h));
  SocketAddress server;
  std::unique_ptr<DtlsIdentity> identity = *DtlsIdentity::create();
  std::unique_ptr<DtlsAssociation> association;
  std::optional<rtp::SrtpStream> encrypter;
  std::optional<rtp::SrtpStream> decrypter;
  RtpPhone phone{600};
  bool checked = false;
};

TEST(Handshakes, ABrowserChecksShakesHandsSpeaksAndHears) {
  Side server(32'100, 800);
  Browser browser(server.address());
  const IceLite ice{.user_fragment = "abcd", .password = "a-password-of-22-bytes"};
  server.configure(SocketAddress(),
                   {.fingerprint = browser.identity->fingerprint(), .active = false, .ice = ice});
  // Before a check, a handshake goes unanswered.
  browser.begin(server.engine->dtls_fingerprint());
  for (int i = 0; i < 10; ++i) server.poll(5ms);
  browser.receive();
  EXPECT_EQ(browser.association->state(), DtlsAssociation::State::Shaking);

  browser.check({.user_fragment = "abcd", .password = "wrong"});
  for (int i = 0; i < 10; ++i) server.poll(5ms);
  browser.receive();
  EXPECT_FALSE(browser.checked);

  for (int i = 0; i < 500 && !(server.heard && browser.phone.hears(800)); ++i) {
    if (i % 25 == 0) browser.check(ice);
    if (i == 5) browser.begin(server.engine->dtls_fingerprint());
    server.poll(20ms);
    browser.receive();
    browser.say();
  }
  EXPECT_TRUE(browser.checked);
  EXPECT_TRUE(server.secured);
  EXPECT_TRUE(server.heard);
  EXPECT_TRUE(browser.phone.hears(800));
}

}  // namespace
}  // namespace sotto::media
