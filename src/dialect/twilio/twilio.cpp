#include "dialect/twilio/twilio.h"

#include "dialect/twilio/account_settings.h"

namespace sotto::twilio {

struct Twilio::State {
  explicit State(dialect::Services given) : services(std::move(given)) {}
  dialect::Services services;
};

Twilio::Twilio(dialect::Services services) : state_(std::make_unique<State>(std::move(services))) {}

Twilio::~Twilio() = default;

std::string_view Twilio::name() const {
  return kDialect;
}

void Twilio::add_routes(http::Router&) {}

void Twilio::take(const call::Leg& leg, const directory::RunProgram&) {
  state_->services.switchboard.hang_up(
      leg.id, {call::EndCause::ProgramFailed, call::EndedBy::Platform, 500, "no document"});
}

Result<std::string> Twilio::complete_account(std::string_view settings, base::Random& random) const {
  return complete_account_settings(settings, random);
}

std::vector<std::pair<std::string, std::string>> Twilio::credentials(
    const directory::Account& account) const {
  const AccountSettings settings = settings_of(account);
  if (settings.account_sid.empty()) return {};
  return {{"Account SID", settings.account_sid}, {"Auth token", settings.auth_token}};
}

void Twilio::on_found_dead(const store::LegRecord&) {}

void Twilio::next(flow::RequestId, const flow::Subject&, const flow::DocumentRef&, const flow::Outcome&) {}
void Twilio::cancel(flow::RequestId) {}
void Twilio::tell(const flow::Subject&, const flow::DocumentRef&, const flow::Outcome&) {}
void Twilio::on_event(const call::Event&) {}
void Twilio::on_dial_started(call::LegId, call::LegId, const std::string&, const std::string&) {}
void Twilio::on_step_ended(call::LegId, const flow::Step&, const flow::Outcome&) {}

}  // namespace sotto::twilio
