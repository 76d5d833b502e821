#include "dialect/twilio/twiml/voices.h"

#include <algorithm>

#include "text/ascii.h"

namespace sotto::twilio {
namespace {

struct Named {
  std::string_view name;
  std::string_view language;
  bool male = false;
};

// twilio.md §2.5.
constexpr Named kPolly[] = {
    {"Aditi", "en-IN", false},      {"Adriano", "it-IT", true},   {"Amy", "en-GB", false},
    {"Andres", "es-MX", true},      {"Aria", "en-NZ", false},     {"Arlet", "ca-ES", false},
    {"Arthur", "en-GB", true},      {"Astrid", "sv-SE", false},   {"Ayanda", "en-ZA", false},
    {"Bianca", "it-IT", false},     {"Brian", "en-GB", true},     {"Camila", "pt-BR", false},
    {"Carla", "it-IT", false},      {"Carmen", "ro-RO", false},   {"Celine", "fr-FR", false},
    {"Chantal", "fr-CA", false},    {"Conchita", "es-ES", false}, {"Cristiano", "pt-PT", true},
    {"Daniel", "de-DE", true},      {"Danielle", "en-US", false}, {"Dora", "is-IS", false},
    {"Elin", "sv-SE", false},       {"Emma", "en-GB", false},     {"Enrique", "es-ES", true},
    {"Ewa", "pl-PL", false},        {"Filiz", "tr-TR", false},    {"Gabrielle", "fr-CA", false},
    {"Geraint", "en-GB-WLS", true}, {"Giorgio", "it-IT", true},   {"Gregory", "en-US", true},
    {"Gwyneth", "cy-GB", false},    {"Hala", "ar-AE", false},     {"Hannah", "de-AT", false},
    {"Hans", "de-DE", true},        {"Hiujin", "yue-CN", false},  {"Ida", "nb-NO", false},
    {"Ines", "pt-PT", false},       {"Isabelle", "fr-BE", false}, {"Ivy", "en-US", false},
    {"Jacek", "pl-PL", true},       {"Jan", "pl-PL", true},       {"Joanna", "en-US", false},
    {"Joey", "en-US", true},        {"Justin", "en-US", true},    {"Kajal", "en-IN", false},
    {"Karl", "is-IS", true},        {"Kazuha", "ja-JP", false},   {"Kendra", "en-US", false},
    {"Kevin", "en-US", true},       {"Kimberly", "en-US", false}, {"Laura", "nl-NL", false},
    {"Lea", "fr-FR", false},        {"Liam", "fr-CA", true},      {"Lisa", "nl-BE", false},
    {"Liv", "nb-NO", false},        {"Lotte", "nl-NL", false},    {"Lucia", "es-ES", false},
    {"Lupe", "es-US", false},       {"Mads", "da-DK", true},      {"Maja", "pl-PL", false},
    {"Marlene", "de-DE", false},    {"Mathieu", "fr-FR", true},   {"Matthew", "en-US", true},
    {"Maxim", "ru-RU", true},       {"Mia", "es-MX", false},      {"Miguel", "es-US", true},
    {"Mizuki", "ja-JP", false},     {"Naja", "da-DK", false},     {"Niamh", "en-IE", false},
    {"Nicole", "en-AU", false},     {"Ola", "pl-PL", false},      {"Olivia", "en-AU", false},
    {"Pedro", "es-US", true},       {"Penelope", "es-US", false}, {"Raveena", "en-IN", false},
    {"Remi", "fr-FR", true},        {"Ricardo", "pt-BR", true},   {"Ruben", "nl-NL", true},
    {"Russell", "en-AU", true},     {"Ruth", "en-US", false},     {"Salli", "en-US", false},
    {"Seoyeon", "ko-KR", false},    {"Sergio", "es-ES", true},    {"Sofie", "da-DK", false},
    {"Stephen", "en-US", true},     {"Suvi", "fi-FI", false},     {"Takumi", "ja-JP", true},
    {"Tatyana", "ru-RU", false},    {"Thiago", "pt-BR", true},    {"Tomoko", "ja-JP", false},
    {"Vicki", "de-DE", false},      {"Vitoria", "pt-BR", false},  {"Zayd", "ar-AE", true},
    {"Zeina", "arb", false},        {"Zhiyu", "cmn-CN", false},
};

// "en", "en-US", "arb", "cmn-CN", "en-GB-WLS".
bool is_language(std::string_view tag) {
  const auto parts = text::split(tag, '-');
  if (parts.size() > 3 || parts[0].size() < 2 || parts[0].size() > 3) return false;
  return std::all_of(parts.begin(), parts.end(), [](std::string_view part) {
    return part.size() >= 2 && part.size() <= 4 && std::all_of(part.begin(), part.end(), [](char c) {
             return text::is_letter(c) || text::is_digit(c);
           });
  });
}

Voice polly(std::string_view name) {
  Voice voice;
  voice.characters_max = 3000;
  name = name.substr(0, name.find('-'));  // -Neural, -Generative
  const auto it = std::find_if(std::begin(kPolly), std::end(kPolly), [name](const Named& each) {
    return text::equal_ignoring_case(each.name, name);
  });
  if (it == std::end(kPolly)) {
    voice.known = false;
    return voice;
  }
  voice.language = it->language;
  voice.male = it->male;
  return voice;
}

// "en-US-Chirp3-HD-Aoede", "de-DE-Standard-B". Of the letters nobody but Google knows who is a man.
Voice google(std::string_view name) {
  Voice voice;
  voice.characters_max = 5000;
  const auto parts = text::split(name, '-');
  if (parts.size() < 3 || !is_language(parts[0])) {
    voice.known = false;
    return voice;
  }
  voice.language = std::string(parts[0]) + "-" + std::string(parts[1]);
  return voice;
}

}  // namespace

Voice choose_voice(std::string_view voice, std::string_view language) {
  constexpr std::string_view kPollyPrefix = "Polly.";
  constexpr std::string_view kGooglePrefix = "Google.";
  if (voice.starts_with(kPollyPrefix)) return polly(voice.substr(kPollyPrefix.size()));
  if (voice.starts_with(kGooglePrefix)) return google(voice.substr(kGooglePrefix.size()));
  Voice basic;
  basic.male = voice.empty() || text::equal_ignoring_case(voice, "man");
  basic.known =
      basic.male || text::equal_ignoring_case(voice, "woman") || text::equal_ignoring_case(voice, "alice");
  if (language.empty()) return basic;
  basic.language_known = is_language(language);
  if (basic.language_known) basic.language = language;
  return basic;
}

}  // namespace sotto::twilio
