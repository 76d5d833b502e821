#pragma once

#include "dialect/host/services.h"
#include "dialect/voipnow/alarms.h"
#include "dialect/voipnow/call_book.h"
#include "dialect/voipnow/call_events.h"
#include "dialect/voipnow/programs.h"
#include "dialect/voipnow/queue_agents.h"
#include "dialect/voipnow/rings.h"
#include "dialect/voipnow/tokens.h"

namespace sotto::voipnow {

// What the requests of this dialect stand on. One for each server; control thread.
struct Parts {
  explicit Parts(dialect::Services given)
      : services(given),
        alarms(given.loop.timers()),
        book(given.switchboard, [this]() -> const directory::Snapshot& { return directory(); }),
        rings(given, book),
        tokens(given),
        events(given, book),
        agents(given) {}
  Parts(const Parts&) = delete;

  const directory::Snapshot& directory() const { return *services.directory.now(); }

  dialect::Services services;
  Alarms alarms;
  CallBook book;
  Rings rings;
  Tokens tokens;
  CallEvents events;
  QueueAgents agents;
  FollowUps follow_ups;
};

}  // namespace sotto::voipnow
