#pragma once

#include <functional>
#include <string>

#include "call/recording.h"
#include "dialect/twilio/leg_book.h"
#include "dialect/twilio/twiml/parser.h"
#include "flow/engine.h"
#include "text/uri.h"

// The form fields of Twilio's requests (twilio.md §3). Pure.
namespace sotto::twilio {

// "queued" … "canceled" (twilio.md §8.2).
std::string call_status(const call::Leg& leg);
std::string_view direction_of(const call::Leg& leg, const LegNotes& notes);
std::string final_status(const call::Leg& leg, const call::EndReason& reason);
// Of a child as its Dial's action names it: "completed", "busy", …
std::string_view dial_status(const flow::Dialled& dialled);

std::chrono::seconds duration_of(const call::Leg& leg);

struct Host {
  std::string account_sid;
  std::string api_base;  // "<public url>/2010-04-01/Accounts/AC…"
  // The sid of the account's SIP domain of that name, or empty.
  std::function<std::string(const std::string& domain)> sip_domains = {};
};

// What every request about a leg has (§3.1).
text::Parameters call_parameters(const call::Leg& leg, const LegNotes& notes, const Host& host);
// What the step that ended adds (§2). `moment` is when: the first request of a call has none.
text::Parameters outcome_parameters(const flow::Outcome& outcome, const Link& link, const Host& host,
                                    const std::optional<call::Leg>& child);
text::Parameters recording_parameters(const call::RecordingInfo& recording, const Host& host);

std::string queue_sid(const std::string& scoped_name);
// How long those who wait have waited so far; 0 where nobody does.
std::chrono::seconds average_wait(const std::vector<flow::QueueEntry>& entries, base::WallTime now);
std::string recording_url(const call::RecordingId& id, const Host& host);
std::string_view answered_by(call::MachineVerdict::Kind kind);

}  // namespace sotto::twilio
