#include "app/demo_setup.h"

namespace sotto::app {

ServerSettings demo_settings(const std::string& agent, const std::string& data_folder) {
  ServerSettings settings;
  settings.data_folder = data_folder;
  settings.account.name = "demo";
  directory::Trunk trunk;
  trunk.id = configured_id<directory::TrunkId>("trunk", "this machine");
  trunk.name = "this machine";
  trunk.allow_from = {"127.0.0.0/8", "::1"};
  settings.directory.trunks.push_back(trunk);
  for (const auto& [name, digits] :
       {std::pair{"summer", "12025550101"}, std::pair{"winter", "12025550102"}}) {
    campaign::Campaign campaign;
    campaign.name = name;
    campaign.numbers = {digits};
    campaign.topic = std::string("the ") + name + " offer";
    campaign.greeting = "Please wait.";
    campaign.whisper_times = 3;
    campaign.agents = {base::Address{base::Address::Kind::Sip, agent, {}}};
    settings.campaigns.push_back(std::move(campaign));
  }
  return settings;
}

}  // namespace sotto::app
