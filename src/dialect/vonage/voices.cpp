#include "dialect/vonage/voices.h"

#include <algorithm>
#include <array>

#include "text/ascii.h"

namespace sotto::vonage {
namespace {

constexpr std::array<Voice, 96> kVoices = {{
    {"ar", 2, "Laila"},          {"ar", 5, "Maged"},       {"ar", 6, "Tarik"},
    {"ar", 0, "Zeina"},          {"ca-ES", 1, "Jordi"},    {"ca-ES", 0, "Montserrat"},
    {"cmn-CN", 3, "Tian-Tian"},  {"cmn-CN", 0, "Zhiyu"},   {"cmn-TW", 0, "Mei-Jia"},
    {"cs-CZ", 1, "Iveta"},       {"cs-CZ", 2, "Zuzana"},   {"cy-GB", 0, "Gwyneth"},
    {"da-DK", 2, "Mads"},        {"da-DK", 0, "Naja"},     {"de-DE", 3, "Hans"},
    {"de-DE", 0, "Marlene"},     {"de-DE", 1, "Vicki"},    {"el-GR", 1, "Melina"},
    {"el-GR", 2, "Nikos"},       {"en-AU", 0, "Nicole"},   {"en-AU", 3, "Russell"},
    {"en-GB", 0, "Amy"},         {"en-GB", 4, "Brian"},    {"en-GB", 1, "Emma"},
    {"en-GB-WLS", 0, "Geraint"}, {"en-IN", 1, "Raveena"},  {"en-US", 1, "Ivy"},
    {"en-US", 2, "Joanna"},      {"en-US", 7, "Joey"},     {"en-US", 8, "Justin"},
    {"en-US", 3, "Kendra"},      {"en-US", 0, "Kimberly"}, {"en-US", 9, "Matthew"},
    {"en-US", 4, "Salli"},       {"en-ZA", 0, "Tessa"},    {"es-ES", 0, "Conchita"},
    {"es-ES", 3, "Empar"},       {"es-ES", 4, "Enrique"},  {"es-ES", 1, "Lucia"},
    {"es-MX", 0, "Mia"},         {"es-US", 2, "Lupe"},     {"es-US", 1, "Miguel"},
    {"es-US", 0, "Penelope"},    {"eu-ES", 0, "Miren"},    {"fi-FI", 1, "Satu"},
    {"fr-CA", 0, "Chantal"},     {"fr-FR", 0, "Celine"},   {"fr-FR", 1, "Lea"},
    {"fr-FR", 5, "Mathieu"},     {"he-IL", 0, "Carmit"},   {"hi-IN", 0, "Aditi"},
    {"hi-IN", 2, "Lekha"},       {"hu-HU", 1, "Mariska"},  {"id-ID", 1, "Damayanti"},
    {"is-IS", 0, "Dora"},        {"is-IS", 1, "Karl"},     {"it-IT", 0, "Bianca"},
    {"it-IT", 1, "Carla"},       {"it-IT", 4, "Giorgio"},  {"ja-JP", 0, "Mizuki"},
    {"ja-JP", 3, "Takumi"},      {"ko-KR", 0, "Seoyeon"},  {"ko-KR", 3, "Sora"},
    {"nb-NO", 7, "Henrik"},      {"nb-NO", 0, "Liv"},      {"nb-NO", 6, "Nora"},
    {"nl-NL", 0, "Lotte"},       {"nl-NL", 4, "Ruben"},    {"no-NO", 1, "Henrik"},
    {"no-NO", 0, "Nora"},        {"pl-PL", 0, "Ewa"},      {"pl-PL", 5, "Jacek"},
    {"pl-PL", 6, "Jan"},         {"pl-PL", 1, "Maja"},     {"pt-BR", 5, "Camila"},
    {"pt-BR", 4, "Felipe"},      {"pt-BR", 2, "Luciana"},  {"pt-BR", 3, "Ricardo"},
    {"pt-BR", 0, "Vitoria"},     {"pt-PT", 3, "Catarina"}, {"pt-PT", 5, "Cristiano"},
    {"pt-PT", 0, "Ines"},        {"pt-PT", 4, "Joana"},    {"ro-RO", 0, "Carmen"},
    {"ro-RO", 1, "Ioana"},       {"ru-RU", 4, "Maxim"},    {"ru-RU", 0, "Tatyana"},
    {"sk-SK", 1, "Laura"},       {"sv-SE", 2, "Alva"},     {"sv-SE", 0, "Astrid"},
    {"sv-SE", 3, "Oskar"},       {"th-TH", 0, "Kanya"},    {"tr-TR", 7, "Cem"},
    {"tr-TR", 0, "Filiz"},       {"tr-TR", 4, "Yelda"},    {"yue-CN", 0, "Sin-Ji"},
}};

}  // namespace

const Voice* voice_named(std::string_view name) {
  const auto* it = std::find_if(kVoices.begin(), kVoices.end(), [name](const Voice& each) {
    return text::equal_ignoring_case(each.name, name);
  });
  return it == kVoices.end() ? nullptr : it;
}

std::string voice_of(std::string_view language, int64_t style) {
  const auto* it = std::find_if(kVoices.begin(), kVoices.end(), [&](const Voice& each) {
    return each.style == style && text::equal_ignoring_case(each.language, language);
  });
  return it == kVoices.end() ? std::string() : std::string(it->name);
}

}  // namespace sotto::vonage
