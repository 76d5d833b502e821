// The file's entities as the directory has them.
#include "app/config/settings.h"
#include "text/e164.h"

namespace sotto::app::config {
namespace {

using directory::OrganisationId;
using directory::PhoneId;

directory::Number number_of(const NumberSection& section, directory::AccountId account) {
  directory::Number number;
  number.id = configured_id<directory::NumberId>("number", section.digits);
  number.digits = section.digits;
  number.country = section.country.empty() ? std::string(text::country_of(section.digits)) : section.country;
  number.owner = account;
  number.label = section.label;
  if (!section.phone.empty()) {
    number.assignment = directory::ToPhone{configured_id<PhoneId>("phone", section.phone)};
  } else if (!section.forward_to.empty()) {
    number.assignment = directory::ToAddresses{section.forward_to};
  }
  return number;
}

// "310" in an organisation with prefix 0042 is "0042*310" to everybody else.
std::string extended(const directory::Phone& phone,
                     const std::vector<directory::Organisation>& organisations) {
  const bool is_short = !phone.extension.empty() && phone.extension.find('*') == std::string::npos;
  for (const directory::Organisation& each : organisations) {
    if (is_short && each.id == phone.organisation && !each.prefix.empty()) {
      return each.prefix + "*" + phone.extension;
    }
  }
  return phone.extension;
}

}  // namespace

directory::Entities configured_entities(const Settings& settings) {
  const directory::AccountId account = settings.account.id();
  directory::Entities all;
  for (const OrganisationSection& each : settings.organisations) {
    all.organisations.push_back({configured_id<OrganisationId>("organisation", each.id), account, each.name,
                                 each.prefix, each.supervision_allowed});
  }
  for (const PhoneSection& each : settings.phones) {
    directory::Phone phone = each.phone;
    phone.id = configured_id<PhoneId>("phone", phone.user);
    phone.account = account;
    if (!each.organisation.empty())
      phone.organisation = configured_id<OrganisationId>("organisation", each.organisation);
    phone.extension = extended(phone, all.organisations);
    all.phones.push_back(std::move(phone));
  }
  for (directory::Trunk trunk : settings.trunks) {
    trunk.id = configured_id<directory::TrunkId>("trunk", trunk.name);
    all.trunks.push_back(std::move(trunk));
  }
  for (const NumberSection& each : settings.numbers) all.numbers.push_back(number_of(each, account));
  return all;
}

}  // namespace sotto::app::config
