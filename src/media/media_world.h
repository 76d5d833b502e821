#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <vector>

#include <gtest/gtest.h>

#include "hearing/delta.h"
#include "hearing/derive.h"
#include "media/controller.h"
#include "media/graph.h"
#include "media/rtp_phone.h"

namespace sotto::media {

// For tests: one room and its phones around a graph in virtual time. Packets take no time and are never lost.
class MediaWorld final : private Wire, private EventSink {
 public:
  explicit MediaWorld(uint64_t seed = 1, uint32_t room_rate_hz = 8000)
      : random(seed), controller(*channel_, *this, random, room_rate_hz), graph(*this, *channel_) {
    facts.room = RoomId::make(random);
    sent_.resize(kSentMax);
  }

  // ---- legs: each has a tone of its own, 400 Hz and up in steps of 60
  LegId add_phone() {
    const LegId leg = add_leg(LegSettings{});
    phones.emplace(leg, RtpPhone(400.0F + 60.0F * static_cast<float>(phones.size())));
    return leg;
  }
  LegId add_leg(LegSettings settings) {
    const LegId leg = LegId::make(random);
    const int socket = static_cast<int>(sockets_.size());
    sockets_.push_back(leg);
    handles_[leg] = controller.open_leg(leg, facts.room, {.rtp = socket, .rtcp = -1});
    settings.remote = address(socket);
    EXPECT_TRUE(controller.configure_leg(leg, settings));
    hearing::Member member;
    member.leg = leg;
    facts.members.push_back(member);
    return leg;
  }
  SocketAddress address(int socket) const {
    return *SocketAddress::parse("192.0.2.1", static_cast<uint16_t>(4000 + socket));
  }
  void receive(LegId leg, std::span<const std::byte> datagram) {
    const auto at = std::find(sockets_.begin(), sockets_.end(), leg);
    graph.on_datagram(clock.now(), handles_.at(leg), datagram,
                      address(static_cast<int>(at - sockets_.begin())));
  }

  void receive_from(LegId leg, std::span<const std::byte> datagram, const SocketAddress& from) {
    graph.on_datagram(clock.now(), handles_.at(leg), datagram, from);
  }

  // ---- what the core would do
  hearing::Member& member(LegId leg) {
    return *std::find_if(facts.members.begin(), facts.members.end(),
                         [&](const hearing::Member& member) { return member.leg == leg; });
  }
  void apply() { apply(hearing::derive(facts)); }
  void apply(hearing::Plan next) {
    next.revision = plan.revision + 1;
    plan.room = facts.room;
    controller.apply(hearing::diff(plan, next));
    plan = std::move(next);
  }
  PromptId play(Playlist playlist, std::optional<LegId> only = std::nullopt) {
    const PromptId id = PromptId::make(random);
    controller.start_prompt(id, facts.room, std::move(playlist));
    facts.prompts.push_back({.id = id, .only = only});
    return id;
  }

  // ---- time
  void run(std::chrono::milliseconds length) {
    for (int64_t ms = 0; ms < length.count(); ++ms) {
      clock.advance(std::chrono::milliseconds(1));
      if (++ms_ % 20 == 0) say();
      Command command;
      while (channel_->commands.pop(command)) graph.execute(clock.now(), std::move(command));
      graph.run(clock.now());
      deliver();
      controller.poll();
    }
  }

  // ---- what came of it
  bool hears(LegId listener, LegId source) const { return phones.at(listener).hears(phones.at(source).hz()); }
  // Lines like "A<B": whom each phone hears, in order of joining, by letters.
  std::string heard() const {
    std::string text;
    for (size_t l = 0; l < sockets_.size(); ++l) {
      if (!text.empty()) text += ' ';
      text += static_cast<char>('A' + l);
      text += '<';
      for (size_t s = 0; s < sockets_.size(); ++s) {
        if (hears(sockets_[l], sockets_[s])) text += static_cast<char>('A' + s);
      }
    }
    return text;
  }
  template <typename T>
  std::vector<T> all() const {
    std::vector<T> found;
    for (const Event& event : events) {
      if (const T* one = std::get_if<T>(&event)) found.push_back(*one);
    }
    return found;
  }
  size_t breaks() const {
    size_t sum = 0;
    for (const auto& [leg, phone] : phones) sum += phone.breaks();
    return sum;
  }

  base::SeededRandom random;
  base::FakeClock clock;
  hearing::Facts facts;
  hearing::Plan plan;
  std::map<LegId, RtpPhone> phones;
  std::vector<Event> events;
  // Called for each packet sent to a leg that is no phone.
  std::function<void(LegId, std::span<const std::byte>)> on_packet = [](LegId, std::span<const std::byte>) {};
  std::function<void()> on_say = [] {};

 private:
  static constexpr size_t kSentMax = 4096;
  struct Sent {
    int socket = -1;
    size_t size = 0;
    std::array<std::byte, 400> datagram;
  };

  void send(int socket, const SocketAddress&, std::span<const std::byte> datagram) noexcept override {
    if (socket < 0) return;  // RTCP, but for legs that mix it with RTP
    CHECK(sent_count_ < kSentMax && datagram.size() <= 400);
    Sent& sent = sent_[sent_count_++];
    sent.socket = socket;
    sent.size = datagram.size();
    std::copy(datagram.begin(), datagram.end(), sent.datagram.begin());
  }
  bool connect(int, const SocketAddress&) noexcept override { return true; }
  void on_media_event(const Event& event) override { events.push_back(event); }
  void say() {
    for (auto& [leg, phone] : phones) receive(leg, phone.say());
    on_say();
  }
  void deliver() {
    for (size_t i = 0; i < sent_count_; ++i) {
      const LegId leg = sockets_[static_cast<size_t>(sent_[i].socket)];
      const auto datagram = std::span(sent_[i].datagram).first(sent_[i].size);
      const auto phone = phones.find(leg);
      if (phone != phones.end()) {
        phone->second.hear(datagram);
      } else {
        on_packet(leg, datagram);
      }
    }
    sent_count_ = 0;
  }

  const std::unique_ptr<Channel> channel_ = std::make_unique<Channel>();
  std::vector<LegId> sockets_;
  std::map<LegId, Handle> handles_;
  std::vector<Sent> sent_;
  size_t sent_count_ = 0;
  int64_t ms_ = 0;

 public:
  Controller controller;
  Graph graph;
};

}  // namespace sotto::media
