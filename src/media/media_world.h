#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <vector>

#include <gtest/gtest.h>

#include "hearing/delta.h"
#include "hearing/derive.h"
#include "media/controller.h"
#include "media/graph.h"
#include "media/rtp_phone.h"

namespace sotto::media {

// For tests: one room and its phones around a graph in virtual time, or around several, as if each had a
// thread of its own. Packets take no time and are never lost; those for a leg that is on its way wait for it.
class MediaWorld final : private Wire, private EventSink, private Migrations {
 public:
  explicit MediaWorld(uint64_t seed = 1, uint32_t room_rate_hz = 8000, size_t threads = 1)
      : random(seed),
        threads_(*this, threads),
        controller(threads_.channels, *this, *this, random, room_rate_hz) {
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
    watched_[leg] = controller.open_leg(leg, facts.room, {.rtp = socket, .rtcp = -1});
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
    receive_from(leg, datagram, address(static_cast<int>(at - sockets_.begin())));
  }
  void receive_from(LegId leg, std::span<const std::byte> datagram, const SocketAddress& from) {
    if (closed_.contains(leg)) return;
    arrived_.push_back({leg, {datagram.begin(), datagram.end()}, from});
    for (size_t i = 0; i < threads() && !still_; ++i) take_in(i);
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
    for (int64_t steps = length.count() * static_cast<int64_t>(threads() + 1); steps > 0; --steps) step();
  }
  // No thread gets a processor for so long: what comes waits in its socket.
  void stand_still(std::chrono::milliseconds length) {
    still_ = true;
    for (int64_t i = 0; i < length.count(); ++i) pass_a_millisecond();
    still_ = false;
  }
  // One after the other: each thread's millisecond, then the control thread's.
  void step() {
    if (step_ == 0) pass_a_millisecond();
    if (step_ < threads()) {
      run_thread(step_);
    } else if (ms_ % poll_every_ms == 0) {
      controller.poll();
    }
    step_ = (step_ + 1) % (threads() + 1);
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
  size_t threads() const { return threads_.graphs.size(); }
  GraphCounters counters() const {
    GraphCounters sum;
    for (const auto& graph : threads_.graphs) {
      const GraphCounters& one = graph->counters();
      sum.turns += one.turns;
      sum.audience_violations += one.audience_violations;
      sum.plan_faults += one.plan_faults;
      sum.packets_forwarded += one.packets_forwarded;
      sum.rooms_forwarding += one.rooms_forwarding;
    }
    return sum;
  }
  // On how many threads the leg is: one, or none while it is on its way.
  size_t places(LegId leg) const {
    size_t count = 0;
    for (const auto& graph : threads_.graphs) count += graph->has(watched_.at(leg).handle);
    return count;
  }
  bool all_answered() const {
    return std::all_of(threads_.owned.begin(), threads_.owned.end(), [](const auto& channel) {
      return channel->commands.size() == 0 && channel->reports.size() == 0;
    });
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
  int64_t poll_every_ms = 1;  // how often the control thread finds the time

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
  void on_leg_migrates(LegId leg, Handle handle, size_t from, size_t to) override {
    Controller::OpenedLeg& watched = watched_.at(leg);
    EXPECT_EQ(watched.handle, handle);
    EXPECT_EQ(watched.thread, from);
    EXPECT_EQ(places(leg), 0U);
    watched.thread = to;
  }
  void on_media_event(const Event& event) override {
    events.push_back(event);
    if (const auto* closed = std::get_if<LegClosed>(&event)) {
      closed_.insert(closed->leg);
      std::erase_if(arrived_, [&](const Datagram& datagram) { return datagram.leg == closed->leg; });
    }
  }
  void pass_a_millisecond() {
    clock.advance(std::chrono::milliseconds(1));
    if (++ms_ % 20 == 0) say();
  }
  void say() {
    for (auto& [leg, phone] : phones) receive(leg, phone.say());
    on_say();
  }
  void run_thread(size_t number) {
    Graph& graph = *threads_.graphs[number];
    Command command;
    while (threads_.channels[number]->commands.pop(command)) graph.execute(clock.now(), std::move(command));
    take_in(number);
    graph.run(clock.now());
    deliver();
  }
  // As a thread does: reads what came in the sockets that it watches, of legs that it has.
  void take_in(size_t number) {
    Graph& graph = *threads_.graphs[number];
    for (Datagram& datagram : arrived_) {
      const Controller::OpenedLeg& watched = watched_.at(datagram.leg);
      if (watched.thread != number || !graph.has(watched.handle)) continue;
      graph.on_datagram(clock.now(), watched.handle, datagram.bytes, datagram.from);
      datagram.bytes.clear();
    }
    std::erase_if(arrived_, [](const Datagram& datagram) { return datagram.bytes.empty(); });
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

  struct Threads {
    Threads(Wire& wire, size_t count) {
      for (size_t i = 0; i < count; ++i) {
        owned.push_back(std::make_unique<Channel>());
        channels.push_back(owned.back().get());
        graphs.push_back(std::make_unique<Graph>(wire, *owned.back()));
      }
    }
    std::vector<std::unique_ptr<Channel>> owned;
    std::vector<Channel*> channels;
    std::vector<std::unique_ptr<Graph>> graphs;
  };
  struct Datagram {
    LegId leg;
    std::vector<std::byte> bytes;
    SocketAddress from;
  };

  std::vector<LegId> sockets_;
  std::map<LegId, Controller::OpenedLeg> watched_;  // by which thread
  std::vector<Datagram> arrived_;                   // and not read yet
  std::set<LegId> closed_;
  std::vector<Sent> sent_;
  size_t sent_count_ = 0;
  int64_t ms_ = 0;
  size_t step_ = 0;
  bool still_ = false;
  Threads threads_;

 public:
  Controller controller;
};

}  // namespace sotto::media
