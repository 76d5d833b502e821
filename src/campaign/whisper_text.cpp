#include "campaign/whisper_text.h"

#include <algorithm>
#include <optional>

namespace sotto::campaign {
namespace {

struct Known {
  std::string_view name;
  Placeholder placeholder;
};
constexpr Known kKnown[] = {{"topic", Placeholder::Topic},
                            {"caller", Placeholder::Caller},
                            {"campaign", Placeholder::Campaign},
                            {"wait", Placeholder::Wait},
                            {"key", Placeholder::Key}};

std::optional<Placeholder> placeholder_named(std::string_view name) {
  for (const Known& known : kKnown) {
    if (known.name == name) return known.placeholder;
  }
  return std::nullopt;
}

tl::unexpected<Error> unknown(std::string_view field, std::string_view name) {
  std::string detail = std::string(field) + ": unknown placeholder {" + std::string(name) + "}; known are ";
  for (const Known& known : kKnown) {
    if (&known != kKnown) detail += ", ";
    detail += "{" + std::string(known.name) + "}";
  }
  return fail(ErrorCode::Invalid, std::move(detail));
}

call::SpeechRun run(std::string text, call::SpeechRun::SayAs say_as) {
  call::SpeechRun made;
  made.text = std::move(text);
  made.say_as = say_as;
  return made;
}

call::SpeechRun run_of(Placeholder placeholder, const WhisperFacts& facts) {
  using SayAs = call::SpeechRun::SayAs;
  switch (placeholder) {
    case Placeholder::Topic: return run(facts.topic, SayAs::Text);
    case Placeholder::Campaign: return run(facts.campaign, SayAs::Text);
    case Placeholder::Caller:
      return facts.caller.empty() ? run(facts.caller_absent, SayAs::Text)
                                  : run(facts.caller, SayAs::Telephone);
    case Placeholder::Wait: return run(std::to_string(facts.waited.count()), SayAs::Number);
    case Placeholder::Key: break;
  }
  return run(facts.key, SayAs::Characters);
}

}  // namespace

Result<std::vector<TextPart>> parse_template(std::string_view field, std::string_view text) {
  std::vector<TextPart> parts;
  std::string plain;
  const auto flush = [&] {
    if (!plain.empty()) parts.emplace_back(std::exchange(plain, {}));
  };
  while (!text.empty()) {
    if (text.front() != '{' || text.starts_with("{{")) {
      plain += text.front();
      text.remove_prefix(text.front() == '{' ? 2 : 1);
      continue;
    }
    const size_t end = text.find('}');
    if (end == std::string_view::npos) {
      return fail(ErrorCode::Invalid, std::string(field) + ": a { without its }; write {{ for a brace");
    }
    const std::string_view name = text.substr(1, end - 1);
    const auto placeholder = placeholder_named(name);
    if (!placeholder) return unknown(field, name);
    flush();
    parts.emplace_back(*placeholder);
    text.remove_prefix(end + 1);
  }
  flush();
  return parts;
}

bool uses(const std::vector<TextPart>& parts, Placeholder placeholder) {
  return std::find(parts.begin(), parts.end(), TextPart(placeholder)) != parts.end();
}

std::vector<call::SpeechRun> fill(const std::vector<TextPart>& parts, const WhisperFacts& facts) {
  std::vector<call::SpeechRun> runs;
  for (const TextPart& part : parts) {
    const auto* plain = std::get_if<std::string>(&part);
    call::SpeechRun next = plain != nullptr ? run(*plain, call::SpeechRun::SayAs::Text)
                                            : run_of(std::get<Placeholder>(part), facts);
    // Words that belong to one sentence stay one run, so that the voice does not pause between them.
    const bool goes_on = !runs.empty() && runs.back().say_as == call::SpeechRun::SayAs::Text &&
                         next.say_as == call::SpeechRun::SayAs::Text;
    if (goes_on) {
      runs.back().text += next.text;
    } else {
      runs.push_back(std::move(next));
    }
  }
  return runs;
}

}  // namespace sotto::campaign
