#pragma once

#include <memory>

#include "dialect/host/dialect.h"
#include "dialect/host/services.h"

namespace sotto::voipnow {

struct Parts;

// 4PSA VoipNow's UnifiedAPI: supervisor whisper and what a supervisor's app needs around it. docs/voipnow.md
// tells the state of every request.
class VoipNow final : public dialect::Dialect {
 public:
  explicit VoipNow(dialect::Services services);
  ~VoipNow() override;

  std::string_view name() const override;
  void add_routes(http::Router& router) override;
  // A call to an extension that is no phone: a queue, a conference or a menu.
  void take(const call::Leg& leg, const directory::RunProgram& what) override;
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

 private:
  std::unique_ptr<Parts> parts_;
};

}  // namespace sotto::voipnow
