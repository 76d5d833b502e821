#include "dialect/vonage/ncco/action.h"

namespace sotto::vonage {
namespace {

void parse(Options& options, Build& build) {
  build.add(flow::PauseStep{options.seconds("timeout", 10, {0.1, 7200})});
}

constexpr Option kOptions[] = {{"timeout"}};

}  // namespace

const Action kWait{"wait", parse, kOptions};

}  // namespace sotto::vonage
