#pragma once

#include <cstdint>

#include "base/time.h"

// When there is more to do than we can: who is still served. Pure; the shell measures.
namespace sotto::sip {

// How far behind we are.
struct Pressure {
  double backlog = 0;     // of what may wait to be read: the part that does, 0 to 1
  base::Duration lag{};   // by how much our thread does everything too late
  double sound_late = 0;  // of the turns of sound: the part that comes too late, 0 to 1
};

enum class LoadLevel : uint8_t {
  Normal,
  Refusing,  // who begins a call is told to come later
  Dropping,  // even that would be too much: he is not answered, and will ask again
};

// Each level is entered at one pressure and left at a lower one, so that it lasts for a while. What belongs
// to calls that are up is served at any level: each message of theirs lost costs more work than it saves.
class Overload {
 public:
  // `lately`: calls have been refused not long ago. Then less may wait: a burst is let in, but what stays is
  // no burst, and the calls that wait in it only make each other dearer.
  LoadLevel update(const Pressure& pressure, bool lately = false);
  LoadLevel level() const { return level_; }

 private:
  LoadLevel level_ = LoadLevel::Normal;
};

}  // namespace sotto::sip
