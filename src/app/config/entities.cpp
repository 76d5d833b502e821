// The file's entities as the directory has them.
#include "app/config/settings.h"
#include "crypto/digest.h"
#include "text/e164.h"

namespace sotto::app::config {
namespace {

// The same at every start, so that calls of yesterday still belong to the phone of today.
template <typename IdType>
IdType id_of(std::string_view kind, std::string_view name) {
  const std::string digest =
      crypto::digest_hex(crypto::Digest::Sha256, std::string(kind) + ":" + std::string(name));
  return *base::parse_id<IdType>(digest.substr(0, 32));
}

directory::NumberId number_id(const std::string& digits) {
  return id_of<directory::NumberId>("number", digits);
}

directory::Number number_of(const std::string& digits, const std::string& country) {
  directory::Number number;
  number.id = number_id(digits);
  number.digits = digits;
  number.country = country.empty() ? std::string(text::country_of(digits)) : country;
  return number;
}

void add_numbers(const Settings& settings, directory::Entities& all) {
  for (const NumberSection& each : settings.numbers) {
    directory::Number number = number_of(each.digits, each.country);
    number.owner = account_id(settings);
    number.label = each.label;
    if (!each.phone.empty()) {
      number.assignment = directory::ToPhone{id_of<directory::PhoneId>("phone", each.phone)};
    } else if (!each.forward_to.empty()) {
      number.assignment = directory::ToAddresses{each.forward_to};
    }
    all.numbers.push_back(std::move(number));
  }
  for (const campaign::Campaign& campaign : settings.campaigns) {
    for (const std::string& digits : campaign.numbers) {
      directory::Number number = number_of(digits, "");
      number.owner = account_id(settings);
      number.label = campaign.name;
      number.assignment = directory::ToCampaign{campaign.name};
      all.numbers.push_back(std::move(number));
    }
  }
}

}  // namespace

directory::AccountId account_id(const Settings& settings) {
  return id_of<directory::AccountId>("account", settings.account.name);
}

directory::Entities configured_entities(const Settings& settings) {
  directory::Entities all;
  for (const OrganisationSection& each : settings.organisations) {
    all.organisations.push_back({id_of<directory::OrganisationId>("organisation", each.id),
                                 account_id(settings), each.name, each.prefix, each.supervision_allowed});
  }
  for (const PhoneSection& each : settings.phones) {
    directory::Phone phone = each.phone;
    phone.id = id_of<directory::PhoneId>("phone", phone.user);
    phone.account = account_id(settings);
    if (!each.organisation.empty())
      phone.organisation = id_of<directory::OrganisationId>("organisation", each.organisation);
    all.phones.push_back(std::move(phone));
  }
  for (directory::Trunk trunk : settings.trunks) {
    trunk.id = id_of<directory::TrunkId>("trunk", trunk.name);
    all.trunks.push_back(std::move(trunk));
  }
  add_numbers(settings, all);
  return all;
}

std::vector<directory::Number> pool_numbers(const Settings& settings) {
  std::vector<directory::Number> all;
  for (const Pool& pool : settings.pools) {
    for (const std::string& digits : pool.numbers) {
      all.push_back(number_of(digits, pool.country));
      all.back().pool = pool.name;
    }
  }
  return all;
}

}  // namespace sotto::app::config
