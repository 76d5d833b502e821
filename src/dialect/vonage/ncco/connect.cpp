#include "dialect/vonage/ncco/connect.h"

#include <array>

#include "dialect/vonage/ncco/action.h"

namespace sotto::vonage {
namespace {

constexpr Range kTimeout{1, 7200};
constexpr Range kLimit{1, 86'400};

flow::Destination to_destination(const Endpoint& endpoint, const std::string& from, Build& build) {
  flow::Destination destination;
  destination.to = endpoint.address;
  destination.headers = endpoint.sip_headers;
  destination.framing = framing_with(endpoint, build.scope.socket_token());
  destination.digits_on_answer = endpoint.digits_on_answer;
  destination.tag = endpoint_tag(endpoint);
  destination.screening.accept = flow::Accept::AnyAnswer;
  if (endpoint.whisper_url.empty()) return destination;
  destination.screening.program = build.scope.keep(WhisperDocument{endpoint.whisper_url, from});
  // The vendor joins whoever answered. An account that does not want silence to win asks for a key.
  if (!build.scope.silence_accepts()) {
    destination.screening.accept = flow::Accept::EndOfProgram;
    destination.screening.silence_accepts = false;
  }
  if (!endpoint.whisper_ringback.empty()) destination.ringback = looped_file(endpoint.whisper_ringback);
  return destination;
}

void read_ringback(Options& options, flow::DialStep& step) {
  const std::string url = options.url("ringbackTone");
  step.ringback.own = url.empty() ? call::PromptSpec{{call::Tone{}}, 0, 0.0F} : looped_file(url);
  step.ringback.far_end = url.empty();
}

void parse(Options& options, Build& build) {
  flow::DialStep step;
  std::string from = options.text("from");
  if (options.has("from")) {
    const auto digits = parse_phone_number(options.field("from"));
    if (digits) from = *digits;
  }
  if (options.boolean("randomFromNumber", false)) from = build.scope.random_number().value_or(from);
  step.from = from.empty() ? base::Address{} : build.scope.present(from);
  const auto endpoints = options.field("endpoint").one_or_more();
  if (endpoints.empty()) options.refuse("endpoint", "is required");
  const Detection detection = read_detection(
      options, "machineDetection",
      options.has("advancedMachineDetection") ? "advancedMachineDetection" : "advanced_machine_detection");
  ConnectTag tag;
  tag.hook = options.hook("eventUrl", "eventMethod", http::Method::Post);
  tag.synchronous =
      options.word("eventType", "asynchronous", {"synchronous", "asynchronous"}) == "synchronous";
  tag.asks_verdict = tag.synchronous || detection.advanced;
  tag.from = from;
  if (options.error()) return;
  const auto endpoint = parse_endpoint(endpoints[0]);
  if (!endpoint) return options.refuse(endpoint.error());
  flow::Destination destination = to_destination(*endpoint, from, build);
  destination.detection = detection.detection;
  destination.on_machine = detection.on_machine;
  step.destinations.push_back(std::move(destination));
  step.ring_timeout = options.seconds("timeout", 60, kTimeout);
  step.talk_max = std::chrono::seconds(options.integer("limit", 7200, kLimit));
  step.end_caller_with_callee = true;
  read_ringback(options, step);
  // A WebSocket that its app has closed: the event of it may be answered by an NCCO as well.
  const bool socket = endpoint->address.kind == base::Address::Kind::WebSocket;
  if (tag.synchronous || socket) {
    const flow::Asking when = socket ? flow::Asking::Always : flow::Asking::OnFailure;
    step.ask = {when, build.scope.keep(ConnectDocument{tag.hook}), false};
  }
  step.tag = to_text(tag);
  build.add(std::move(step));
}

constexpr Option kOptions[] = {{"endpoint"},
                               {"from"},
                               {"randomFromNumber"},
                               {"eventType"},
                               {"timeout"},
                               {"limit"},
                               {"machineDetection"},
                               {"advancedMachineDetection"},
                               {"advanced_machine_detection"},
                               {"eventUrl"},
                               {"eventMethod"},
                               {"ringbackTone"}};

}  // namespace

const Action kConnect{"connect", parse, kOptions};

Detection read_detection(Options& options, std::string_view simple_key, std::string_view advanced_key) {
  Detection read;
  const std::string simple = options.word(simple_key, "", {"continue", "hangup"});
  Options advanced = options.inner(advanced_key);
  const std::string behaviour = advanced.word("behavior", "continue", {"continue", "hangup"});
  const std::string mode = advanced.word("mode", "detect", {"default", "detect", "detect_beep"});
  const auto beep_timeout = advanced.seconds("beep_timeout", 45, {30, 120});
  options.take(advanced);
  if (options.has(advanced_key)) {
    read.advanced = true;
    read.detection.emplace();
    read.detection->wait_for_message_end = mode == "detect_beep";
    if (mode == "detect_beep") read.detection->timeout = beep_timeout;
    read.on_machine = mode == "default" ? flow::OnMachine::Report : flow::OnMachine::WaitForVerdict;
    if (behaviour == "hangup") read.on_machine = flow::OnMachine::HangUp;
  } else if (!simple.empty()) {
    read.detection.emplace();
    read.on_machine = simple == "hangup" ? flow::OnMachine::HangUp : flow::OnMachine::Report;
  }
  return read;
}

std::string to_text(const ConnectTag& tag) {
  return text::to_text(text::Json(text::JsonObject{{"event_url", tag.hook.url},
                                                   {"event_method", to_string(tag.hook.method)},
                                                   {"synchronous", tag.synchronous},
                                                   {"asks_verdict", tag.asks_verdict},
                                                   {"from", tag.from}}));
}

ConnectTag parse_connect_tag(const std::string& text) {
  const auto json = text::parse_json(text);
  if (!json) return {};
  Options options{text::JsonField(*json)};
  ConnectTag tag;
  tag.hook = options.hook("event_url", "event_method", http::Method::Post);
  tag.synchronous = options.boolean("synchronous", false);
  tag.asks_verdict = options.boolean("asks_verdict", false);
  tag.from = options.text("from");
  return tag;
}

std::string endpoint_tag(const Endpoint& endpoint) {
  return text::to_text(text::Json(text::JsonObject{{"to", endpoint.shown}, {"headers", endpoint.headers}}));
}

}  // namespace sotto::vonage
