#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.h"
#include "base/result.h"
#include "campaign/hours.h"

// What one campaign does with its calls, as the operator writes it. A caller of one of its numbers waits,
// while its agents are rung; whoever answers hears the whisper, alone, and accepts.
namespace sotto::campaign {

enum class AgentOrder { Together, InTurn };
enum class Recording { Off, On };
enum class CallerId {
  Caller,  // the agent's phone shows who calls
  Number,  // it shows the campaign's number that was called
};

struct Campaign {
  std::string name;                  // letters, digits, "-" and "_"
  std::vector<std::string> numbers;  // E.164 digits, without plus
  std::string topic;                 // "the summer offer"

  std::string greeting;  // to the caller; empty: none, and he is answered only when an agent accepts
  std::string whisper = "Incoming call regarding {topic}. Press {key} to accept.";
  int whisper_times = 2;
  std::string withheld_caller = "a withheld number";  // for {caller}, where there is none
  std::string language = "en-US";
  std::string voice;

  std::vector<base::Address> agents;
  AgentOrder order = AgentOrder::Together;
  std::string accept_key = "1";  // any of these; empty: any answer accepts, once he has heard the whisper
  std::chrono::seconds ring_timeout{30};
  std::chrono::seconds accept_timeout{10};  // from the end of the whisper
  CallerId caller_id = CallerId::Caller;
  std::string caller_gone_notice = "The caller has hung up.";  // empty: none

  std::string hold_music;  // URL or path; empty: ringing
  Recording recording = Recording::Off;

  std::optional<OpeningHours> hours;  // absent: always open
  std::string closed_message;         // empty: the call is refused
  std::string missed_message;         // when no agent accepted; empty: it just ends

  bool operator==(const Campaign&) const = default;
};

// The error begins with the field's name and says what to write instead.
Result<void> validate(const Campaign& campaign);

}  // namespace sotto::campaign
