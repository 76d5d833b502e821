#include "app/dialects.h"

#include "dialect/twilio/twilio.h"
#include "dialect/voipnow/voipnow.h"
#include "dialect/vonage/vonage.h"

namespace sotto::app {

std::vector<std::unique_ptr<dialect::Dialect>> make_dialects(const dialect::Services& services) {
  std::vector<std::unique_ptr<dialect::Dialect>> dialects;
  dialects.push_back(std::make_unique<voipnow::VoipNow>(services));
  dialects.push_back(std::make_unique<vonage::Vonage>(services));
  dialects.push_back(std::make_unique<twilio::Twilio>(services));
  return dialects;
}

}  // namespace sotto::app
