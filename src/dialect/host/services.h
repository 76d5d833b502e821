#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/random.h"
#include "call/switchboard.h"
#include "flow/engine.h"
#include "net/loop.h"
#include "store/live_directory.h"
#include "store/store.h"
#include "webhook/fetcher.h"
#include "webhook/outbox.h"

namespace sotto::dialect {

struct HostSettings {
  std::string public_url;         // how apps and clients reach us: "http://127.0.0.1:8080"
  std::string recordings_folder;  // RecordingInfo::path is relative to it
  std::chrono::seconds room_wait_max{900};
  std::chrono::seconds call_length_max{14'400};
  std::string default_region = "US";  // of numbers that are written nationally
};

// Where a phone is reached at present.
struct Registration {
  std::string agent;  // what the phone calls itself
  base::WallTime expires;
};

// What a dialect is built on. All of it outlives every dialect. Control thread.
struct Services {
  net::Loop& loop;  // clock, timers and tasks
  base::Random& random;
  call::Switchboard& switchboard;
  flow::Engine& flow;
  store::Store& store;
  store::LiveDirectory& directory;
  webhook::Fetcher& fetcher;
  webhook::Outbox& outbox;
  HostSettings settings;
  // A finished wav recording as another file, made by a worker.
  struct Rendering {
    std::string wav_path;
    call::RecordingFormat format = call::RecordingFormat::Mp3;
    bool mixed = false;  // all channels in one
  };
  std::function<asio::awaitable<Result<std::string>>(Rendering)> render_recording;
  std::function<std::vector<Registration>(const std::string& phone_user)> registrations;
};

}  // namespace sotto::dialect
