#include "call/prompt.h"

namespace sotto::call {
namespace {

constexpr size_t kShownMax = 200;  // bytes of what is said

struct Describer {
  std::string operator()(const AudioFile& file) const { return "file " + file.url; }
  std::string operator()(const Speech& speech) const {
    std::string said;
    for (const SpeechRun& run : speech.runs) {
      const bool apart = said.empty() || said.back() == ' ' || run.text.starts_with(' ');
      said += (apart ? "" : " ") + run.text;
    }
    size_t end = said.size();
    if (end > kShownMax) {
      end = kShownMax;
      while (end > 0 && (static_cast<unsigned char>(said[end]) & 0xC0U) == 0x80U) --end;  // whole characters
    }
    return "speech \"" + said.substr(0, end) + (end < said.size() ? "…\"" : "\"");
  }
  std::string operator()(const Tone& tone) const {
    switch (tone.kind) {
      case Tone::Kind::Ringback: return "ringing";
      case Tone::Kind::Busy: return "busy tone";
      case Tone::Kind::Beep: return "beep";
      case Tone::Kind::Sine: return "tone";
    }
    return "tone";
  }
  std::string operator()(const Silence&) const { return "silence"; }
  std::string operator()(const Inflow&) const { return "stream"; }
};

}  // namespace

std::string describe(const PromptSpec& spec) {
  std::string all;
  for (const Sound& sound : spec.playlist) {
    all += (all.empty() ? "" : ", ") + std::visit(Describer{}, sound);
  }
  return all;
}

}  // namespace sotto::call
