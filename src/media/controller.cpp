#include "media/controller.h"

#include "base/check.h"

namespace sotto::media {
namespace {

tl::unexpected<Error> no_such_leg() {
  return fail(ErrorCode::NotFound, "no such leg");
}

RoomMirrors::Links make_links(std::span<Channel* const> channels, Inbox& inbox) {
  RoomMirrors::Links links;
  for (Channel* const channel : channels) links.push_back(std::make_unique<MediaLink>(*channel, inbox));
  return links;
}

}  // namespace

Controller::Controller(std::span<Channel* const> channels, EventSink& sink, Migrations& migrations,
                       base::Random& random, uint32_t room_rate_hz)
    : sink_(sink),
      migrations_(migrations),
      random_(random),
      rooms_(make_links(channels, inbox_), room_rate_hz) {}

void Controller::watch_levels(RoomId room, bool on) {
  const RoomRef& ref = rooms_.at(room).ref;
  rooms_.link(ref.thread).send(WatchRoom{ref.handle, on});
}

// ---- legs

Controller::LegMirror* Controller::find_leg(LegId leg) {
  LegMirror* const open = find(legs_, leg);
  return open != nullptr ? open : find(closing_legs_, leg);
}

Controller::OpenedLeg Controller::open_leg(LegId leg, RoomId room, LegSockets sockets) {
  CHECK(!legs_.contains(leg));
  RoomMirror& in = rooms_.at(room);
  ++in.legs;
  rooms_.count_leg(in.ref.thread);
  LegMirror& mirror = legs_[leg];
  mirror.berth = Berth(Berth::Kind::Leg, leg_handles_.take(), in.ref.thread);
  mirror.room = in.ref;
  const MediaLeg::Origin origin{.ssrc = static_cast<uint32_t>(random_.next()),
                                .sequence_number = static_cast<uint16_t>(random_.below(0x8000)),
                                .timestamp = static_cast<uint32_t>(random_.next())};
  mirror.ssrc = origin.ssrc;
  const Handle handle = mirror.berth.handle();
  auto object = std::make_unique<MediaLeg>(leg, sockets, origin);
  mirror.berth.tell(rooms_, OpenLeg{handle, std::move(object), in.ref.handle, rooms_.bigger(in)});
  return {handle, in.ref.thread};
}

Result<void> Controller::configure_leg(LegId leg, const LegSettings& settings) {
  LegMirror* const mirror = find(legs_, leg);
  if (mirror == nullptr) return no_such_leg();
  auto path = LegPath::create(settings, rooms_.rate_hz(mirror->room));
  if (!path) return fail(path.error());
  if (!(mirror->protection == settings.protection)) {
    mirror->theirs.reset();
    const auto* const keys = std::get_if<SdesKeys>(&settings.protection);
    if (keys != nullptr) {
      if (auto secured = secure_leg(leg, keys->ours, keys->theirs); !secured) return secured;
    }
    mirror->protection = settings.protection;
  }
  mirror->codec_rate_hz = (*path)->sample_rate_hz;
  mirror->berth.tell(rooms_, ConfigureLeg{mirror->berth.handle(), std::move(*path)});
  return {};
}

Result<RingEnds> Controller::attach_rings(LegId leg, uint32_t rate_hz) {
  LegMirror* const mirror = find(legs_, leg);
  if (mirror == nullptr) return no_such_leg();
  auto rings = std::make_unique<LegRings>(rate_hz, rooms_.rate_hz(mirror->room));
  RingEnds ends = rings->ends();
  mirror->codec_rate_hz = rate_hz;
  mirror->berth.tell(rooms_, AttachRings{mirror->berth.handle(), std::move(rings)});
  return ends;
}

Result<void> Controller::secure_leg(LegId leg, const rtp::SrtpKey& ours, const rtp::SrtpKey& theirs) {
  LegMirror* const mirror = find(legs_, leg);
  if (mirror == nullptr) return no_such_leg();
  auto security = LegSecurity::create(ours, mirror->ssrc);
  if (!security) return fail(security.error());
  mirror->theirs = theirs;
  mirror->berth.tell(rooms_, SecureLeg{mirror->berth.handle(), std::move(*security)});
  return {};
}

Result<void> Controller::detect_machine(LegId leg, const audio::MachineRules& rules) {
  LegMirror* const mirror = find(legs_, leg);
  if (mirror == nullptr) return no_such_leg();
  const uint32_t rate_hz = mirror->codec_rate_hz == 0 ? 8000 : mirror->codec_rate_hz;
  auto ear = std::make_unique<MachineEar>(rules, rate_hz);
  mirror->berth.tell(rooms_, DetectMachine{mirror->berth.handle(), std::move(ear)});
  return {};
}

void Controller::redirect_leg(LegId leg, const SocketAddress& remote) {
  LegMirror* const mirror = find(legs_, leg);
  if (mirror != nullptr) mirror->berth.tell(rooms_, RedirectLeg{mirror->berth.handle(), remote});
}

void Controller::add_source(const SourceUnknown& event) {
  LegMirror* const mirror = find(legs_, event.leg);
  if (mirror == nullptr || !mirror->theirs) return;
  auto source = SrtpSource::create(*mirror->theirs, event.ssrc);
  if (source) mirror->berth.tell(rooms_, AddSource{mirror->berth.handle(), std::move(*source)});
}

void Controller::move_leg(LegId leg, RoomId to) {
  LegMirror* const mirror = find(legs_, leg);
  if (mirror == nullptr || mirror->room.room == to) return;
  RoomMirror& target = rooms_.at(to);
  ++target.legs;
  rooms_.discount_leg(mirror->room.thread);
  rooms_.count_leg(target.ref.thread);
  const RoomMirror* const from = rooms_.find(mirror->room);
  const uint32_t rate_before = from == nullptr ? 0 : from->rate_hz;
  mirror->left.push_back(mirror->room);
  mirror->room = target.ref;
  Berth::Move move{.to = target.ref, .adapter = nullptr};
  if (mirror->codec_rate_hz != 0 && rate_before != target.rate_hz) {
    move.adapter = std::make_unique<RateAdapter>(mirror->codec_rate_hz, target.rate_hz);
  }
  mirror->berth.move(rooms_, std::move(move));
}

Result<void> Controller::send_digits(LegId leg, const std::string& digits) {
  LegMirror* const mirror = find(legs_, leg);
  if (mirror == nullptr) return no_such_leg();
  if (auto good = DigitSender::check(digits); !good) return good;
  auto sender = std::make_unique<DigitSender>();
  sender->queue(digits);
  mirror->berth.tell(rooms_, SendDigits{mirror->berth.handle(), std::move(sender)});
  return {};
}

void Controller::ask_statistics(LegId leg) {
  LegMirror* const mirror = find(legs_, leg);
  if (mirror != nullptr) mirror->berth.tell(rooms_, AskStatistics{mirror->berth.handle()});
}

void Controller::close_leg(LegId leg) {
  auto node = legs_.extract(leg);
  if (node.empty()) return;
  LegMirror& mirror = node.mapped();
  mirror.berth.tell(rooms_, CloseLeg{mirror.berth.handle()});
  if (!mirror.berth.is_under_way()) leg_handles_.give_back(mirror.berth.handle());
  rooms_.discount_leg(mirror.room.thread);
  mirror.left.push_back(mirror.room);
  closing_legs_.insert(std::move(node));
}

// ---- prompts and taps

void Controller::start_prompt(PromptId prompt, RoomId room, Playlist playlist) {
  CHECK(!prompts_.contains(prompt));
  RoomMirror& in = rooms_.at(room);
  ++in.prompts;
  const PromptMirror& mirror = prompts_[prompt] = {.handle = prompt_handles_.take(), .room = in.ref};
  auto source = std::make_unique<PromptSource>(prompt, std::move(playlist), in.rate_hz);
  rooms_.link(in.ref.thread)
      .send(StartPrompt{mirror.handle, std::move(source), in.ref.handle, rooms_.bigger(in)});
}

void Controller::stop_prompt(PromptId prompt) {
  const PromptMirror* const mirror = find(prompts_, prompt);
  if (mirror != nullptr) rooms_.link(mirror->room.thread).send(StopPrompt{mirror->handle});
}

Controller::TapMirror* Controller::find_tap(TapId tap) {
  TapMirror* const open = find(taps_, tap);
  return open != nullptr ? open : find(closing_taps_, tap);
}

std::unique_ptr<TapReader> Controller::open_tap(TapId tap, RoomId room, uint16_t channels) {
  CHECK(!taps_.contains(tap));
  RoomMirror& in = rooms_.at(room);
  in.tap_channels += channels;
  TapMirror& mirror = taps_[tap];
  mirror.berth = Berth(Berth::Kind::Tap, tap_handles_.take(), in.ref.thread);
  mirror.room = in.ref;
  mirror.channels = channels;
  mirror.rate_hz = in.rate_hz;
  auto ring = std::make_shared<TapRing>(channels, in.rate_hz);
  auto writer = std::make_unique<TapWriter>(tap, ring);
  mirror.berth.tell(rooms_,
                    OpenTap{mirror.berth.handle(), std::move(writer), in.ref.handle, rooms_.bigger(in)});
  return std::make_unique<TapReader>(std::move(ring));
}

void Controller::move_tap(TapId tap, RoomId to) {
  TapMirror* const mirror = find(taps_, tap);
  if (mirror == nullptr || mirror->room.room == to) return;
  RoomMirror& target = rooms_.at(to);
  if (target.rate_hz != mirror->rate_hz) return close_tap(tap);
  target.tap_channels += mirror->channels;
  mirror->left.push_back(mirror->room);
  mirror->room = target.ref;
  mirror->berth.move(rooms_, {.to = target.ref, .adapter = nullptr});
}

void Controller::pause_tap(TapId tap, bool paused) {
  TapMirror* const mirror = find(taps_, tap);
  if (mirror != nullptr) mirror->berth.tell(rooms_, PauseTap{mirror->berth.handle(), paused});
}

void Controller::close_tap(TapId tap) {
  auto node = taps_.extract(tap);
  if (node.empty()) return;
  TapMirror& mirror = node.mapped();
  mirror.berth.tell(rooms_, CloseTap{mirror.berth.handle()});
  if (!mirror.berth.is_under_way()) tap_handles_.give_back(mirror.berth.handle());
  mirror.left.push_back(mirror.room);
  closing_taps_.insert(std::move(node));
}

// ---- what the media threads report

void Controller::collect() {
  for (const auto& link : rooms_.links()) link->collect();
  while (!inbox_.returned.empty()) {
    Inbox::Returned returned = std::move(inbox_.returned.front());
    inbox_.returned.pop_front();
    take_back(std::move(returned));
  }
  for (const auto& link : rooms_.links()) link->flush();
}

// What the sink does may bring more; that is for the next time.
void Controller::deliver() {
  for (size_t left = inbox_.events.size(); left > 0; --left) {
    const Event event = inbox_.events.front();
    inbox_.events.pop_front();
    deliver(event);
  }
}

void Controller::take_back(Inbox::Returned returned) {
  if (const auto* const tap = std::get_if<TapReleased>(&returned.event)) {
    TapMirror* const mirror = find_tap(tap->tap);
    CHECK(mirror != nullptr);
    mirror->berth.arrive(rooms_, std::move(returned.object));
    const bool closed = !taps_.contains(tap->tap) && !mirror->berth.is_under_way();
    if (closed) tap_handles_.give_back(mirror->berth.handle());
    return;
  }
  const LegId leg = std::get<LegReleased>(returned.event).leg;
  LegMirror* const mirror = find_leg(leg);
  CHECK(mirror != nullptr);
  Berth& berth = mirror->berth;
  migrations_.on_leg_migrates(leg, berth.handle(), berth.thread(), berth.destination());
  berth.arrive(rooms_, std::move(returned.object));
  if (!legs_.contains(leg) && !berth.is_under_way()) leg_handles_.give_back(berth.handle());
}

void Controller::deliver(const Event& event) {
  if (const auto* applied = std::get_if<PlanApplied>(&event)) return on_plan_applied(*applied);
  if (const auto* unknown = std::get_if<SourceUnknown>(&event)) return add_source(*unknown);
  if (const auto* left = std::get_if<TapLeft>(&event)) return on_tap_left(*left);
  if (const auto* moved = std::get_if<LegMoved>(&event)) on_leg_moved(*moved);
  if (const auto* ended = std::get_if<PromptEnded>(&event)) on_prompt_ended(*ended);
  if (const auto* closed = std::get_if<LegClosed>(&event)) on_leg_closed(*closed);
  sink_.on_media_event(event);
}

void Controller::on_plan_applied(const PlanApplied& event) {
  PlanApplied one = event;
  for (const uint64_t revision : rooms_.take_applied(event.room, event.revision)) {
    one.revision = revision;
    sink_.on_media_event(one);
  }
}

void Controller::on_leg_moved(const LegMoved& event) {
  LegMirror* const mirror = find_leg(event.leg);
  if (mirror == nullptr || mirror->left.empty()) return;
  if (RoomMirror* const room = rooms_.find(mirror->left.front())) --room->legs;
  mirror->left.pop_front();
}

void Controller::on_leg_closed(const LegClosed& event) {
  const auto node = closing_legs_.extract(event.leg);
  if (node.empty()) return;
  for (const RoomRef& left : node.mapped().left) {
    if (RoomMirror* const room = rooms_.find(left)) --room->legs;
  }
}

// Only now are its slots free.
void Controller::on_tap_left(const TapLeft& event) {
  TapMirror* const mirror = find_tap(event.tap);
  if (mirror == nullptr || mirror->left.empty()) return;
  if (RoomMirror* const room = rooms_.find(mirror->left.front())) room->tap_channels -= mirror->channels;
  mirror->left.pop_front();
  if (!taps_.contains(event.tap) && mirror->left.empty()) closing_taps_.erase(event.tap);
}

void Controller::on_prompt_ended(const PromptEnded& event) {
  const PromptMirror* const mirror = find(prompts_, event.prompt);
  if (mirror == nullptr) return;
  if (RoomMirror* const room = rooms_.find(mirror->room)) --room->prompts;
  prompt_handles_.give_back(mirror->handle);
  prompts_.erase(event.prompt);
}

}  // namespace sotto::media
