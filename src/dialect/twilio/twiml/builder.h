#pragma once

#include <initializer_list>
#include <optional>

#include "dialect/twilio/twiml/parser.h"
#include "text/xml.h"

// What the verbs' parsers stand on. Private to this folder.
namespace sotto::twilio {

using text::XmlElement;

// One document while it is being parsed.
class Builder {
 public:
  explicit Builder(const Context& given) : context(given) {}

  void warn(int code, const XmlElement& at, std::string what);
  void error(int code, const XmlElement& at, std::string what);
  bool failed() const;

  // Appends a step with what it needs of an unanswered leg.
  void add(flow::StepSpec spec, flow::Needs needs = flow::Needs::Answering);
  // No step yet has answered the leg, or played to it.
  bool untouched() const { return untouched_; }
  bool first() const { return steps.empty(); }

  // A URL against that of the document. With an empty `reference`: the document itself.
  std::string resolve(const std::string& reference) const;
  flow::DocumentRef link(const std::string& reference, http::Method method);
  flow::DocumentRef link(Link link);

  const Context& context;
  std::vector<flow::Step> steps;
  std::vector<Problem> problems;

 private:
  bool untouched_ = true;
};

// Reads an element's attributes; each with the vendor's number of what is wrong with it. What no reader asked
// for is warned of at the end.
class Attributes {
 public:
  Attributes(Builder& builder, const XmlElement& element) : builder_(builder), element_(element) {}
  ~Attributes();
  Attributes(const Attributes&) = delete;
  Attributes& operator=(const Attributes&) = delete;

  const std::string* find(std::string_view name);
  std::string text(std::string_view name, std::string fallback = {});
  bool flag(std::string_view name, bool fallback, int code);
  int64_t whole(std::string_view name, int64_t fallback, int64_t min, int64_t max, int code);
  // One of `choices`, in any case, as it is spelled there.
  std::string choice(std::string_view name, std::initializer_list<std::string_view> choices,
                     std::string_view fallback, int code);
  http::Method method(std::string_view name, int code, http::Method fallback = http::Method::Post);
  // Words between spaces, each one of `choices`; `fallback` when absent or none of them is known.
  std::vector<std::string> words(std::string_view name, std::initializer_list<std::string_view> choices,
                                 std::vector<std::string> fallback, int code);
  void ignore(std::initializer_list<std::string_view> names);

 private:
  Builder& builder_;
  const XmlElement& element_;
  std::vector<std::string_view> asked_;
};

using VerbParser = void (*)(Builder&, const XmlElement&);

struct Verb {
  std::string_view name;
  VerbParser parse;
  bool in_screening;
  bool in_wait;        // conference wait, hold and announcement documents
  bool in_queue_wait;  // those of a queue
};
const Verb* find_verb(std::string_view name);

// One parser for each verb, in the file of its name.
void parse_connect(Builder& builder, const XmlElement& element);
void parse_dial(Builder& builder, const XmlElement& element);
void parse_enqueue(Builder& builder, const XmlElement& element);
void parse_gather(Builder& builder, const XmlElement& element);
void parse_hangup(Builder& builder, const XmlElement& element);
void parse_leave(Builder& builder, const XmlElement& element);
void parse_pause(Builder& builder, const XmlElement& element);
void parse_play(Builder& builder, const XmlElement& element);
void parse_record(Builder& builder, const XmlElement& element);
void parse_redirect(Builder& builder, const XmlElement& element);
void parse_refer(Builder& builder, const XmlElement& element);
void parse_reject(Builder& builder, const XmlElement& element);
void parse_say(Builder& builder, const XmlElement& element);
void parse_sms(Builder& builder, const XmlElement& element);
void parse_start(Builder& builder, const XmlElement& element);
void parse_stop(Builder& builder, const XmlElement& element);

// Parts that several verbs share.
std::optional<flow::PlayStep> read_say(Builder& builder, const XmlElement& element, int loop_code,
                                       int voice_code);
std::optional<flow::StepSpec> read_play(Builder& builder, const XmlElement& element);
flow::PauseStep read_pause(Builder& builder, const XmlElement& element);
std::optional<flow::StreamStep> read_stream(Builder& builder, const XmlElement& element, flow::Wait wait);

// The parts of a Dial: what it contains decides which step it becomes.
struct DialAttributes {
  std::string action;
  bool has_action = false;
  http::Method method = http::Method::Post;
  bool answer_on_bridge = false;
  std::optional<call::Address> caller_id;
  bool hangup_on_star = false;
  std::string record;
  std::string recording_track;
  std::string trim;
  std::string recording_owner;
  std::string refer_url;
  http::Method refer_method = http::Method::Post;
  std::string ring_tone;
  bool sequential = false;
  int64_t time_limit = 14'400;
  int64_t timeout = 30;
};
flow::Ask dial_ask(Builder& builder, const DialAttributes& dial);
void dial_conference(Builder& builder, const XmlElement& element, const DialAttributes& dial);
void dial_queue(Builder& builder, const XmlElement& element, const DialAttributes& dial);
std::optional<flow::Destination> read_number(Builder& builder, const XmlElement& element);
std::optional<flow::Destination> read_client(Builder& builder, const XmlElement& element);
std::optional<flow::Destination> read_sip(Builder& builder, const XmlElement& element);
std::optional<flow::Destination> read_application(Builder& builder, const XmlElement& element);
// A SIP URI with its headers and credentials, for a Sip noun and for Refer.
void read_sip_target(Builder& builder, const XmlElement& element, std::string_view uri,
                     flow::Destination& destination);
// url, statusCallback and machine detection: what all nouns have.
void read_noun(Builder& builder, const XmlElement& element, Attributes& attributes, int method_code,
               flow::Destination& destination);

}  // namespace sotto::twilio
