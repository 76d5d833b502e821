// Enqueue, and the Queue that a Dial takes from.
#include "base/limits.h"
#include "dialect/twilio/twiml/builder.h"

namespace sotto::twilio {
namespace {

constexpr size_t kNameCharactersMax = 64;

bool is_queue_name(const std::string& name) {
  return !name.empty() && name.size() <= kNameCharactersMax;
}

std::string key_of(const Builder& builder, const std::string& name) {
  const std::string scoped = scoped_name(builder.context.scope, name);
  return builder.context.queue_key ? builder.context.queue_key(scoped) : scoped;
}

}  // namespace

void parse_enqueue(Builder& builder, const XmlElement& element) {
  Attributes attributes(builder, element);
  const std::string name = element.text();
  const std::string action = attributes.text("action");
  const http::Method method = attributes.method("method", 12200);
  const std::string wait = attributes.text("waitUrl");
  const http::Method wait_method = attributes.method("waitUrlMethod", 12200);
  if (attributes.find("workflowSid") != nullptr) {
    return builder.warn(12200, element, "workflowSid: task routing is not supported");
  }
  flow::EnqueueStep step;
  step.size_max = static_cast<size_t>(
      attributes.whole("maxQueueSize", 1000, 1, static_cast<int64_t>(base::limits::kQueueLegsMax), 12200));
  for (const XmlElement* child : element.elements()) builder.warn(12200, *child, "cannot stand in <Enqueue>");
  if (!is_queue_name(name)) {
    return builder.warn(12200, element, "expected the name of a queue, at most 64 characters");
  }
  step.queue = key_of(builder, name);
  if (wait.empty()) {
    step.music = default_music();
  } else {
    Link link;
    link.url = builder.resolve(wait);
    link.method = wait_method;
    link.role = flow::Role::QueueWait;
    link.about = name;
    step.wait = builder.link(std::move(link));
  }
  if (!action.empty()) step.ask = {flow::Asking::Always, builder.link(action, method), true};
  builder.add(std::move(step));
}

void dial_queue(Builder& builder, const XmlElement& element, const DialAttributes& dial) {
  Attributes attributes(builder, element);
  const std::string name = element.text();
  if (!is_queue_name(name)) {
    return builder.warn(12200, element, "expected the name of a queue, at most 64 characters");
  }
  flow::DequeueStep step;
  step.queue = key_of(builder, name);
  const std::string url = attributes.text("url");
  const http::Method method = attributes.method("method", 12200);
  if (!url.empty()) {
    step.before_bridge = builder.link(Link{builder.resolve(url), method, flow::Role::Announcement,
                                           Link::For::QueueWhisper, name_without_scope(step.queue)});
  }
  step.timeout = std::chrono::seconds(dial.timeout);
  step.ringback.own = call::PromptSpec{{call::Tone{}}, 0, 0.0F};
  step.talk_max = std::chrono::seconds(dial.time_limit);
  step.ask = dial_ask(builder, dial);
  attributes.ignore({"reservationSid", "postWorkActivitySid"});
  builder.add(std::move(step));
}

}  // namespace sotto::twilio
