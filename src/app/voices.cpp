#include "app/voices.h"

namespace sotto::app {

Voices::Voices(const VoiceSettings& settings) {
  if (settings.service.url.empty()) return;
  service_ = std::make_unique<speech::HttpEngine>(settings.service);
  for (const VoiceChoice& each : settings.choices) {
    const bool own = each.engine == VoiceChoice::Engine::Own;
    rows_.push_back({each.language, each.voice, each.speak_as, own ? nullptr : service_.get(), {}});
  }
  rows_.push_back({{}, {}, settings.male, service_.get(), speech::Gender::Male});
  rows_.push_back({{}, {}, settings.female, service_.get(), {}});
}

}  // namespace sotto::app
