#include "flow/runner.h"
#include "flow/steps/steps.h"

namespace sotto::flow {
namespace {

class SendDigitsRun final : public StepRun {
 public:
  SendDigitsRun(Runner& runner, const SendDigitsStep& spec)
      : runner_(runner), spec_(spec), alarm_(runner.core()) {}

  void start() override {
    if (!runner_.core().board().send_digits(runner_.leg(), spec_.digits)) return runner_.finish(Played{true});
    alarm_.start(sending_time(spec_.digits), [this] { runner_.finish(Played{}); });
  }
  void cancel(Cancel) override { alarm_.stop(); }

 private:
  Runner& runner_;
  const SendDigitsStep& spec_;
  Alarm alarm_;
};

}  // namespace

std::unique_ptr<StepRun> make_run(Runner& runner, const SendDigitsStep& spec) {
  return std::make_unique<SendDigitsRun>(runner, spec);
}

}  // namespace sotto::flow
