#include "dialect/twilio/twiml/builder.h"

namespace sotto::twilio {
namespace {

// What may stand where (twilio.md §2.0, §2.2.4, §2.7, §2.8).
constexpr Verb kVerbs[] = {
    // name, parser, in a screening document, in a wait or announcement, in a queue's wait document
    {"Connect", parse_connect, false, false, false},
    {"Dial", parse_dial, false, false, false},
    {"Enqueue", parse_enqueue, false, false, false},
    {"Gather", parse_gather, true, false, true},
    {"Hangup", parse_hangup, true, false, true},
    {"Leave", parse_leave, false, false, true},
    {"Pause", parse_pause, true, true, true},
    {"Play", parse_play, true, true, true},
    {"Record", parse_record, true, false, false},
    {"Redirect", parse_redirect, true, true, true},
    {"Refer", parse_refer, false, false, false},
    {"Reject", parse_reject, true, false, false},
    {"Say", parse_say, true, true, true},
    {"Sms", parse_sms, true, false, false},
    {"Start", parse_start, true, false, false},
    {"Stop", parse_stop, true, false, false},
};

}  // namespace

const Verb* find_verb(std::string_view name) {
  for (const Verb& verb : kVerbs) {
    if (verb.name == name) return &verb;
  }
  return nullptr;
}

}  // namespace sotto::twilio
