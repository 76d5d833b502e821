#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "app/config/settings.h"

// The one description of every setting: the reader, `sotto config example` and the names of environment
// variables all come from it.
namespace sotto::app::config {

enum class Kind { Text, Integer, Boolean, Texts };

// Puts a value where it belongs. The error's detail is only what is allowed: "a number from 1 to 65535".
template <typename T>
struct Setter {
  Kind kind = Kind::Text;
  std::function<Result<void>(T&, const Value&)> apply;
};

enum class Need { Optional, Required };

template <typename T>
struct Key {
  std::string_view name;
  Setter<T> setter;
  std::string_view example;  // as TOML
  std::string_view comment;
  Need need = Need::Optional;
};

template <typename T>
using Keys = std::vector<Key<T>>;

const Keys<ServerSection>& server_keys();
const Keys<LogSection>& log_keys();
const Keys<AccountSettings>& account_keys();
const Keys<WebhookSection>& webhook_keys();
const Keys<SpeechSection>& speech_keys();
const Keys<CallSection>& call_keys();
const Keys<MediaSection>& media_keys();
const Keys<RetentionSettings>& retention_keys();
const Keys<VoiceChoice>& voice_keys();
const Keys<Pool>& pool_keys();
const Keys<NumberSection>& number_keys();
const Keys<OrganisationSection>& organisation_keys();
const Keys<PhoneSection>& phone_keys();
const Keys<directory::Trunk>& trunk_keys();
const Keys<campaign::Campaign>& campaign_keys();

// Calls `each(name, keys, section)` for the tables that are there once, and for those that may be there
// several times, in the order of the example.
template <typename SettingsType, typename Each>
void for_each_table(SettingsType& settings, Each&& each) {
  each("server", server_keys(), settings.server);
  each("log", log_keys(), settings.log);
  each("account", account_keys(), settings.account);
  each("webhooks", webhook_keys(), settings.webhooks);
  each("speech", speech_keys(), settings.speech);
  each("calls", call_keys(), settings.calls);
  each("media", media_keys(), settings.media);
  each("retention", retention_keys(), settings.retention);
}
template <typename SettingsType, typename Each>
void for_each_list(SettingsType& settings, Each&& each) {
  each("voice", voice_keys(), settings.voices);
  each("pool", pool_keys(), settings.pools);
  each("number", number_keys(), settings.numbers);
  each("organisation", organisation_keys(), settings.organisations);
  each("phone", phone_keys(), settings.phones);
  each("trunk", trunk_keys(), settings.trunks);
  each("campaign", campaign_keys(), settings.campaigns);
}

// Of a table, one line each, for the comment above its header.
std::string_view table_comment(std::string_view table);

// Somewhere to ring: "sip:…" as it is, digits of at least seven (with or without "+") a number, fewer digits
// or any with "*" an extension, everything else a phone's user.
Result<base::Address> parse_agent(std::string_view text);

}  // namespace sotto::app::config
