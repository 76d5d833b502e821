#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "campaign/campaign.h"
#include "crypto/digest.h"
#include "directory/snapshot.h"

// From what the operator's file says to entities of the directory.
namespace sotto::app {

// The id of something that the operator names: the same name gives the same id at every start.
template <typename IdType>
IdType configured_id(std::string_view kind, std::string_view name) {
  const std::string digest =
      crypto::digest_of(crypto::Digest::Sha256, std::string(kind) + "\n" + std::string(name));
  IdType id;
  for (size_t i = 0; i < 8; ++i) {
    id.high = id.high << 8 | static_cast<uint8_t>(digest[i]);
    id.low = id.low << 8 | static_cast<uint8_t>(digest[i + 8]);
  }
  return id;
}

// The account that owns what the file names. What its settings lack is made up at the first start.
struct AccountSettings {
  std::string name = "main";
  bool silence_accepts = true;
  bool any_caller_id = true;
  bool emergency_calls = false;
  directory::DialectSettings dialects;

  directory::AccountId id() const { return configured_id<directory::AccountId>("account", name); }
};

// Numbers for sale: the operator's, from his trunk.
struct Pool {
  std::string name;
  std::string country;
  std::vector<std::string> numbers;
};

// The pools' numbers, unowned, but for those that `known` has already.
std::vector<directory::Number> numbers_for_sale(const std::vector<Pool>& pools,
                                                const directory::Entities& known);
// The campaigns' numbers, owned and assigned.
std::vector<directory::Number> numbers_of(const std::vector<campaign::Campaign>& campaigns,
                                          directory::AccountId owner);

}  // namespace sotto::app
