#include <algorithm>

#include "dialect/vonage/ncco/action.h"

namespace sotto::vonage {
namespace {

using std::chrono::milliseconds;

void read_digits(Options& options, flow::GatherStep& step) {
  step.next_digit_timeout = options.seconds("timeOut", 3, {0, 10});
  step.first_digit_timeout = step.next_digit_timeout;
  step.digits_max = static_cast<size_t>(options.integer("maxDigits", 4, {1, 22}));
  if (options.boolean("submitOnHash", false)) step.finish_keys = "#";
}

void read_speech_settings(Options& options, call::RecognitionSpec& spec) {
  spec.language = options.text("language", "en-US");
  spec.hints = options.texts("context");
  spec.start_timeout = options.seconds("startTimeout", 10, {1, 60});
  spec.end_silence = options.seconds("endOnSilence", 2, {0.4, 10});
  spec.length_max = options.seconds("maxDuration", 60, {1, 60});
  spec.save_audio = options.boolean("saveAudio", false);
  (void)options.number("sensitivity", 90, {10, 100});
  (void)options.legs("uuid");
}

// Before 2020 the settings of digits stood on the top level, and the webhook had another form.
bool is_legacy(const Options& options) {
  if (options.has("dtmf")) return false;
  return options.has("timeOut") || options.has("maxDigits") || options.has("submitOnHash");
}

void parse_asynchronous(Options& options, Build& build) {
  if (options.error()) return;
  flow::AskStep step;
  const Hook hook = options.hook("eventUrl", "eventMethod", http::Method::Post);
  step.ask = {flow::Asking::Always, build.scope.keep(SubscribeDocument{hook}), false};
  build.add(std::move(step));
}

void parse(Options& options, Build& build) {
  build.barge_in = false;
  const std::string mode = options.word("mode", "synchronous", {"synchronous", "asynchronous"});
  if (mode == "asynchronous") return parse_asynchronous(options, build);
  std::vector<std::string> types = options.texts("type");
  if (types.empty()) types = {"dtmf"};
  flow::GatherStep step;
  step.digits = step.speech = false;
  for (const std::string& type : types) {
    if (type != "dtmf" && type != "speech") options.refuse("type", "must be a list of: dtmf, speech");
    step.digits = step.digits || type == "dtmf";
    step.speech = step.speech || type == "speech";
  }
  const bool legacy = is_legacy(options);
  Options digits = options.inner("dtmf");
  read_digits(legacy ? options : digits, step);
  options.take(digits);
  Options speech = options.inner("speech");
  read_speech_settings(speech, step.recognition);
  options.take(speech);
  step.keep_typed_ahead = true;
  const Hook hook = options.hook("eventUrl", "eventMethod", http::Method::Post);
  if (options.error()) return;
  InputDocument document{hook, legacy, step.digits, step.speech};
  step.ask = {flow::Asking::Always, build.scope.keep(std::move(document)), false};
  build.add(std::move(step));
}

constexpr Option kOptions[] = {
    {"type"},         {"dtmf"},
    {"timeOut"},      {"maxDigits"},
    {"submitOnHash"}, {"speech", Honoured::Nearly, "by the recogniser that is configured, on this leg"},
    {"mode"},         {"eventUrl"},
    {"eventMethod"}};

}  // namespace

const Action kInput{"input", parse, kOptions};

}  // namespace sotto::vonage
