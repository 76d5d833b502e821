#include "campaign/campaign.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/limits.h"
#include "campaign/whisper_text.h"
#include "text/ascii.h"

namespace sotto::campaign {
namespace {

namespace limits = base::limits;

bool all_of(std::string_view text, bool (*test)(char)) {
  return std::all_of(text.begin(), text.end(), test);
}

tl::unexpected<Error> invalid(std::string detail) {
  return fail(ErrorCode::Invalid, std::move(detail));
}

Result<void> check_name(const std::string& name) {
  const bool good = !name.empty() && all_of(name, [](char c) {
    return text::is_letter(c) || text::is_digit(c) || c == '-' || c == '_';
  });
  if (!good) return invalid(fmt::format("name: \"{}\" must be letters, digits, - and _", name));
  return {};
}

Result<void> check_numbers(const std::vector<std::string>& numbers) {
  if (numbers.empty()) return invalid("numbers: missing; give the number that the advert shows");
  for (const std::string& number : numbers) {
    const bool good = number.size() >= 3 && number.size() <= 15 && all_of(number, text::is_digit);
    if (!good)
      return invalid(fmt::format("numbers: \"{}\" must be digits only, such as 12025550101", number));
    if (std::count(numbers.begin(), numbers.end(), number) > 1) {
      return invalid(fmt::format("numbers: {} is there twice; remove one", number));
    }
  }
  return {};
}

Result<void> check_agents(const std::vector<base::Address>& agents) {
  using Kind = base::Address::Kind;
  if (agents.empty()) return invalid("agents: missing; name a phone or a number to ring");
  if (agents.size() > limits::kDialDestinationsMax) {
    return fail(ErrorCode::TooLarge, fmt::format("agents: {} are too many, {} can be rung", agents.size(),
                                                 limits::kDialDestinationsMax));
  }
  for (const base::Address& agent : agents) {
    const bool callable = agent.kind == Kind::Number || agent.kind == Kind::Phone ||
                          agent.kind == Kind::User || agent.kind == Kind::Sip;
    if (!callable || agent.text.empty()) {
      return invalid(
          fmt::format("agents: \"{}\" must be a phone, a user, a number or a SIP URI", agent.text));
    }
  }
  return {};
}

Result<void> check_whisper(const Campaign& campaign) {
  const auto parts = parse_template("whisper", campaign.whisper);
  if (!parts) return fail(parts.error());
  if (parts->empty()) return invalid("whisper: empty; write what the agent is to hear");
  if (uses(*parts, Placeholder::Topic) && campaign.topic.empty()) {
    return invalid("topic: missing; the whisper says {topic}");
  }
  if (uses(*parts, Placeholder::Key) && campaign.accept_key.empty()) {
    return invalid("whisper: {key} stands for the accept key, but accept_key is empty; drop one of them");
  }
  if (campaign.whisper_times < 1 || campaign.whisper_times > limits::kWhisperTimesMax) {
    return fail(ErrorCode::OutOfRange,
                fmt::format("whisper_times: must be 1 to {}", limits::kWhisperTimesMax));
  }
  for (const char key : campaign.accept_key) {
    const bool good = text::is_digit(key) || key == '*' || key == '#';
    if (!good) return invalid(fmt::format("accept_key: \"{}\" must be 0-9, * or #", campaign.accept_key));
  }
  return {};
}

Result<void> check_times(const Campaign& campaign) {
  if (campaign.ring_timeout.count() < 1 || campaign.ring_timeout > limits::kCampaignRingMax) {
    return fail(ErrorCode::OutOfRange, fmt::format("ring_timeout: must be 1 to {} seconds",
                                                   std::chrono::seconds(limits::kCampaignRingMax).count()));
  }
  if (campaign.accept_timeout.count() < 1 || campaign.accept_timeout > limits::kCampaignAcceptMax) {
    return fail(ErrorCode::OutOfRange, fmt::format("accept_timeout: must be 1 to {} seconds",
                                                   std::chrono::seconds(limits::kCampaignAcceptMax).count()));
  }
  if (!campaign.hours && !campaign.closed_message.empty()) {
    return invalid("closed_message: never heard, since hours is missing; give hours or drop the message");
  }
  return campaign.hours ? validate(*campaign.hours) : Result<void>();
}

}  // namespace

Result<void> validate(const Campaign& campaign) {
  if (auto good = check_name(campaign.name); !good) return good;
  if (auto good = check_numbers(campaign.numbers); !good) return good;
  if (auto good = check_agents(campaign.agents); !good) return good;
  if (auto good = check_whisper(campaign); !good) return good;
  if (campaign.language.empty()) return invalid("language: missing; name one, such as \"en-US\"");
  return check_times(campaign);
}

}  // namespace sotto::campaign
