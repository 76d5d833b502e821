#pragma once

#include <functional>
#include <memory>

#include "call/event.h"
#include "media/tap_ring.h"

namespace sotto::telephony {

// Understands what one tap hears. Control thread.
class Recogniser {
 public:
  using OnHeard = std::function<void(call::SpeechHeard)>;

  virtual ~Recogniser() = default;
  // Any number that is not final (without guesses: somebody begins to speak), then exactly one that is; none
  // from inside a call here, none after stop().
  virtual void start(call::TapId tap, const call::RecognitionSpec& spec,
                     std::unique_ptr<media::TapReader> sound, OnHeard on_heard) = 0;
  virtual void stop(call::TapId tap) = 0;  // one that is not there is no error
};

}  // namespace sotto::telephony
