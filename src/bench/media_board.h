#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

// What the processes of the media bench share: one mapped page range, written by the process named with each
// part. Plain C++ without our libraries, since the floor reads it too.
namespace sotto::bench {

enum class MediaWorkload : uint8_t { Pairs, Trios, BigRoom, Announcements, Whisper, IdleLegs };

struct MediaBoard {
  static constexpr size_t kLegsMax = 6000;
  enum class Driven : uint8_t { Nobody, Server, Floor };
  using Ports = std::array<uint16_t, kLegsMax>;

  // Constant once the processes run.
  MediaWorkload workload = MediaWorkload::Pairs;
  uint32_t legs = 0;
  uint32_t room_legs = 0;  // legs of one room
  bool forwards = false;   // packets go on as they come, rather than at their room's phase

  // The coordinator's.
  std::atomic<Driven> driven{Driven::Nobody};  // to whom the load sends
  std::atomic<bool> counting{false};
  std::atomic<bool> ended{false};

  // Each process counts itself up when it is set up.
  std::atomic<uint32_t> ready{0};
  std::atomic<bool> failed{false};

  // The load's.
  Ports load_ports{};
  std::atomic<uint32_t> counted{0};  // windows evaluated
  std::atomic<uint64_t> frames_expected{0};
  std::atomic<uint64_t> frames_on_time{0};
  std::atomic<uint64_t> ears_checked{0};
  std::atomic<uint64_t> ears_wrong{0};

  // The server's.
  Ports server_ports{};
  std::atomic<uint64_t> leg_bytes{0};
  std::atomic<uint64_t> joins_per_s{0};

  // The floor's.
  Ports floor_ports{};
};

}  // namespace sotto::bench
