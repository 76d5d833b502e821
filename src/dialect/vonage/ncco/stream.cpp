#include "dialect/vonage/ncco/action.h"
#include "dialect/vonage/ncco/speech.h"

namespace sotto::vonage {
namespace {

void parse(Options& options, Build& build) {
  flow::PlayStep step;
  step.prompt.playlist = {call::AudioFile{options.required_url("streamUrl")}};
  read_playing(options, step.prompt);
  build.barge_in = build.barge_in || options.boolean("bargeIn", false);
  step.barge_in = build.barge_in;
  step.wait = build.barge_in ? flow::Wait::No : flow::Wait::Yes;
  build.add(std::move(step));
}

constexpr Option kOptions[] = {{"streamUrl"}, {"level"}, {"bargeIn"}, {"loop"}};

}  // namespace

const Action kStream{"stream", parse, kOptions};

}  // namespace sotto::vonage
