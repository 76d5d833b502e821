#include "dialect/vonage/ncco/action.h"

namespace sotto::vonage {
namespace {

void parse(Options& options, Build& build) {
  if (!options.has("payload")) options.refuse("payload", "is required");
  (void)options.inner("payload");
  NotifyDocument document;
  document.hook = options.hook("eventUrl", "eventMethod", http::Method::Post);
  if (!document.hook) options.refuse("eventUrl", "is required");
  document.payload = options.field("payload").value();
  if (options.error()) return;
  flow::AskStep step;
  step.ask = {flow::Asking::Always, build.scope.keep(std::move(document)), false};
  build.add(std::move(step));
}

constexpr Option kOptions[] = {{"payload"}, {"eventUrl"}, {"eventMethod"}};

}  // namespace

const Action kNotify{"notify", parse, kOptions};

}  // namespace sotto::vonage
