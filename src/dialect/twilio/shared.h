#pragma once

#include <deque>
#include <set>
#include <vector>

#include "dialect/host/services.h"
#include "dialect/twilio/accounts.h"
#include "dialect/twilio/leg_book.h"
#include "dialect/twilio/link_table.h"
#include "dialect/twilio/notifications.h"
#include "dialect/twilio/parameters.h"
#include "dialect/twilio/queue_names.h"
#include "dialect/twilio/request_log.h"
#include "dialect/twilio/sip_domains.h"

namespace sotto::twilio {

// What all parts of the dialect stand on. Control thread.
struct Shared {
  explicit Shared(dialect::Services given);

  dialect::Services services;
  Accounts accounts;
  LegBook legs;
  LinkTable links;
  Notifications notifications;
  RequestLog requests;
  QueueNames queues;
  SipDomains domains;
  std::vector<call::RecordingId> recording;  // those that run now, in the order of their start
  std::set<call::RecordingId> paused;        // of them
  // The latest that have ended, for whoever is told of one and asks before the store has it.
  struct EndedRecording {
    std::string account;
    call::RecordingInfo info;
  };
  std::deque<EndedRecording> ended;

  Host host_of(const std::string& account_hex) const;
  // Of the account that a leg belongs to.
  std::string token_of(const std::string& account_hex) const;
  void note(const call::Leg& leg, int code, bool error, std::string text);
};

}  // namespace sotto::twilio
