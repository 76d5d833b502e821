#pragma once

#include <memory>
#include <unordered_map>
#include <variant>
#include <vector>

#include "flow/core.h"

namespace sotto::flow {

// What belongs to a leg or a room and not to a step: overlays, holds, the music for a phone that holds,
// announcements. Each ends with its leg or room.
class Attachments final : public RunnerOwner {
 public:
  explicit Attachments(Core& core) : core_(core) {}
  ~Attachments() override;

  Result<void> overlay(LegId leg, call::PromptSpec prompt);
  void stop_overlay(LegId leg) { overlays_.erase(leg); }
  void hold(LegId leg, const Heard& heard);
  void unhold(LegId leg);
  void announce(RoomId room, std::optional<LegId> only, std::shared_ptr<const Program> program);
  void on_event(const call::Event& event);

 private:
  struct Hold {
    Heard heard;
    std::unique_ptr<Sound> music;
    std::unique_ptr<Runner> runner;
  };
  struct FarHold {  // by the phone that is the key
    LegId peer;
    std::unique_ptr<Sound> music;
  };

  void on_runner_ended(Runner& runner, const Ending& ending) override;
  void play_hold(LegId leg, Hold& hold);
  void on_far_hold(LegId leg, bool on);
  void on_moved(LegId leg);
  void stop_far_holds(LegId leg);

  Core& core_;
  std::unordered_map<LegId, std::unique_ptr<Sound>> overlays_;
  std::unordered_map<LegId, Hold> holds_;
  std::unordered_map<LegId, FarHold> far_holds_;
  std::vector<std::unique_ptr<Runner>> announcements_;
};

}  // namespace sotto::flow
