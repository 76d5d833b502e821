#include "directory/route.h"

#include <algorithm>
#include <array>

#include "directory/ip_range.h"

namespace sotto::directory {
namespace {

using base::Address;

// Numbers that reach an ambulance, the police or the fire brigade, by country; 112 does everywhere.
struct Emergency {
  std::string_view country;
  std::string_view digits;
};
constexpr std::array<Emergency, 14> kEmergency = {{{"US", "911"},
                                                   {"CA", "911"},
                                                   {"GB", "999"},
                                                   {"IE", "999"},
                                                   {"AU", "000"},
                                                   {"NZ", "111"},
                                                   {"FR", "15"},
                                                   {"FR", "17"},
                                                   {"FR", "18"},
                                                   {"DE", "110"},
                                                   {"IN", "108"},
                                                   {"JP", "110"},
                                                   {"JP", "119"},
                                                   {"BR", "190"}}};

class Router {
 public:
  Router(const Snapshot& snapshot, std::optional<AccountId> account, base::Random& random)
      : snapshot_(snapshot), account_(account ? snapshot.account(*account) : nullptr), random_(random) {}

  Decision decide(const Address& to) && {
    Decision decision;
    decision.route = dispatch(to);
    decision.steps = std::move(steps_);
    return decision;
  }

 private:
  void say(std::string step) { steps_.push_back(std::move(step)); }

  Refuse refuse(Refuse::Reason reason, std::string detail) {
    say("refused: " + detail);
    return {reason, std::move(detail)};
  }

  Route dispatch(const Address& to) {
    switch (to.kind) {
      case Address::Kind::Phone:
        return to_phone(snapshot_.phone_by_extension(to.text), "extension " + to.text);
      case Address::Kind::User: return to_phone(snapshot_.phone_by_user(to.text), "user " + to.text);
      case Address::Kind::Sip: say("a SIP URI is called as it is"); return CallUri{to.text, false};
      case Address::Kind::WebSocket: say("a WebSocket URI is connected to"); return CallUri{to.text, true};
      case Address::Kind::Application: return to_application(to.text);
      case Address::Kind::Number: return to_number(to.text);
      case Address::Kind::Anonymous: break;
    }
    return refuse(Refuse::Reason::NotANumber, "to: nothing to call");
  }

  Route to_phone(const Phone* phone, const std::string& asked) {
    if (phone == nullptr) return refuse(Refuse::Reason::UnknownPhone, "to: no phone has " + asked);
    say(asked + " is the phone \"" + phone->user + "\"");
    return RingPhone{phone->id};
  }

  Route to_application(const std::string& text) {
    const auto id = base::parse_id<ApplicationId>(text);
    const Application* application = id ? snapshot_.application(*id) : nullptr;
    if (application == nullptr) return refuse(Refuse::Reason::NotANumber, "to: no such application");
    say("application \"" + application->name + "\" runs in this server");
    return RunProgram{application->dialect, application->id, std::nullopt, {}};
  }

  Route to_number(const std::string& digits) {
    if (digits.empty() || digits.find_first_not_of("0123456789*#") != std::string::npos) {
      return refuse(Refuse::Reason::NotANumber, "to: \"" + digits + "\" is not a number");
    }
    if (is_emergency(digits, {})) return to_emergency(digits);
    if (const Number* number = snapshot_.number(digits); number != nullptr && number->owner)
      return to_own(*number);
    say(digits + " is not a number of ours");
    if (const Phone* phone = snapshot_.phone_by_extension(digits))
      return to_phone(phone, "extension " + digits);
    return to_trunks(digits, false);
  }

  Route to_own(const Number& number) {
    say(number.digits + " is ours");
    struct Visitor {
      Router& router;
      const Number& number;
      Route operator()(const ToApplication& to) const {
        const Application* application = router.snapshot_.application(to.application);
        router.say("linked to the application \"" + application->name + "\"");
        return RunProgram{application->dialect, to.application, number.id, {}};
      }
      Route operator()(const ToDialect& to) const {
        router.say("its own settings for " + to.dialect + " say what runs");
        return RunProgram{to.dialect, std::nullopt, number.id, {}};
      }
      Route operator()(const ToPhone& to) const {
        router.say("belongs to a phone, which rings whoever dials it");
        return router.to_phone(router.snapshot_.phone(to.phone), "number " + number.digits);
      }
      Route operator()(const ToCampaign& to) const {
        router.say("belongs to the campaign \"" + to.campaign + "\"");
        return RunProgram{"campaign", std::nullopt, number.id, to.campaign};
      }
      Route operator()(const ToAddresses& to) const {
        router.say("forwarded");
        return Forward{to.in_turn};
      }
      Route operator()(std::monostate) const {
        return router.refuse(Refuse::Reason::NumberUnassigned,
                             "number " + number.digits + ": link it to an application, phone or campaign");
      }
    };
    return std::visit(Visitor{*this, number}, number.assignment);
  }

