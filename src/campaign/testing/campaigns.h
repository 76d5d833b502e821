#pragma once

#include <string>

#include "campaign/campaign.h"

namespace sotto::campaign::testing {

inline base::Address phone(std::string extension) {
  return {base::Address::Kind::Phone, std::move(extension), {}};
}

// Two agents, rung together.
inline Campaign summer_offer() {
  Campaign campaign;
  campaign.name = "summer";
  campaign.numbers = {"12025550101"};
  campaign.topic = "the summer offer";
  campaign.greeting = "Please wait.";
  campaign.agents = {phone("300"), phone("301")};
  return campaign;
}

}  // namespace sotto::campaign::testing
