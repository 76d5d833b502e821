#include "dialect/twilio/twiml/parser.h"

#include <algorithm>

#include "dialect/twilio/twiml/builder.h"
#include "text/ascii.h"
#include "text/e164.h"

namespace sotto::twilio {
namespace {

int code_of(const Error& error) {
  if (error.code == ErrorCode::TooLarge) return 11750;
  return error.code == ErrorCode::Unsupported ? 12101 : 12100;
}

bool permitted(const Verb& verb, flow::Role role) {
  switch (role) {
    case flow::Role::Main: return true;
    case flow::Role::Screening: return verb.in_screening;
    case flow::Role::QueueWait: return verb.in_queue_wait;
    case flow::Role::ConferenceWait:
    case flow::Role::Hold:
    case flow::Role::Announcement: return verb.in_wait;
  }
  return false;
}

void parse_verb(Builder& builder, const XmlElement& element) {
  const Verb* verb = find_verb(element.name);
  if (verb == nullptr) return builder.warn(12200, element, "is no verb");
  if (!permitted(*verb, builder.context.role)) {
    const int code = builder.context.role == flow::Role::Screening ? 13201 : 13238;
    return builder.error(code, element, "is not possible in this kind of document");
  }
  verb->parse(builder, element);
}

}  // namespace

const Problem* Parsed::failure() const {
  const auto it =
      std::find_if(problems.begin(), problems.end(), [](const Problem& each) { return each.error; });
  return it == problems.end() ? nullptr : &*it;
}

Parsed parse_twiml(std::string_view text, std::string_view charset, const Context& context) {
  const auto root = text::parse_xml(text, charset);
  if (!root) return {nullptr, {{code_of(root.error()), true, root.error().detail, 0}}};
  Builder builder(context);
  if (root->name != "Response") {
    builder.error(12102, *root, "is not the root of a TwiML document: expected <Response>");
    return {nullptr, std::move(builder.problems)};
  }
  for (const XmlElement* element : root->elements()) parse_verb(builder, *element);
  Parsed parsed;
  if (!builder.failed()) {
    auto program = std::make_shared<flow::Program>();
    program->steps = std::move(builder.steps);
    parsed.program = std::move(program);
  }
  parsed.problems = std::move(builder.problems);
  return parsed;
}

Result<call::Address> parse_address(std::string_view text, std::string_view country) {
  using Kind = call::Address::Kind;
  const std::string given(text::trim(text));
  if (given.starts_with("client:")) {
    if (given.size() == 7 || given.size() > 7 + 256) return fail(ErrorCode::Invalid, "client: no identity");
    return call::Address{Kind::User, given.substr(7), {}};
  }
  const std::string lower = text::lower_case(given);
  if (lower.starts_with("sip:") || lower.starts_with("sips:")) {
    if (given.find('@') == std::string::npos) return fail(ErrorCode::Invalid, "sip: expected user@host");
    return call::Address{Kind::Sip, given, {}};
  }
  if (lower.starts_with("app:")) {
    const std::string sid = given.substr(4, 34);
    if (!sid.starts_with("AP")) return fail(ErrorCode::Invalid, "app: expected an application's sid");
    return call::Address{Kind::Application, sid.substr(2), {}};
  }
  if (lower == "anonymous") return call::Address{Kind::Anonymous, {}, {}};
  auto digits = text::to_e164(given, given.starts_with("+") ? std::string_view() : country);
  if (!digits) return fail(ErrorCode::Invalid, "\"" + given + "\": not a phone number");
  return call::Address{Kind::Number, std::move(*digits), {}};
}

std::string address_text(const call::Address& address) {
  using Kind = call::Address::Kind;
  const bool digits =
      !address.text.empty() && std::all_of(address.text.begin(), address.text.end(), text::is_digit);
  switch (address.kind) {
    case Kind::Number: return digits ? "+" + address.text : address.text;
    case Kind::User: return "client:" + address.text;
    case Kind::Application: return "app:AP" + address.text;
    case Kind::Anonymous: return "anonymous";
    case Kind::Phone:
    case Kind::Sip:
    case Kind::WebSocket: return address.text;
  }
  return address.text;
}

// A slow arpeggio, softly: nobody's music, and unlike any ringback.
call::PromptSpec default_music() {
  using namespace std::chrono_literals;
  call::PromptSpec music;
  for (const float hertz : {262.F, 330.F, 392.F, 523.F, 440.F, 349.F, 294.F, 392.F}) {
    call::Tone note;
    note.kind = call::Tone::Kind::Sine;
    note.hertz = hertz;
    note.length = 600ms;
    music.playlist.emplace_back(note);
    music.playlist.emplace_back(call::Silence{200ms});
  }
  music.loops = 0;
  music.gain_db = -12.0F;
  return music;
}

std::string scoped_name(const std::string& scope, const std::string& name) {
  return scope + "/" + name;
}

std::string name_without_scope(std::string_view scoped) {
  const size_t slash = scoped.find('/');
  return std::string(slash == std::string_view::npos ? scoped : scoped.substr(slash + 1));
}

}  // namespace sotto::twilio
