#include "text/ssml.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>

#include "text/ascii.h"
#include "text/utf8.h"
#include "text/xml.h"

namespace sotto::text {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kBreakMax{10'000};
constexpr milliseconds kSentencePause{300};
constexpr milliseconds kParagraphPause{600};

template <typename Value, size_t Size>
using Names = std::array<std::pair<std::string_view, Value>, Size>;

constexpr Names<int, 6> kBreaks = {
    {{"none", 0}, {"x-weak", 0}, {"weak", 100}, {"medium", 250}, {"strong", 500}, {"x-strong", 1000}}};
constexpr Names<double, 6> kRates = {
    {{"x-slow", 0.5}, {"slow", 0.75}, {"medium", 1.0}, {"default", 1.0}, {"fast", 1.25}, {"x-fast", 1.6}}};
constexpr Names<double, 6> kPitches = {
    {{"x-low", 0.7}, {"low", 0.85}, {"medium", 1.0}, {"default", 1.0}, {"high", 1.2}, {"x-high", 1.45}}};
constexpr Names<double, 6> kVolumes = {
    {{"x-soft", -12.0}, {"soft", -6.0}, {"medium", 0.0}, {"default", 0.0}, {"loud", 4.0}, {"x-loud", 8.0}}};
constexpr Names<Emphasis, 4> kEmphases = {{{"none", Emphasis::None},
                                           {"reduced", Emphasis::Reduced},
                                           {"moderate", Emphasis::Moderate},
                                           {"strong", Emphasis::Strong}}};
constexpr Names<SayAs, 14> kSayAs = {{{"character", SayAs::Characters},
                                      {"characters", SayAs::Characters},
                                      {"spell-out", SayAs::Characters},
                                      {"cardinal", SayAs::Cardinal},
                                      {"number", SayAs::Cardinal},
                                      {"ordinal", SayAs::Ordinal},
                                      {"digits", SayAs::Digits},
                                      {"fraction", SayAs::Fraction},
                                      {"unit", SayAs::Unit},
                                      {"date", SayAs::Date},
                                      {"time", SayAs::Time},
                                      {"expletive", SayAs::Expletive},
                                      {"telephone", SayAs::Telephone},
                                      {"address", SayAs::Address}}};

template <typename Value, size_t Size>
std::optional<Value> look_up(const Names<Value, Size>& names, std::string_view name) {
  for (const auto& [known, value] : names) {
    if (equal_ignoring_case(known, name)) return value;
  }
  return std::nullopt;
}

std::string_view attribute(const XmlElement& element, std::string_view name) {
  const std::string* value = element.attribute(name);
  return value == nullptr ? std::string_view() : trim(*value);
}

struct Quantity {
  double value;
  bool is_signed;
};

// A number with that unit: "250ms", "+10%", "-3dB".
std::optional<Quantity> quantity(std::string_view text, std::string_view unit) {
  if (text.size() <= unit.size() || !equal_ignoring_case(text.substr(text.size() - unit.size()), unit))
    return std::nullopt;
  text.remove_suffix(unit.size());
  const bool is_signed = text.starts_with('+') || text.starts_with('-');
  if (text.starts_with('+')) text.remove_prefix(1);
  double value = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
  if (parsed.ec != std::errc{} || parsed.ptr != text.data() + text.size() || !std::isfinite(value))
    return std::nullopt;
  return Quantity{value, is_signed};
}

milliseconds break_length(const XmlElement& element) {
  const std::string_view time = attribute(element, "time");
  auto length = quantity(time, "ms");
  if (!length) {
    length = quantity(time, "s");
    if (length) length->value *= 1000;
  }
  if (length)
    return milliseconds(std::lround(std::clamp(length->value, 0.0, static_cast<double>(kBreakMax.count()))));
  return milliseconds(look_up(kBreaks, attribute(element, "strength")).value_or(250));
}

// A percentage with a sign changes what is, one without is of the voice's own.
std::optional<double> factor(std::string_view text, double current) {
  const auto percent = quantity(text, "%");
  if (!percent) return std::nullopt;
  return percent->is_signed ? current * (1 + percent->value / 100) : percent->value / 100;
}

void apply_prosody(const XmlElement& element, Prosody& prosody) {
  const std::string_view rate = attribute(element, "rate");
  const std::string_view pitch = attribute(element, "pitch");
  const std::string_view volume = attribute(element, "volume");
  prosody.rate =
      std::clamp(look_up(kRates, rate).value_or(factor(rate, prosody.rate).value_or(prosody.rate)), 0.2, 3.0);
  prosody.pitch = std::clamp(
      look_up(kPitches, pitch).value_or(factor(pitch, prosody.pitch).value_or(prosody.pitch)), 0.5, 2.0);
  if (equal_ignoring_case(volume, "silent")) prosody.silent = true;
  const auto decibels = quantity(volume, "dB");
  const double relative = decibels ? prosody.volume_db + decibels->value : prosody.volume_db;
  prosody.volume_db = std::clamp(look_up(kVolumes, volume).value_or(relative), -60.0, 12.0);
}

class SpeechWriter {
 public:
  // Depth is bounded by the XML parser.
  void children(const XmlElement& parent, const Prosody& prosody) {
    for (const XmlNode& child : parent.children) {
      if (const std::string* text = child.text()) say(*text, prosody);
      if (const XmlElement* nested = child.element()) element(*nested, prosody);
    }
  }

