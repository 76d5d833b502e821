#include "app/config/problems.h"

#include <set>

#include <fmt/format.h>

#include "app/config/nearest.h"
#include "sip/digest_auth.h"
#include "text/e164.h"

namespace sotto::app::config {
namespace {

constexpr size_t kPasswordBytesMin = 8;

bool is_secret(std::string_view key) {
  return key.ends_with("password") || key.ends_with("secret") || key.ends_with("token");
}

// The value of one key in an element, for its line; the element itself where it is absent.
const Place& place_of(const Value& element, std::string_view key) {
  const Value* value = element.table() == nullptr ? nullptr : element.table()->find(key);
  return value == nullptr ? element.place : value->place;
}

// Tells of the second of two that have one name.
class Unique {
 public:
  explicit Unique(Problems& problems) : problems_(problems) {}
  void add(const std::string& name, const Place& place, std::string_view key) {
    if (name.empty()) return;
    const auto [it, fresh] = seen_.emplace(name, place);
    if (fresh) return;
    problems_.add(place, key, fmt::format("{} is there twice, first at {}", quoted(name), it->second.text()));
  }

 private:
  Problems& problems_;
  std::map<std::string, Place> seen_;
};

void check_server(const Settings& settings, Problems& problems) {
  const ServerSection& server = settings.server;
  const Place place{"[server]", 0};
  const bool certificate = !server.tls_certificate.empty() && !server.tls_key.empty();
  for (const auto& [key, wanted] : {std::pair{"server.https", server.https.has_value()},
                                    std::pair{"server.sip_tls", server.sip_tls.has_value()}}) {
    if (wanted && !certificate)
      problems.add(place, key, "wants server.tls_certificate and server.tls_key as well");
  }
  if (server.rtp_port_min >= server.rtp_port_max) {
    problems.add(
        place, "server.rtp_port_min",
        fmt::format("found {}; it must be below rtp_port_max, {}", server.rtp_port_min, server.rtp_port_max));
  }
}

void check_numbers(const Settings& settings, const Elements& elements, Problems& problems) {
  Unique numbers(problems);
  for (size_t i = 0; i < settings.pools.size(); ++i) {
    const Place& place = place_of(elements.pools[i], "numbers");
    for (const std::string& digits : settings.pools[i].numbers) numbers.add(digits, place, "pool.numbers");
  }
  std::set<std::string> users;
  for (const PhoneSection& phone : settings.phones) users.insert(phone.phone.user);
  for (size_t i = 0; i < settings.numbers.size(); ++i) {
    const NumberSection& number = settings.numbers[i];
    numbers.add(number.digits, place_of(elements.numbers[i], "number"), "number.number");
    if (!number.phone.empty() && !number.forward_to.empty()) {
      problems.add(place_of(elements.numbers[i], "forward_to"), "number.forward_to",
                   "found beside phone; a number has one of them");
    }
    if (!number.phone.empty() && !users.contains(number.phone)) {
      problems.add(place_of(elements.numbers[i], "phone"), "number.phone",
                   fmt::format("found {}; allowed is the user of a [[phone]]", quoted(number.phone)));
    }
  }
  for (size_t i = 0; i < settings.campaigns.size(); ++i) {
    const Place& place = place_of(elements.campaigns[i], "numbers");
    for (const std::string& digits : settings.campaigns[i].numbers) {
      numbers.add(digits, place, "campaign.numbers");
    }
  }
}

// Whoever finds the port may try passwords, so those that everybody knows do not count.
bool is_weak(const PhoneSection& phone) {
  if (phone.password.size() < kPasswordBytesMin || phone.password == phone.phone.user) return true;
  for (const auto& key : phone_keys()) {
    if (key.name == "password" && quoted(phone.password) == key.example) return true;
  }
  static const std::set<std::string_view> kKnown = {"password", "password1",    "12345678",
                                                    "changeme", "secretsecret", "sottosotto"};
  return kKnown.contains(phone.password);
}

void check_phones(Settings& settings, const Elements& elements, Problems& problems) {
  Unique users(problems);
  Unique extensions(problems);
  Unique organisations(problems);
  std::set<std::string> known;
  for (size_t i = 0; i < settings.organisations.size(); ++i) {
    OrganisationSection& each = settings.organisations[i];
    if (each.id.empty()) each.id = each.name;
    organisations.add(each.id, place_of(elements.organisations[i], "id"), "organisation.id");
    known.insert(each.id);
  }
  const bool open = !settings.server.sip.address.is_loopback();
  for (size_t i = 0; i < settings.phones.size(); ++i) {
    PhoneSection& each = settings.phones[i];
    const Value& element = elements.phones[i];
    users.add(each.phone.user, place_of(element, "user"), "phone.user");
    extensions.add(each.phone.extension, place_of(element, "extension"), "phone.extension");
    if (!each.organisation.empty() && !known.contains(each.organisation)) {
      problems.add(
          place_of(element, "organisation"), "phone.organisation",
          fmt::format("found {}; allowed is the id of an [[organisation]]", quoted(each.organisation)));
    }
    if (each.password.empty()) continue;
    if (open && is_weak(each)) {
      problems.add(
          place_of(element, "password"), "phone.password",
          fmt::format("found one that can be guessed, while SIP listens beyond this machine; allowed "
                      "are {} characters or more that are neither the user's name nor an example",
                      kPasswordBytesMin));
    }
    for (const auto algorithm : {sip::DigestAlgorithm::Md5, sip::DigestAlgorithm::Sha256}) {
      each.phone.ha1[std::string(sip::to_string(algorithm))] =
          sip::ha1(algorithm, each.phone.user, settings.server.realm, each.password);
    }
    std::fill(each.password.begin(), each.password.end(), '\0');
    each.password.clear();
  }
}

void check_trunks(const Settings& settings, const Elements& elements, Problems& problems) {
  Unique names(problems);
  for (size_t i = 0; i < settings.trunks.size(); ++i) {
    const directory::Trunk& trunk = settings.trunks[i];
    names.add(trunk.name, place_of(elements.trunks[i], "name"), "trunk.name");
    if (trunk.hosts.empty() && trunk.allow_from.empty()) {
      problems.add(elements.trunks[i].place, "trunk.hosts",
                   "missing; a trunk has hosts for calls to it, or allow_from for calls from it");
    }
  }
}

// An agent that is written like an extension may be the user of a phone.
void find_agents(const Settings& settings, std::vector<base::Address>& agents) {
  for (base::Address& agent : agents) {
    for (const PhoneSection& phone : settings.phones) {
      if (phone.phone.user == agent.text) agent.kind = base::Address::Kind::User;
      if (phone.phone.extension == agent.text) agent.kind = base::Address::Kind::Phone;
    }
  }
}

void check_campaigns(Settings& settings, const Elements& elements, Problems& problems) {
  Unique names(problems);
  for (size_t i = 0; i < settings.campaigns.size(); ++i) {
    campaign::Campaign& each = settings.campaigns[i];
    const Value& element = elements.campaigns[i];
    names.add(each.name, place_of(element, "name"), "campaign.name");
    find_agents(settings, each.agents);
    const auto valid = campaign::validate(each);
    if (valid) continue;
    // The error begins with the field's name.
    const std::string& detail = valid.error().detail;
    const size_t colon = detail.find(": ");
    std::string field = colon == std::string::npos ? "" : detail.substr(0, colon);
    if (field.starts_with("hours.")) field = field == "hours.week" ? "hours" : field.substr(6);
    problems.add(place_of(element, field), "campaign." + field,
                 colon == std::string::npos ? detail : detail.substr(colon + 2));
  }
}

}  // namespace

void Problems::add(const Place& place, std::string_view key, std::string_view what) {
  const std::string where = place.source.empty() ? std::string() : place.text() + ": ";
  lines_.push_back(fmt::format("{}{}: {}", where, key, what));
}

void Problems::found_instead(std::string_view key, const Value& found, std::string_view allowed) {
  const std::string shown = is_secret(key) ? "something else" : found.describe();
  add(found.place, key, fmt::format("found {}; allowed is {}", shown, allowed));
}

void Problems::unknown(const Place& place, std::string_view key, std::string_view name,
                       const std::vector<std::string_view>& known) {
  const std::string near = nearest(name, known);
  if (!near.empty()) return add(place, key, fmt::format("is not known; did you mean {}?", near));
  std::string all;
  for (const std::string_view each : known) all += (all.empty() ? "" : ", ") + std::string(each);
  add(place, key, "is not known; allowed are " + all);
}

std::vector<Value>& Elements::of(std::string_view list) {
  if (list == "pool") return pools;
  if (list == "number") return numbers;
  if (list == "organisation") return organisations;
  if (list == "phone") return phones;
  if (list == "trunk") return trunks;
  return campaigns;
}

void check_together(Settings& settings, const Elements& elements, Problems& problems) {
  check_server(settings, problems);
  check_numbers(settings, elements, problems);
  check_phones(settings, elements, problems);
  check_trunks(settings, elements, problems);
  check_campaigns(settings, elements, problems);
}

}  // namespace sotto::app::config
