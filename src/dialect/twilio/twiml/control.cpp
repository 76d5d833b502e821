// The verbs that only say where to go on.
#include "dialect/twilio/twiml/builder.h"

namespace sotto::twilio {
namespace {

using call::EndCause;
using call::EndedBy;

void ignore_parameters(Builder& builder, const XmlElement& element) {
  for (const XmlElement* child : element.elements()) {
    if (child->name != "Parameter") builder.warn(12200, *child, "cannot stand in <" + element.name + ">");
  }
}

// In a whisper it ends the callee alone, who then has not accepted.
void hang_up(Builder& builder) {
  const bool screening = builder.context.role == flow::Role::Screening;
  const EndCause cause = screening ? EndCause::NotAccepted : EndCause::HungUp;
  builder.add(flow::HangUpStep{{cause, EndedBy::Program, 0, {}}});
}

}  // namespace

void parse_hangup(Builder& builder, const XmlElement& element) {
  const Attributes attributes(builder, element);
  ignore_parameters(builder, element);
  hang_up(builder);
}

// Only the first verb can still reject; later it is a hang-up (twilio.md §2.5).
void parse_reject(Builder& builder, const XmlElement& element) {
  Attributes attributes(builder, element);
  ignore_parameters(builder, element);
  const bool busy = attributes.choice("reason", {"rejected", "busy"}, "rejected", 13810) == "busy";
  if (!builder.untouched() || builder.context.role != flow::Role::Main) return hang_up(builder);
  flow::RejectStep reject;
  reject.reason = {busy ? EndCause::Busy : EndCause::Declined, EndedBy::Program, busy ? 486 : 603, {}};
  builder.add(std::move(reject), flow::Needs::Nothing);
}

void parse_redirect(Builder& builder, const XmlElement& element) {
  Attributes attributes(builder, element);
  const http::Method method = attributes.method("method", 13710);
  builder.add(flow::AskStep{{flow::Asking::Always, builder.link(element.text(), method), false}},
              flow::Needs::Nothing);
}

void parse_leave(Builder& builder, const XmlElement& element) {
  const Attributes attributes(builder, element);
  if (builder.context.role != flow::Role::QueueWait) {
    return builder.warn(12200, element, "stands only in the wait document of a queue");
  }
  builder.add(flow::LeaveQueueStep{});
}

void parse_sms(Builder& builder, const XmlElement& element) {
  builder.warn(12200, element, "is not supported: no message was sent");
}

void parse_refer(Builder& builder, const XmlElement& element) {
  Attributes attributes(builder, element);
  const std::string action = attributes.text("action");
  const http::Method method = attributes.method("method", 12200);
  const XmlElement* sip = nullptr;
  for (const XmlElement* child : element.elements()) {
    if (child->name == "Sip" && sip == nullptr) {
      sip = child;
    } else {
      builder.warn(12200, *child, "cannot stand in <Refer>");
    }
  }
  if (sip == nullptr) return builder.warn(13243, element, "names no <Sip> to go to");
  flow::Destination target;
  read_sip_target(builder, *sip, sip->text(), target);
  flow::ReferStep refer;
  refer.target = target.to;
  refer.headers = target.headers;
  if (!action.empty()) refer.ask = {flow::Asking::Always, builder.link(action, method), true};
  builder.add(std::move(refer));
}

}  // namespace sotto::twilio
