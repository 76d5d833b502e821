#pragma once

#include "base/limits.h"
#include "http/transfer.h"
#include "speech/engine.h"

namespace sotto::speech {

// A natural voice by HTTP, as many services and local servers offer it: POST of
// {"model", "input", "voice", "speed", "response_format": "wav"} to …/v1/audio/speech, answered with a wav or
// mp3 file.
struct HttpEngineSettings {
  std::string url;  // whole: "http://127.0.0.1:8880/v1/audio/speech"
  std::string key;  // sent as a bearer token, unless empty
  std::string model = "tts-1";
  std::chrono::milliseconds time_max{10'000};  // of one utterance, from connecting to the last byte
  http::ClientOptions client;                  // authorities and proxy
};

// Waits in the calling worker, never longer than `time_max`. Errors: TimedOut, Unreachable, TooLarge, Invalid
// (the answer is no sound), Internal (the service refuses or fails).
class HttpEngine final : public Engine {
 public:
  explicit HttpEngine(HttpEngineSettings settings);
  Result<audio::Pcm> synthesise(const Utterance& utterance) override;

 private:
  const HttpEngineSettings settings_;
  http::TransferThread transfers_;
};

}  // namespace sotto::speech
