#include "app/configured.h"

#include <algorithm>

namespace sotto::app {

std::vector<directory::Number> numbers_for_sale(const std::vector<Pool>& pools,
                                                const directory::Entities& known) {
  std::vector<directory::Number> fresh;
  for (const Pool& pool : pools) {
    for (const std::string& digits : pool.numbers) {
      if (std::any_of(known.numbers.begin(), known.numbers.end(),
                      [&](const directory::Number& each) { return each.digits == digits; }))
        continue;
      directory::Number number;
      number.id = configured_id<directory::NumberId>("number", digits);
      number.digits = digits;
      number.country = pool.country;
      number.pool = pool.name;
      fresh.push_back(std::move(number));
    }
  }
  return fresh;
}

std::vector<directory::Number> numbers_of(const std::vector<campaign::Campaign>& campaigns,
                                          directory::AccountId owner) {
  std::vector<directory::Number> all;
  for (const campaign::Campaign& campaign : campaigns) {
    for (const std::string& digits : campaign.numbers) {
      directory::Number number;
      number.id = configured_id<directory::NumberId>("number", digits);
      number.digits = digits;
      number.owner = owner;
      number.assignment = directory::ToCampaign{campaign.name};
      all.push_back(std::move(number));
    }
  }
  return all;
}

}  // namespace sotto::app
