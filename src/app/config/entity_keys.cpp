// Numbers, phones and trunks.
#include "app/config/setters.h"
#include "directory/ip_range.h"
#include "text/ascii.h"
#include "text/e164.h"

namespace sotto::app::config {
namespace {

constexpr auto kNumbers = "numbers with their country's code, such as \"12025550101\"";

Result<std::string> parse_range(const std::string& text) {
  if (auto range = directory::parse_ip_range(text); !range) return fail(range.error());
  return text;
}

Result<std::string> parse_prefix(const std::string& text) {
  const std::string digits = text.starts_with('+') ? text.substr(1) : text;
  if (!digits.empty() && std::all_of(digits.begin(), digits.end(), text::is_digit)) return digits;
  return fail(ErrorCode::Invalid, quoted(text) + " is not digits");
}

Result<std::string> parse_extension(const std::string& text) {
  const bool good = !text.empty() && std::all_of(text.begin(), text.end(),
                                                 [](char c) { return text::is_digit(c) || c == '*'; });
  if (!good) return fail(ErrorCode::Invalid, "digits and \"*\" only");
  return text;
}

// A setter of the phone inside its section.
Setter<PhoneSection> of_phone(Setter<directory::Phone> inner) {
  return {inner.kind, [apply = std::move(inner.apply)](PhoneSection& into, const Value& value) {
            return apply(into.phone, value);
          }};
}

}  // namespace

Result<std::string> parse_number(const std::string& text) {
  return text::to_e164(text);
}

Result<std::string> parse_country(const std::string& text) {
  if (!text::calling_code(text).empty()) return text;
  return fail(ErrorCode::Invalid, quoted(text) + " is no country's code");
}

Result<base::Address> parse_agent(std::string_view text) {
  using AddressKind = base::Address::Kind;
  const auto all = [&](auto test) { return std::all_of(text.begin(), text.end(), test); };
  if (text.empty()) return fail(ErrorCode::Invalid, "it is empty");
  if (text.starts_with("sip:") || text.starts_with("sips:"))
    return base::Address{AddressKind::Sip, std::string(text), {}};
  if (text.starts_with('+') || (text.size() >= 7 && all(text::is_digit))) {
    auto number = text::to_e164(text);
    if (!number) return fail(number.error());
    return base::Address{AddressKind::Number, *number, {}};
  }
  if (all([](char c) { return text::is_digit(c) || c == '*'; }))
    return base::Address{AddressKind::Phone, std::string(text), {}};
  if (all([](char c) { return c > ' ' && c != '@' && c != ':' && c != '/'; }))
    return base::Address{AddressKind::User, std::string(text), {}};
  return fail(ErrorCode::Invalid, quoted(text) + " is none of these");
}

const Keys<Pool>& pool_keys() {
  static const Keys<Pool> keys = {
      {"name", text(&Pool::name), "\"demo\"", "What the pool is called.", Need::Required},
      {"country", parsed(&Pool::country, "a country's two letters, such as \"US\"", parse_country), "\"US\"",
       "Where its numbers are."},
      {"numbers", parsed_list(&Pool::numbers, kNumbers, parse_number), "[\"12025550103\", \"12025550104\"]",
       "With the country's code.", Need::Required},
  };
  return keys;
}

const Keys<NumberSection>& number_keys() {
  using S = NumberSection;
  static const Keys<S> keys = {
      {"number",
       parsed(&S::digits, "a number with its country's code, such as \"12025550105\"", parse_number),
       "\"12025550105\"", "With the country's code.", Need::Required},
      {"country", parsed(&S::country, "a country's two letters, such as \"US\"", parse_country), "\"US\"",
       "Default: that of its code."},
      {"label", text(&S::label), "\"office\"", "For people."},
      {"phone", text(&S::phone), "\"alice\"", "The user of the phone that it rings, or"},
      {"forward_to",
       parsed_list(&S::forward_to, "phones, numbers and SIP URIs",
                   [](const std::string& t) { return parse_agent(t); }),
       "[\"+12025550199\", \"sip:desk@192.0.2.7\"]", "what is rung instead, one after the other."},
  };
  return keys;
}

const Keys<OrganisationSection>& organisation_keys() {
  using S = OrganisationSection;
  static const Keys<S> keys = {
      {"id", text(&S::id), "\"sales\"", "What phones call it. Default: its name."},
      {"name", text(&S::name), "\"Sales\"", "For people.", Need::Required},
      {"prefix", parsed(&S::prefix, "digits", parse_extension), "\"0042\"",
       "Of its extended extension numbers, as in 0042*310."},
      {"supervision_allowed", boolean(&S::supervision_allowed), "true",
       "Supervisors may listen, whisper and barge in."},
  };
  return keys;
}

template <typename T>
Setter<T> sound_security(directory::SoundSecurity T::*member) {
  using directory::SoundSecurity;
  return choice(
      member,
      {{"plain", SoundSecurity::Plain}, {"sdes", SoundSecurity::Sdes}, {"dtls", SoundSecurity::Dtls}});
}

const Keys<PhoneSection>& phone_keys() {
  using P = directory::Phone;
  static const Keys<PhoneSection> keys = {
      {"user", of_phone(text(&P::user)), "\"alice\"", "SIP user name.", Need::Required},
      {"password", text(&PhoneSection::password), "\"correct-horse-battery\"",
       "For its registration. Only a digest of it is kept."},
      {"organisation", text(&PhoneSection::organisation), "\"sales\"", "Which one it belongs to."},
      {"extension",
       of_phone(parsed(&P::extension, "an extension, such as \"310\" or \"0042*310\"", parse_extension)),
       "\"0042*310\"", "Its short number."},
      {"kind",
       of_phone(choice(&P::kind, {{"phone", directory::ExtensionKind::PhoneTerminal},
                                  {"queue", directory::ExtensionKind::Queue},
                                  {"conference", directory::ExtensionKind::Conference},
                                  {"ivr", directory::ExtensionKind::Ivr}})),
       "\"phone\"", "What answers at the extension: a phone, a queue, a conference, a menu (ivr)."},
      {"owner", of_phone(text(&P::owner)), "\"2\"",
       "Number of the user in the organisation whose phone it is."},
      {"caller_id_name", of_phone(text(&P::caller_id_name)), "\"Alice\"", "What those it calls are shown,"},
      {"caller_id_number", of_phone(text(&P::caller_id_number)), "\"12025550105\"", "with this number."},
      {"may_record", of_phone(boolean(&P::may_record)), "true", "Its calls may be recorded."},
      {"security", of_phone(sound_security(&P::security)), "\"plain\"",
       "How its sound is protected: plain, sdes or dtls. Browsers always use dtls."},
  };
  return keys;
}

const Keys<directory::Trunk>& trunk_keys() {
  using T = directory::Trunk;
  using directory::NumberFormat;
  static const Keys<T> keys = {
      {"name", text(&T::name), "\"carrier\"", "What it is called.", Need::Required},
      {"hosts", texts(&T::hosts, "hosts, such as \"sip.example.com:5060\""),
       "[\"sip.example.com\", \"sip2.example.com:5061;transport=tls\"]",
       "Where it takes calls, tried in turn."},
      {"allow_from",
       parsed_list(&T::allow_from, "addresses and ranges, such as \"192.0.2.0/24\"", parse_range),
       "[\"192.0.2.0/24\"]", "Where its calls come from. Calls from elsewhere need a phone's password."},
      {"user", text(&T::user), "\"me\"", "Credentials, where it wants some."},
      {"password", text(&T::password), "\"its-secret\"", "Kept as it is: it answers challenges."},
      {"registers", boolean(&T::registers), "false", "We register with it."},
      {"probes", boolean(&T::probes), "true",
       "Asked by OPTIONS whether it is there; passed over while it is not."},
      {"priority", integer(&T::priority, {0, 1000}), "0", "Lower ones are tried first."},
      {"weight", integer(&T::weight, {0, 1000}), "1", "Share among those of the same priority."},
      {"format",
       choice(&T::format, {{"plus", NumberFormat::Plus},
                           {"bare", NumberFormat::Bare},
                           {"national", NumberFormat::National}}),
       "\"plus\"", "How it wants numbers: plus, bare or national."},
      {"country", parsed(&T::country, "a country's two letters, such as \"US\"", parse_country), "\"US\"",
       "Whose national numbers."},
      {"destinations",
       parsed_list(&T::destinations, "prefixes with the country's code, such as \"1\"", parse_prefix),
       "[\"1\", \"44\"]", "What may be called through it. Default: everything."},
      {"channels_max", integer(&T::channels_max, {0, 100'000}), "0", "Calls at once. 0: any number."},
      {"calls_per_second_max", integer(&T::calls_per_second_max, {0, 10'000}), "0", "0: any number."},
      {"emergency", boolean(&T::emergency), "false", "Carries emergency calls."},
      {"writes_identity", boolean(&T::writes_identity), "false",
       "It is sent P-Asserted-Identity and Diversion."},
      {"security", sound_security(&T::security), "\"plain\"",
       "How sound to it is protected: plain, sdes or dtls."},
      {"codecs", texts(&T::codecs, "codec names, such as \"PCMU\""), "[\"PCMA\", \"PCMU\"]",
       "Which ones, best first. Default: all."},
  };
  return keys;
}

}  // namespace sotto::app::config
