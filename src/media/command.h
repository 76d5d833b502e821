#pragma once

#include <memory>
#include <variant>

#include "media/media_leg.h"
#include "media/room.h"

// What the control thread tells a media thread. Objects come ready-made; each command is answered by one
// Report, StartPrompt's when the prompt has ended.
namespace sotto::media {

struct OpenRoom {
  Handle handle;
  std::unique_ptr<Room> room;
};
struct CloseRoom {
  Handle handle;
};
struct WatchRoom {
  Handle handle;
  bool on = false;
};
struct ApplyPlan {
  Handle room;
  std::unique_ptr<PlanChange> change;
};
struct OpenLeg {
  Handle handle;
  std::unique_ptr<MediaLeg> leg;
  Handle room;
  std::unique_ptr<RoomTables> bigger;
};
struct ConfigureLeg {
  Handle handle;
  std::unique_ptr<LegPath> path;
};
struct AttachRings {
  Handle handle;
  std::unique_ptr<LegRings> rings;
};
struct MoveLeg {
  Handle handle;
  Handle to;
  RoomId room;
  std::unique_ptr<RateAdapter> adapter;  // null: the rooms' rates are the same
  std::unique_ptr<RoomTables> bigger;
};
// From here to another media thread: the leg comes back with LegReleased, and goes there in AdoptLeg.
struct ReleaseLeg {
  Handle handle;
};
struct AdoptLeg {
  Handle handle;
  std::unique_ptr<MediaLeg> leg;
  Handle to;
  RoomId room;
  std::unique_ptr<RateAdapter> adapter;
  std::unique_ptr<RoomTables> bigger;
};
struct DetectMachine {
  Handle handle;
  std::unique_ptr<MachineEar> ear;
};
struct SecureLeg {
  Handle handle;
  std::unique_ptr<LegSecurity> security;
};
struct AddSource {
  Handle handle;
  std::unique_ptr<SrtpSource> source;
};
struct RedirectLeg {
  Handle handle;
  SocketAddress remote;
};
struct SendDigits {
  Handle handle;
  std::unique_ptr<DigitSender> digits;
};
struct AskStatistics {
  Handle handle;
};
struct CloseLeg {
  Handle handle;
};
struct StartPrompt {
  Handle handle;
  std::unique_ptr<PromptSource> prompt;
  Handle room;
  std::unique_ptr<RoomTables> bigger;
};
struct StopPrompt {
  Handle handle;
};
struct OpenTap {
  Handle handle;
  std::unique_ptr<TapWriter> tap;
  Handle room;
  std::unique_ptr<RoomTables> bigger;
};
struct MoveTap {
  Handle handle;
  Handle to;
  std::unique_ptr<RoomTables> bigger;
};
struct ReleaseTap {
  Handle handle;
};
struct AdoptTap {
  Handle handle;
  std::unique_ptr<TapWriter> tap;
  Handle to;
  std::unique_ptr<RoomTables> bigger;
};
struct PauseTap {
  Handle handle;
  bool paused = false;
};
struct CloseTap {
  Handle handle;
};

using Command = std::variant<std::monostate, OpenRoom, CloseRoom, ApplyPlan, OpenLeg, ConfigureLeg,
                             AttachRings, MoveLeg, DetectMachine, SecureLeg, AddSource, RedirectLeg,
                             SendDigits, AskStatistics, CloseLeg, StartPrompt, StopPrompt, OpenTap, MoveTap,
                             PauseTap, CloseTap, WatchRoom, ReleaseLeg, AdoptLeg, ReleaseTap, AdoptTap>;

}  // namespace sotto::media
