#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/random.h"
#include "call/event.h"
#include "call/leg.h"
#include "directory/route.h"
#include "flow/document.h"
#include "flow/engine.h"
#include "http/router.h"
#include "store/leg_store.h"

namespace sotto::dialect {

// One vendor's HTTP language. It renders events to webhooks, answers the vendor's API, and parses documents
// into programs. It is a sink of the switchboard and an observer of the engine. Control thread.
class Dialect : public flow::Documents, public call::EventSink, public flow::Observer {
 public:
  virtual std::string_view name() const = 0;  // in Origin, DocumentRef, DialectSettings

  // Its paths and their error envelopes. Once, before the server listens.
  virtual void add_routes(http::Router& router) = 0;

  // An inbound leg whose number or application this dialect runs; it is offered, and nothing drives it yet.
  virtual void take(const call::Leg& leg, const directory::RunProgram& what) = 0;

  // Whether it runs this call of a phone of ours whatever was dialled; take() then has neither number nor
  // application.
  virtual bool wants(const call::Leg&) const { return false; }

  // The settings of an account (JSON text) with every credential that was missing made up, in the vendor's
  // formats. Given ones are kept; one that the vendor's clients could not use is refused by name.
  virtual Result<std::string> complete_account(std::string_view settings, base::Random& random) const = 0;
  // What a person needs to point a client at us, by label: printed once, at the first start.
  virtual std::vector<std::pair<std::string, std::string>> credentials(
      const directory::Account& account) const = 0;

  // A leg that was up when the server was killed, as it was closed at this start: its final events are due.
  virtual void on_found_dead(const store::LegRecord& leg) = 0;

 protected:
  // Observers are told of everything; most dialects care for little of it.
  void on_dial_started(call::LegId, call::LegId, const std::string&, const std::string&) override {}
  void on_accepted(call::LegId, call::LegId) override {}
  void on_declined(call::LegId, call::LegId) override {}
  void on_step_ended(call::LegId, const flow::Step&, const flow::Outcome&) override {}
  void on_program_ended(call::LegId) override {}
};

}  // namespace sotto::dialect
