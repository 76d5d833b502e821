#pragma once

#include "dialect/host/dialect.h"
#include "dialect/host/services.h"
#include "dialect/twilio/number_settings.h"

namespace sotto::twilio {

// TwiML and the REST API 2010-04-01, voice part. Control thread.
class Twilio final : public dialect::Dialect {
 public:
  explicit Twilio(dialect::Services services);
  ~Twilio() override;

  std::string_view name() const override;
  void add_routes(http::Router& router) override;
  void take(const call::Leg& leg, const directory::RunProgram& what) override;
  bool wants(const call::Leg& leg) const override;
  Result<std::string> complete_account(std::string_view settings, base::Random& random) const override;
  std::vector<std::pair<std::string, std::string>> credentials(
      const directory::Account& account) const override;
  void on_found_dead(const store::LegRecord& leg) override;

  void next(flow::RequestId request, const flow::Subject& subject, const flow::DocumentRef& document,
            const flow::Outcome& outcome) override;
  void cancel(flow::RequestId request) override;
  void tell(const flow::Subject& subject, const flow::DocumentRef& document,
            const flow::Outcome& outcome) override;
  void on_event(const call::Event& event) override;
  void on_dial_started(call::LegId parent, call::LegId child, const std::string& dial_tag,
                       const std::string& destination_tag) override;
  void on_step_ended(call::LegId leg, const flow::Step& step, const flow::Outcome& outcome) override;

 private:
  struct State;

  void take_from_noun(const call::Leg& leg);
  std::optional<VoiceSettings> take_from_domain(const call::Leg& leg);

  std::unique_ptr<State> state_;
};

}  // namespace sotto::twilio
