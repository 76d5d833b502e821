#pragma once

#include <chrono>
#include <string>
#include <variant>
#include <vector>

#include "hearing/ids.h"

// What can be played. The ports turn it into samples; nothing here knows a codec or a file format.
namespace sotto::call {

struct AudioFile {
  std::string url;        // http(s) URL, or a path for the operator's own files
  bool cacheable = true;  // by the reply's own rules

  bool operator==(const AudioFile&) const = default;
};

// A run of speech with one manner. The text layer makes these from SSML; plain text is one run.
struct SpeechRun {
  std::string text;
  std::chrono::milliseconds pause_after{0};
  float rate = 1.0F;
  float pitch = 1.0F;
  float gain_db = 0.0F;
  std::string language;  // overrides the prompt's
  enum class SayAs {
    Text,
    Characters,
    Digits,
    Number,
    Ordinal,
    Date,
    Time,
    Telephone,
    Currency
  } say_as = SayAs::Text;
  std::string format;  // of a date

  bool operator==(const SpeechRun&) const = default;
};

struct Speech {
  std::vector<SpeechRun> runs;
  std::string language = "en-US";
  std::string voice;  // "male", "female", or a name of the voice table; empty: the language's default

  bool operator==(const Speech&) const = default;
};

struct Tone {
  enum class Kind { Ringback, Busy, Beep, Sine } kind = Kind::Ringback;
  std::string country = "us";
  float hertz = 0;                      // Sine
  std::chrono::milliseconds length{0};  // 0: until stopped

  bool operator==(const Tone&) const = default;
};

struct Silence {
  std::chrono::milliseconds length{0};  // 0: until stopped

  bool operator==(const Silence&) const = default;
};

// Samples that arrive while it plays: the way back of a media stream.
struct Inflow {
  hearing::TapId stream;

  bool operator==(const Inflow&) const = default;
};

using Sound = std::variant<AudioFile, Speech, Tone, Silence, Inflow>;

struct PromptSpec {
  std::vector<Sound> playlist;
  int loops = 1;  // 0: until stopped
  float gain_db = 0.0F;

  bool operator==(const PromptSpec&) const = default;
};

// What is played, for people: `speech "Please wait."`, `file music.mp3`, `tone`; several with commas.
std::string describe(const PromptSpec& spec);

enum class PromptEnd { Finished, Stopped, Failed };

}  // namespace sotto::call
