#include <cmath>

#include "base/limits.h"
#include "dialect/vonage/ncco/action.h"
#include "dialect/vonage/ncco/recording.h"

namespace sotto::vonage {
namespace {

constexpr int kSampleRate = 16'000;  // vonage.md §6
constexpr Range kSilence{3, 10};
constexpr Range kLength{3, 7200};

void parse(Options& options, Build& build) {
  flow::RecordStep step;
  step.spec = read_recording(options, build.scope);
  step.spec.beep = options.boolean("beepStart", false);
  if (options.has("endOnSilence")) step.spec.end_on_silence = options.seconds("endOnSilence", 3, kSilence);
  step.spec.end_on_keys = options.text("endOnKey");
  const bool key = step.spec.end_on_keys.size() <= 1 &&
                   step.spec.end_on_keys.find_first_not_of("0123456789*#") == std::string::npos;
  if (!key) options.refuse("endOnKey", "must be one of 0-9, * and #");
  if (options.has("timeOut")) {
    step.spec.length_max = std::chrono::seconds(options.integer("timeOut", 3, kLength));
  }
  const bool ends = options.has("endOnSilence") || options.has("endOnKey") || options.has("timeOut");
  step.wait = ends ? flow::Wait::Yes : flow::Wait::No;
  build.add(std::move(step));
}

constexpr Option kOptions[] = {
    {"format"},      {"split"},
    {"channels"},    {"endOnSilence"},
    {"endOnKey"},    {"timeOut"},
    {"beepStart"},   {"eventUrl"},
    {"eventMethod"}, {"transcription", Honoured::No, "recordings are not transcribed"}};

}  // namespace

const Action kRecord{"record", parse, kOptions};

call::RecordingSpec read_recording(Options& options, const Scope& scope) {
  call::RecordingSpec spec;
  spec.sample_rate = kSampleRate;
  const std::string split = options.word("split", "", {"conversation"});
  spec.channels = static_cast<int>(
      options.integer("channels", split.empty() ? 1 : 2, {1, base::limits::kRecordingChannelsMax}));
  if (split.empty()) spec.channels = 1;
  if (spec.channels > 1) {
    spec.policy =
        options.has("channels") ? call::RecordingPolicy::TrackPerLeg : call::RecordingPolicy::SaidAndHeard;
  }
  RecordingOwner owner;
  owner.application = scope.application();
  owner.format = options.word("format", spec.channels > 2 ? "wav" : "mp3", {"mp3", "wav", "ogg"});
  if (owner.format == "mp3" && spec.channels <= 2) spec.format = call::RecordingFormat::Mp3;
  if (owner.format == "ogg" && spec.channels <= 2) spec.format = call::RecordingFormat::Ogg;
  owner.hook = options.hook("eventUrl", "eventMethod", http::Method::Post);
  spec.owner = to_text(owner);
  return spec;
}

std::string to_text(const RecordingOwner& owner) {
  return text::to_text(text::Json(text::JsonObject{{"dialect", "vonage"},
                                                   {"application", owner.application},
                                                   {"event_url", owner.hook.url},
                                                   {"event_method", to_string(owner.hook.method)},
                                                   {"format", owner.format}}));
}

std::optional<RecordingOwner> parse_recording_owner(const std::string& text) {
  const auto json = text::parse_json(text);
  const std::string* dialect = json ? (*json)["dialect"].text() : nullptr;
  if (dialect == nullptr || *dialect != "vonage") return std::nullopt;
  Options options{text::JsonField(*json)};
  RecordingOwner owner;
  owner.application = options.text("application");
  owner.hook = options.hook("event_url", "event_method", http::Method::Post);
  owner.format = options.text("format");
  return owner;
}

}  // namespace sotto::vonage
