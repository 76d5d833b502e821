// A campaign, as the file has it.
#include "app/config/setters.h"
#include "base/limits.h"

namespace sotto::app::config {
namespace {

using campaign::Campaign;

campaign::OpeningHours& hours_of(Campaign& campaign) {
  if (!campaign.hours) campaign.hours.emplace();
  return *campaign.hours;
}

Setter<Campaign> opening_week() {
  return {Kind::Text, [](Campaign& into, const Value& value) -> Result<void> {
            constexpr auto what = "opening hours, such as \"Mon-Fri 09:00-17:30, Sat 10:00-14:00\"";
            if (value.text() == nullptr) return allowed(what);
            auto week = campaign::parse_opening_week(*value.text());
            if (!week) return allowed(std::string(what) + " (" + week.error().detail + ")");
            hours_of(into).week = *week;
            return {};
          }};
}

Setter<Campaign> time_zone() {
  return {Kind::Text, [](Campaign& into, const Value& value) -> Result<void> {
            if (value.text() == nullptr) return allowed("a time zone's name, such as \"Europe/Berlin\"");
            hours_of(into).time_zone = *value.text();
            return {};
          }};
}

Setter<Campaign> holidays() {
  return {Kind::Texts, [](Campaign& into, const Value& value) -> Result<void> {
            constexpr auto what = "a list of dates, such as \"2026-12-25\"";
            if (value.array() == nullptr) return allowed(what);
            for (const Value& each : *value.array()) {
              if (each.text() == nullptr) return allowed(what);
              const auto date = campaign::parse_date(*each.text());
              if (!date) return allowed(std::string(what) + " (" + date.error().detail + ")");
              hours_of(into).holidays.push_back(*date);
            }
            return {};
          }};
}

Setter<Campaign> recording() {
  return {Kind::Boolean, [](Campaign& into, const Value& value) -> Result<void> {
            if (value.boolean() == nullptr) return allowed("true or false");
            into.recording = *value.boolean() ? campaign::Recording::On : campaign::Recording::Off;
            return {};
          }};
}

}  // namespace

const Keys<Campaign>& campaign_keys() {
  namespace limits = base::limits;
  using campaign::AgentOrder;
  using campaign::CallerId;
  using C = Campaign;
  constexpr int64_t kRingMax = std::chrono::seconds(limits::kCampaignRingMax).count();
  constexpr int64_t kAcceptMax = std::chrono::seconds(limits::kCampaignAcceptMax).count();
  static const Keys<C> keys = {
      {"name", text(&C::name), "\"summer\"", "Letters, digits, - and _.", Need::Required},
      {"numbers",
       parsed_list(&C::numbers, "numbers with their country's code, such as \"12025550101\"", parse_number),
       "[\"12025550101\"]", "The numbers that its adverts show.", Need::Required},
      {"topic", text(&C::topic), "\"the summer offer\"", "What they are about: {topic} in the whisper."},
      {"greeting", text(&C::greeting), "\"Please wait.\"",
       "What the caller hears first. Without it, he hears ringing and is answered when an agent accepts."},
      {"whisper", text(&C::whisper), "\"Incoming call regarding {topic}. Press {key} to accept.\"",
       "What the agent alone hears. It knows {topic}, {caller}, {campaign}, {wait} and {key}."},
      {"whisper_times", integer(&C::whisper_times, {1, limits::kWhisperTimesMax}), "2", "How often."},
      {"withheld_caller", text(&C::withheld_caller), "\"a withheld number\"",
       "What {caller} says of a caller without a number."},
      {"language", text(&C::language), "\"en-US\"", "Of everything that is spoken."},
      {"voice", text(&C::voice), "\"female\"", "male, female, or a voice's name."},
      {"agents",
       parsed_list(&C::agents, "phones' users or extensions, numbers and SIP URIs",
                   [](const std::string& t) { return parse_agent(t); }),
       "[\"alice\", \"0042*310\", \"+12025550199\"]",
       "Who is rung: a phone by its user or extension, a number, or a SIP URI.", Need::Required},
      {"agent_order",
       choice(&C::order, {{"together", AgentOrder::Together}, {"in_turn", AgentOrder::InTurn}}),
       "\"together\"", "together or in_turn."},
      {"accept_key", text(&C::accept_key), "\"1\"",
       "Any of these keys accepts. Empty: whoever answers and hears the whisper to its end."},
      {"ring_timeout_s", integer(&C::ring_timeout, {1, kRingMax}), "30", "How long agents are rung."},
      {"accept_timeout_s", integer(&C::accept_timeout, {1, kAcceptMax}), "10",
       "How long an agent may take, from the end of the whisper."},
      {"caller_id", choice(&C::caller_id, {{"caller", CallerId::Caller}, {"number", CallerId::Number}}),
       "\"caller\"", "What the agent's phone shows: the caller, or the number that was called."},
      {"caller_gone_notice", text(&C::caller_gone_notice), "\"The caller has hung up.\"",
       "To an agent who hears the whisper when the caller leaves."},
      {"hold_music", text(&C::hold_music), "\"/etc/sotto/music.mp3\"",
       "Path or URL. Without it, the caller hears ringing."},
      {"recording", recording(), "false", "The talk is recorded, and never the whisper."},
      {"hours", opening_week(), "\"Mon-Fri 09:00-17:30, Sat 10:00-14:00\"",
       "When it takes calls. Default: always."},
      {"time_zone", time_zone(), "\"Europe/Berlin\"", "Of the hours and the holidays."},
      {"holidays", holidays(), "[\"2026-12-25\", \"2027-01-01\"]", "Closed all day."},
      {"closed_message", text(&C::closed_message), "\"We are closed. Please call again tomorrow.\"",
       "Heard outside the hours. Without it, the call is refused."},
      {"missed_message", text(&C::missed_message), "\"Nobody is free. We will call you back.\"",
       "Heard when no agent has accepted."},
  };
  return keys;
}

}  // namespace sotto::app::config
