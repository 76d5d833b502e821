// Those whom a Dial may call.
#include <algorithm>

#include "dialect/twilio/callback_spec.h"
#include "dialect/twilio/twiml/builder.h"
#include "text/ascii.h"
#include "text/uri.h"

namespace sotto::twilio {
namespace {

using std::chrono::milliseconds;

constexpr size_t kSipUriBytesMax = 255;
constexpr size_t kSipHeaderBytesMax = 1024;
constexpr size_t kSipUrisMax = 10;
constexpr int64_t kPriorityMax = 65'535;
constexpr size_t kCustomerBytesMax = 256;

std::optional<call::MachineDetection> read_detection(Attributes& attributes) {
  const std::string mode = attributes.choice("machineDetection", {"Enable", "DetectMessageEnd"}, "", 12200);
  call::MachineDetection detection;
  detection.wait_for_message_end = mode == "DetectMessageEnd";
  const auto milli = [&attributes](std::string_view name, int64_t fallback, int64_t min, int64_t max) {
    return milliseconds(attributes.whole(name, fallback, min, max, 12200));
  };
  detection.timeout = std::chrono::seconds(attributes.whole("machineDetectionTimeout", 30, 3, 60, 12200));
  detection.speech_threshold = milli("machineDetectionSpeechThreshold", 2400, 1000, 6000);
  detection.speech_end_threshold = milli("machineDetectionSpeechEndThreshold", 1200, 500, 5000);
  detection.silence_timeout = milli("machineDetectionSilenceTimeout", 5000, 2000, 10'000);
  return mode.empty() ? std::nullopt : std::make_optional(detection);
}

// name and value of each Parameter.
text::JsonObject read_parameters(Builder& builder, const XmlElement& element,
                                 std::initializer_list<std::string_view> others) {
  text::JsonObject out;
  for (const XmlElement* child : element.elements()) {
    if (std::find(others.begin(), others.end(), child->name) != others.end()) continue;
    if (child->name != "Parameter") {
      builder.warn(12200, *child, "cannot stand in <" + element.name + ">");
      continue;
    }
    Attributes attributes(builder, *child);
    const std::string name = attributes.text("name");
    if (!name.empty()) out.set(name, attributes.text("value"));
  }
  return out;
}

const XmlElement* find_child(const XmlElement& element, std::string_view name) {
  for (const XmlElement* child : element.elements()) {
    if (child->name == name) return child;
  }
  return nullptr;
}

bool may_travel(const std::string& header) {
  const std::string lower = text::lower_case(header);
  return lower.starts_with("x-") || lower == "user-to-user" || lower == "remote-party-id" ||
         lower == "p-preferred-identity" || lower == "p-called-party-id";
}

void add_header(Builder& builder, const XmlElement& element, const std::string& name,
                const std::string& value, flow::Destination& destination) {
  const bool clean = value.find_first_of("\r\n") == std::string::npos;
  if (may_travel(name) && clean && name.find_first_of(" :\r\n") == std::string::npos) {
    destination.headers.emplace(name, value);
  } else {
    builder.warn(13252, element, "header " + name + " may not be sent");
  }
}

}  // namespace

void read_noun(Builder& builder, const XmlElement& element, Attributes& attributes, int method_code,
               flow::Destination& destination) {
  const std::string url = attributes.text("url");
  const http::Method method = attributes.method("method", method_code);
  if (!url.empty()) {
    Link link;
    link.url = builder.resolve(url);
    link.method = method;
    link.role = flow::Role::Screening;
    destination.screening.program = builder.link(std::move(link));
    destination.screening.accept = flow::Accept::EndOfProgram;
    destination.screening.silence_accepts = builder.context.silence_accepts;
  } else {
    destination.screening.accept = flow::Accept::AnyAnswer;
  }
  destination.detection = read_detection(attributes);
  if (destination.detection) destination.on_machine = flow::OnMachine::Report;
  NounTag tag = read_noun_tag(destination.tag);
  tag.kind = text::lower_case(element.name);
  const std::string status = attributes.text("statusCallback");
  tag.status = {status.empty() ? std::string() : builder.resolve(status),
                attributes.method("statusCallbackMethod", 12200),
                attributes.words("statusCallbackEvent", {"initiated", "ringing", "answered", "completed"},
                                 {"completed"}, 12200)};
  const std::string machine = attributes.text("amdStatusCallback");
  tag.machine = {machine.empty() ? std::string() : builder.resolve(machine),
                 attributes.method("amdStatusCallbackMethod", 12200),
                 {}};
  destination.tag = to_text(tag);
}

// What cannot be called is tried all the same: the dial then ends as one that failed.
std::optional<flow::Destination> read_number(Builder& builder, const XmlElement& element) {
  Attributes attributes(builder, element);
  flow::Destination destination;
  const std::string text = element.text();
  if (text.starts_with("sip:") || text.starts_with("client:")) {
    builder.warn(13223, element, "\"" + text + "\" is no phone number");
  }
  auto address = parse_address(text, builder.context.country);
  if (!address || address->kind != call::Address::Kind::Number) {
    if (!address) builder.warn(13223, element, address.error().detail);
    address = call::Address{call::Address::Kind::Number, text, {}};
  }
  destination.to = std::move(*address);
  read_noun(builder, element, attributes, 13221, destination);
  if (const std::string* digits = attributes.find("sendDigits")) {
    if (digits->find_first_not_of("0123456789ABCD#*wW") == std::string::npos) {
      destination.digits_on_answer = *digits;
    } else {
      builder.warn(13222, element, "sendDigits: expected some of 0-9 A-D # * w W");
    }
  }
  attributes.ignore({"byoc", "phoneNumber"});
  return destination;
}

std::optional<flow::Destination> read_client(Builder& builder, const XmlElement& element) {
  Attributes attributes(builder, element);
  flow::Destination destination;
  const XmlElement* named = find_child(element, "Identity");
  const std::string identity = named == nullptr ? element.text() : named->text();
  if (identity.empty() || identity.size() > 256) {
    builder.warn(13223, element, "names no identity of at most 256 characters");
    return std::nullopt;
  }
  destination.to = {call::Address::Kind::User, identity, {}};
  read_noun(builder, element, attributes, 12200, destination);
  // A SIP phone reads as headers what the vendor's SDK reads as custom parameters.
  const text::JsonObject parameters = read_parameters(builder, element, {"Identity"});
  for (const text::JsonMember& member : parameters.members()) {
    add_header(builder, element, "X-" + member.key, *member.value.text(), destination);
  }
  attributes.ignore({"clientNotificationUrl"});
  return destination;
}

void read_sip_target(Builder& builder, const XmlElement& element, std::string_view given,
                     flow::Destination& destination) {
  const size_t question = given.find('?');
  std::string uri(given.substr(0, question));
  if (!text::lower_case(uri).starts_with("sip:") && !text::lower_case(uri).starts_with("sips:")) {
    uri = "sip:" + uri;
  }
  const bool valid = uri.find('@') != std::string::npos && uri.size() <= kSipUriBytesMax &&
                     uri.find_first_of(" \t\r\n<>\"") == std::string::npos;
  if (!valid) builder.warn(13243, element, "\"" + uri + "\" is no SIP URI");
  destination.to = {call::Address::Kind::Sip, std::move(uri), {}};
  if (question == std::string_view::npos) return;
  const std::string_view headers = given.substr(question + 1);
  if (headers.size() > kSipHeaderBytesMax) return builder.warn(13253, element, "has too many headers");
  for (const std::string_view header : text::split(headers, '&')) {
    const size_t equals = header.find('=');
    const std::string name = text::percent_decode(header.substr(0, equals));
    const std::string value =
        equals == std::string_view::npos ? std::string() : text::percent_decode(header.substr(equals + 1));
    if (!name.empty()) add_header(builder, element, name, value, destination);
  }
}

namespace {

// One of several ways to the same party.
struct SipTarget {
  flow::Destination destination;
  int64_t priority = 0;
  int64_t weight = 0;
};

// Those that are to be tried first in front: by priority, the heavier before the lighter.
std::vector<SipTarget> read_sip_targets(Builder& builder, const XmlElement& element) {
  std::vector<SipTarget> targets;
  for (const XmlElement* child : element.elements()) {
    if (child->name != "Uri") continue;
    if (targets.size() == kSipUrisMax) {
      builder.warn(13250, *child, "is one too many: " + std::to_string(kSipUrisMax) + " may be given");
      break;
    }
    Attributes attributes(builder, *child);
    SipTarget target;
    read_sip_target(builder, element, child->text(), target.destination);
    target.destination.user = attributes.text("username");
    target.destination.password = attributes.text("password");
    target.priority = attributes.whole("priority", 0, 0, kPriorityMax, 12200);
    target.weight = attributes.whole("weight", 0, 0, kPriorityMax, 12200);
    targets.push_back(std::move(target));
  }
  if (targets.empty()) read_sip_target(builder, element, element.text(), targets.emplace_back().destination);
  std::stable_sort(targets.begin(), targets.end(), [](const SipTarget& a, const SipTarget& b) {
    return a.priority != b.priority ? a.priority < b.priority : a.weight > b.weight;
  });
  return targets;
}

// What a target says of itself, within what is said of all.
flow::Destination completed(flow::Destination target, const flow::Destination& common) {
  flow::Destination out = common;
  out.to = std::move(target.to);
  out.headers.insert(target.headers.begin(), target.headers.end());
  if (!target.user.empty()) out.user = std::move(target.user);
  if (!target.password.empty()) out.password = std::move(target.password);
  return out;
}

}  // namespace

std::optional<flow::Destination> read_sip(Builder& builder, const XmlElement& element) {
  Attributes attributes(builder, element);
  std::vector<SipTarget> targets = read_sip_targets(builder, element);
  flow::Destination common;
  read_noun(builder, element, attributes, 13241, common);
  common.user = attributes.text("username");
  common.password = attributes.text("password");
  if (const XmlElement* headers = find_child(element, "Headers")) {
    for (const XmlElement* header : headers->elements()) {
      Attributes of_header(builder, *header);
      const std::string name = of_header.text("name");
      add_header(builder, *header, name, of_header.text("value"), common);
    }
  }
  (void)read_parameters(builder, element, {"Uri", "Headers"});
  std::shared_ptr<const flow::Destination> otherwise;
  for (size_t i = targets.size(); i-- > 0;) {
    flow::Destination destination = completed(std::move(targets[i].destination), common);
    if (destination.user.empty() != destination.password.empty()) {
      builder.warn(13249, element, "username and password come together");
    }
    destination.otherwise = std::move(otherwise);
    otherwise = std::make_shared<const flow::Destination>(std::move(destination));
  }
  return *otherwise;
}

std::optional<flow::Destination> read_application(Builder& builder, const XmlElement& element) {
  Attributes attributes(builder, element);
  const XmlElement* named = find_child(element, "ApplicationSid");
  const std::string application = named == nullptr ? element.text() : named->text();
  if (application.size() != 34 || !application.starts_with("AP")) {
    builder.warn(13223, element, "names no application's sid");
    return std::nullopt;
  }
  flow::Destination destination;
  destination.to = {call::Address::Kind::Application, application.substr(2), {}};
  NounTag tag;
  text::JsonObject parameters = read_parameters(builder, element, {"ApplicationSid"});
  tag.parameters = text::Json(std::move(parameters));
  tag.copy_to = attributes.flag("copyParentTo", false, 12200);
  tag.customer = attributes.text("customerId");
  if (tag.customer.size() > kCustomerBytesMax) {
    builder.warn(12200, element, "customerId: expected at most 256 characters");
    tag.customer.clear();
  }
  destination.tag = to_text(tag);
  read_noun(builder, element, attributes, 12200, destination);
  return destination;
}

}  // namespace sotto::twilio
