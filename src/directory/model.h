#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/address.h"
#include "base/ids.h"

// Who and what is known to the server, as plain values. They live in an immutable Snapshot; the store keeps
// them.
namespace sotto::directory {

using AccountId = base::Id<struct AccountTag>;
using ApplicationId = base::Id<struct ApplicationTag>;
using NumberId = base::Id<struct NumberTag>;
using PhoneId = base::Id<struct PhoneTag>;
using TrunkId = base::Id<struct TrunkTag>;
using OrganisationId = base::Id<struct OrganisationTag>;

// What a dialect keeps on an entity, by the dialect's name: JSON text that only it reads.
using DialectSettings = std::map<std::string, std::string>;

struct Account {
  AccountId id;
  std::string name;
  std::optional<AccountId> parent;  // its credentials work here too
  bool active = true;
  bool silence_accepts = true;   // a screening document that ends without a key accepts the call
  bool any_caller_id = true;     // present what the app says; otherwise only own numbers
  bool emergency_calls = false;  // may dial emergency numbers, through Trunk::emergency
  DialectSettings settings;      // credentials, callback defaults
};

struct Application {
  ApplicationId id;
  AccountId account;
  std::string name;
  std::string dialect;  // who runs its calls: "vonage", "twilio"
  DialectSettings settings;
};

// What a call to a number does.
struct ToApplication {
  ApplicationId application;
};
struct ToDialect {
  std::string dialect;  // the dialect's settings on the number itself say what to run
};
struct ToPhone {
  PhoneId phone;
};
struct ToCampaign {
  std::string campaign;
};
struct ToAddresses {
  std::vector<base::Address> in_turn;  // plain forwarding
};
using Assignment = std::variant<std::monostate, ToApplication, ToDialect, ToPhone, ToCampaign, ToAddresses>;

struct Number {
  NumberId id;
  std::string digits;              // E.164 without plus
  std::string country;             // ISO 3166 alpha-2
  std::string pool;                // where it came from
  std::optional<AccountId> owner;  // absent: for sale in its pool
  Assignment assignment;
  std::string label;
  DialectSettings settings;
};

struct Organisation {
  OrganisationId id;
  AccountId account;
  std::string name;
  std::string prefix;  // of extended extension numbers: "0042"
  bool supervision_allowed = true;
};

// Something an extension number reaches.
enum class ExtensionKind { PhoneTerminal, Queue, Conference, Ivr };

// How we offer to protect sound; an offer from there is answered as it asks.
enum class SoundSecurity { Plain, Sdes, Dtls };

struct Phone {
  PhoneId id;
  AccountId account;
  OrganisationId organisation;
  std::string user;       // SIP user name; identity of client addresses
  std::string extension;  // extended form, "0042*310"; may be empty
  ExtensionKind kind = ExtensionKind::PhoneTerminal;
  std::string owner;  // numeric user id in its organisation
  std::string caller_id_name;
  std::string caller_id_number;
  std::map<std::string, std::string> ha1;  // digest algorithm → HA1; the password itself is never kept
  bool may_record = true;
  SoundSecurity security = SoundSecurity::Plain;  // browsers are offered DTLS whatever it says
  DialectSettings settings;
};

enum class NumberFormat { Plus, Bare, National };

struct Trunk {
  TrunkId id;
  std::string name;
  std::vector<std::string> hosts;       // "host[:port][;transport=tls]", tried in turn
  std::vector<std::string> allow_from;  // addresses or CIDR ranges whose INVITEs are his
  std::string user;                     // digest credentials, empty: none
  std::string password;                 // needed in clear to answer a challenge; never logged
  bool registers = false;
  bool probes = true;     // by OPTIONS: it is passed over while it does not answer
  uint32_t priority = 0;  // lower first
  uint32_t weight = 1;    // share among equals
  NumberFormat format = NumberFormat::Plus;
  std::string country;                    // whose national format; ISO 3166 alpha-2
  std::vector<std::string> destinations;  // allowed E.164 prefixes; empty: all
  uint32_t channels_max = 0;              // 0: no limit
  uint32_t calls_per_second_max = 0;
  bool emergency = false;           // carries emergency numbers
  bool writes_identity = false;     // P-Asserted-Identity and Diversion towards him
  std::vector<std::string> codecs;  // by our order; empty: all
  SoundSecurity security = SoundSecurity::Plain;
};

}  // namespace sotto::directory