  Speech take() {
    // Spaces separate words; at the ends of what is said in one breath they mean nothing.
    for (size_t i = 0; i < parts_.size(); ++i) {
      auto* spoken = std::get_if<SpokenText>(&parts_[i]);
      const bool last = i + 1 == parts_.size() || std::holds_alternative<milliseconds>(parts_[i + 1]);
      if (spoken != nullptr && last && spoken->text.ends_with(' ')) spoken->text.pop_back();
    }
    return Speech{std::move(parts_)};
  }

  void say(std::string_view text, const Prosody& prosody) {
    auto* last = parts_.empty() ? nullptr : std::get_if<SpokenText>(&parts_.back());
    for (const char c : text) {
      if (is_space(c)) {
        // Space belongs to the words before it, so that no part is only space.
        if (last != nullptr && !last->text.ends_with(' ')) last->text += ' ';
        continue;
      }
      if (last == nullptr || last->prosody != prosody) {
        parts_.push_back(SpokenText{{}, prosody});
        last = &std::get<SpokenText>(parts_.back());
      }
      last->text += c;
    }
  }

 private:
  void pause(milliseconds length) {
    if (length > milliseconds(0)) parts_.emplace_back(length);
  }

  void element(const XmlElement& element, Prosody prosody) {
    const std::string& name = element.name;
    if (name == "break") return pause(break_length(element));
    if (name == "sub") {
      const std::string* alias = element.attribute("alias");
      return say(alias == nullptr || alias->empty() ? element.text() : *alias, prosody);
    }
    if (name == "emphasis") {
      prosody.emphasis = look_up(kEmphases, attribute(element, "level")).value_or(Emphasis::Moderate);
    } else if (name == "lang") {
      prosody.language = attribute(element, "xml:lang");
    } else if (name == "prosody") {
      apply_prosody(element, prosody);
    } else if (name == "phoneme") {
      prosody.phonemes = attribute(element, "ph");
      prosody.phoneme_alphabet = attribute(element, "alphabet");
    } else if (name == "say-as") {
      const std::string_view meaning = attribute(element, "interpret-as");
      // Older builders of Twilio's helper libraries write "role".
      prosody.say_as =
          look_up(kSayAs, meaning.empty() ? attribute(element, "role") : meaning).value_or(SayAs::Plain);
      prosody.format = attribute(element, "format");
    }
    children(element, prosody);
    if (name == "s") pause(kSentencePause);
    if (name == "p") pause(kParagraphPause);
  }

  std::vector<SpeechPart> parts_;
};

std::string without_tags(std::string_view text) {
  std::string out;
  bool inside = false;
  for (const char c : text) {
    if (c == '<') inside = true;
    if (!inside) out += c;
    if (c == '>' && inside) {
      inside = false;
      out += ' ';
    }
  }
  return out;
}

Speech spoken(std::string_view text) {
  SpeechWriter writer;
  writer.say(text, Prosody{});
  return writer.take();
}

}  // namespace

std::string Speech::plain_text() const {
  std::string out;
  for (const SpeechPart& part : parts) {
    const auto* words = std::get_if<SpokenText>(&part);
    if (words == nullptr && !out.empty() && !out.ends_with(' ')) out += ' ';
    if (words != nullptr && !words->prosody.silent) out += words->text;
  }
  return std::string(trim(out));
}

size_t Speech::characters() const {
  size_t count = 0;
  for (const SpeechPart& part : parts) {
    if (const auto* words = std::get_if<SpokenText>(&part)) count += count_characters(words->text);
  }
  return count;
}

bool is_ssml(std::string_view text) {
  const std::string_view trimmed = trim(text);
  return trimmed.starts_with("<speak") && (trimmed.ends_with("</speak>") || trimmed.ends_with("/>"));
}

Speech parse_speech(std::string_view text) {
  const std::string valid = to_valid_utf8(trim(text));
  if (!is_ssml(valid)) return spoken(valid);
  const auto root = parse_xml(valid);
  if (root && root->name == "speak") return speech_from_xml(*root);
  return spoken(without_tags(valid));
}

Speech speech_from_xml(const XmlElement& element) {
  SpeechWriter writer;
  writer.children(element, Prosody{});
  return writer.take();
}

}  // namespace sotto::text