  Route to_emergency(const std::string& digits) {
    say(digits + " is an emergency number");
    if (account_ != nullptr && !account_->emergency_calls) {
      return refuse(Refuse::Reason::Emergency, "account \"" + account_->name + "\": emergency_calls is off");
    }
    return to_trunks(digits, true);
  }

  Route to_trunks(const std::string& digits, bool emergency) {
    std::vector<const Trunk*> usable;
    for (const Trunk& trunk : snapshot_.all().trunks) {
      if (const std::string why = excluded(trunk, digits, emergency); !why.empty()) {
        say("trunk \"" + trunk.name + "\" left out: " + why);
      } else {
        usable.push_back(&trunk);
      }
    }
    if (usable.empty()) {
      if (emergency)
        return refuse(Refuse::Reason::Emergency,
                      "no trunk has emergency = true: add it to one that carries such calls");
      return refuse(Refuse::Reason::NoTrunk,
                    "no trunk takes " + digits + ": see [[trunk]] hosts and destinations");
    }
    UseTrunks use;
    use.number = digits;
    for (const Trunk* trunk : in_order(std::move(usable))) {
      say("trunk \"" + trunk->name + "\" (priority " + std::to_string(trunk->priority) + ", weight " +
          std::to_string(trunk->weight) + ")");
      use.in_order.push_back(trunk->id);
    }
    return use;
  }

  static std::string excluded(const Trunk& trunk, const std::string& digits, bool emergency) {
    if (trunk.hosts.empty()) return "it has no hosts to call";
    if (emergency) return trunk.emergency ? "" : "it does not carry emergency calls";
    const auto matches = [&](const std::string& prefix) { return digits.starts_with(prefix); };
    if (trunk.destinations.empty() ||
        std::any_of(trunk.destinations.begin(), trunk.destinations.end(), matches))
      return "";
    return "destinations does not allow the number";
  }

  // By priority; among equals drawn without putting back, each by its weight.
  std::vector<const Trunk*> in_order(std::vector<const Trunk*> trunks) {
    std::stable_sort(trunks.begin(), trunks.end(),
                     [](const Trunk* a, const Trunk* b) { return a->priority < b->priority; });
    for (size_t i = 0; i < trunks.size(); ++i) {
      size_t end = i;
      uint64_t total = 0;
      while (end < trunks.size() && trunks[end]->priority == trunks[i]->priority)
        total += trunks[end++]->weight;
      if (total == 0 || end == i + 1) continue;
      uint64_t drawn = random_.below(total);
      size_t chosen = i;
      while (drawn >= trunks[chosen]->weight) drawn -= trunks[chosen++]->weight;
      std::rotate(trunks.begin() + static_cast<ptrdiff_t>(i), trunks.begin() + static_cast<ptrdiff_t>(chosen),
                  trunks.begin() + static_cast<ptrdiff_t>(chosen) + 1);
    }
    return trunks;
  }

  const Snapshot& snapshot_;
  const Account* account_;
  base::Random& random_;
  std::vector<std::string> steps_;
};

}  // namespace

Decision route(const Snapshot& snapshot, const base::Address& to, std::optional<AccountId> account,
               base::Random& random) {
  return Router(snapshot, account, random).decide(to);
}

const Phone* phone_near(const Snapshot& snapshot, const Phone& near, std::string_view number) {
  if (number.empty()) return nullptr;
  const auto neighbour = [&](const Phone& phone) {
    return phone.account == near.account && phone.organisation == near.organisation &&
           !phone.extension.empty();
  };
  const Phone* found = snapshot.phone_by_extension(number);
  if (found != nullptr && neighbour(*found)) return found;
  for (const Phone& phone : snapshot.all().phones) {
    const std::string_view extension = phone.extension;
    const size_t star = extension.rfind('*');
    if (star != std::string_view::npos && extension.substr(star + 1) == number && neighbour(phone))
      return &phone;
  }
  return nullptr;
}

const Trunk* trunk_of(const Snapshot& snapshot, std::string_view ip_address) {
  const Trunk* best = nullptr;
  int best_bits = -1;
  for (const Trunk& trunk : snapshot.all().trunks) {
    for (const std::string& text : trunk.allow_from) {
      const auto range = parse_ip_range(text);
      if (!range || !contains(*range, ip_address) || range->bits <= best_bits) continue;
      best = &trunk;
      best_bits = range->bits;
    }
  }
  return best;
}

bool is_emergency(std::string_view digits, std::string_view country) {
  if (digits == "112") return true;
  return std::any_of(kEmergency.begin(), kEmergency.end(), [&](const Emergency& each) {
    return each.digits == digits && (country.empty() || each.country == country);
  });
}

}  // namespace sotto::directory
