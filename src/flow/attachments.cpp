#include "flow/attachments.h"

#include <algorithm>

#include "flow/runner.h"

namespace sotto::flow {

Attachments::~Attachments() = default;

Result<void> Attachments::overlay(LegId leg, call::PromptSpec prompt) {
  const call::Leg* subject = core_.live(leg);
  if (subject == nullptr || !subject->answered()) return fail(ErrorCode::Conflict, "leg: it is not up");
  auto sound = std::make_unique<Sound>(core_);
  auto played = sound->play({subject->room, leg}, std::move(prompt), nullptr);
  if (!played) return played;
  overlays_[leg] = std::move(sound);
  return {};
}

void Attachments::hold(LegId leg, const Heard& heard) {
  unhold(leg);
  (void)core_.board().hold(leg, true);
  Hold& hold = holds_[leg];
  hold.heard = heard;
  play_hold(leg, hold);
  const auto* document = std::get_if<DocumentRef>(&heard);
  if (document == nullptr || !*document) return;
  hold.runner = std::make_unique<Runner>(core_, Subject(leg), Runner::Place{Role::Hold, {}, 1}, *this);
  hold.runner->run(*document, Waiting{});
}

void Attachments::play_hold(LegId leg, Hold& hold) {
  const auto* music = std::get_if<call::PromptSpec>(&hold.heard);
  const call::Leg* subject = core_.live(leg);
  if (music == nullptr || subject == nullptr) return;
  hold.music = std::make_unique<Sound>(core_);
  (void)hold.music->play({subject->room, leg}, *music, nullptr);
}

void Attachments::unhold(LegId leg) {
  const auto it = holds_.find(leg);
  if (it == holds_.end()) return;
  if (it->second.runner != nullptr) {
    it->second.runner->cancel(Cancel::Over);
    core_.bury(std::move(it->second.runner));
  }
  holds_.erase(it);
  (void)core_.board().hold(leg, false);
}

void Attachments::announce(RoomId room, std::optional<LegId> only, std::shared_ptr<const Program> program) {
  announcements_.push_back(
      std::make_unique<Runner>(core_, Subject(room), Runner::Place{Role::Announcement, only, 0}, *this));
  announcements_.back()->run(std::move(program));
}

void Attachments::on_runner_ended(Runner& runner, const Ending&) {
  for (auto& [leg, hold] : holds_) {
    if (hold.runner.get() == &runner) return core_.bury(std::move(hold.runner));
  }
  const auto it = std::find_if(announcements_.begin(), announcements_.end(),
                               [&](const auto& each) { return each.get() == &runner; });
  if (it == announcements_.end()) return;
  core_.bury(std::move(*it));
  announcements_.erase(it);
}

void Attachments::on_event(const call::Event& event) {
  if (const auto* held = std::get_if<call::FarHold>(&event.what)) {
    on_far_hold(event.leg, held->on);
  } else if (std::holds_alternative<call::LegMoved>(event.what)) {
    on_moved(event.leg);
  } else if (std::holds_alternative<call::LegEnded>(event.what)) {
    overlays_.erase(event.leg);
    stop_far_holds(event.leg);
    if (const auto it = holds_.find(event.leg); it != holds_.end()) {
      core_.bury(std::move(it->second.runner));
      holds_.erase(it);
    }
  } else if (std::holds_alternative<call::RoomEnded>(event.what)) {
    for (auto& each : announcements_) {
      if (each->done()) core_.bury(std::move(each));
    }
    std::erase(announcements_, nullptr);
  }
}

// A phone that holds by itself: its peer hears music instead of nothing.
void Attachments::on_far_hold(LegId leg, bool on) {
  far_holds_.erase(leg);
  const std::optional<LegId> peer = core_.peer_of(leg);
  if (!on || !peer || core_.options().hold_music.playlist.empty()) return;
  FarHold& hold = far_holds_[leg];
  hold.peer = *peer;
  hold.music = std::make_unique<Sound>(core_);
  (void)hold.music->play({core_.live(*peer)->room, *peer}, core_.options().hold_music, nullptr);
}

// Prompts stay behind when a leg moves: the music of a hold begins anew where the leg now is.
void Attachments::on_moved(LegId leg) {
  stop_far_holds(leg);
  const auto it = holds_.find(leg);
  if (it != holds_.end()) play_hold(leg, it->second);
  const call::Leg* subject = core_.live(leg);
  if (subject == nullptr) return;
  // Whoever comes to a phone that holds, or comes back holding, hears music from then on.
  const std::optional<LegId> peer = core_.peer_of(leg);
  if (!peer) return;
  if (subject->far_hold) on_far_hold(leg, true);
  if (core_.live(*peer)->far_hold) on_far_hold(*peer, true);
}

void Attachments::stop_far_holds(LegId leg) {
  std::erase_if(far_holds_, [leg](const auto& item) { return item.first == leg || item.second.peer == leg; });
}

}  // namespace sotto::flow
