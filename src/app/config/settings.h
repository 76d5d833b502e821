#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "app/config/toml.h"
#include "app/configured.h"
#include "app/operations.h"
#include "app/voices.h"
#include "base/log.h"
#include "campaign/campaign.h"
#include "directory/snapshot.h"
#include "net/endpoint.h"

// What sotto.toml says, with the defaults of what it does not say.
namespace sotto::app::config {

struct ServerSection {
  net::Endpoint sip{net::Address(asio::ip::address_v4::loopback()), 5060};
  net::Endpoint http{net::Address(asio::ip::address_v4::loopback()), 8080};
  std::optional<net::Endpoint> https;
  std::optional<net::Endpoint> sip_tls;
  std::string tls_certificate;  // PEM files
  std::string tls_key;
  std::string data = "sotto-data";
  std::string database;         // empty: a file in the data folder
  std::string public_url;       // empty: the HTTP address
  std::string advertised_host;  // empty: the SIP address
  std::vector<std::string> web_socket_origins;
  std::string realm = "sotto";  // of phones' passwords
  uint16_t rtp_port_min = 20'000;
  uint16_t rtp_port_max = 29'998;
  std::chrono::seconds drain{240};

  bool operator==(const ServerSection&) const = default;
};

struct LogSection {
  base::LogLevel level = base::LogLevel::Info;
  std::optional<base::LogFormat> format;  // absent: for people on a terminal, JSON otherwise

  bool operator==(const LogSection&) const = default;
};

struct NumberSection {
  std::string digits;
  std::string country;  // empty: by its code
  std::string label;
  std::string phone;                      // a phone's user
  std::vector<base::Address> forward_to;  // in turn
};

struct OrganisationSection {
  std::string id;  // what phones say; empty: the name
  std::string name;
  std::string prefix;
  bool supervision_allowed = true;
};

struct PhoneSection {
  directory::Phone phone;
  std::string organisation;
  std::string password;  // only until it has become ha1
};

struct WebhookSection {
  bool private_targets = true;
  bool persist = false;
  bool verify_tls = true;
  std::string ca_file;
  std::string proxy;

  bool operator==(const WebhookSection&) const = default;
};

// Services for natural voices and for speech recognition; without a URL there is none.
struct SpeechSection {
  std::string synthesis_url;
  std::string synthesis_token;
  std::string synthesis_model = "tts-1";
  std::string female_voice = "nova";
  std::string male_voice = "onyx";
  std::string recognition_url;
  std::string recognition_token;
  std::string recognition_model = "whisper-1";

  bool operator==(const SpeechSection&) const = default;
};

// Of the threads that carry all sound.
struct MediaSection {
  size_t threads = 0;  // as many as the machine allows
  int cpu = -1;        // any
  bool real_time = true;
  uint32_t room_rate_hz = 8000;

  bool operator==(const MediaSection&) const = default;
};

struct CallSection {
  std::chrono::seconds room_wait_max{900};
  std::chrono::seconds length_max{14'400};
  std::string default_country = "US";

  bool operator==(const CallSection&) const = default;
};

struct Settings {
  ServerSection server;
  LogSection log;
  AccountSettings account;
  WebhookSection webhooks;
  SpeechSection speech;
  CallSection calls;
  MediaSection media;
  RetentionSettings retention{std::chrono::days(365), std::chrono::days(365), std::chrono::days(90),
                              std::chrono::days(30)};
  std::vector<VoiceChoice> voices;
  std::vector<Pool> pools;
  std::vector<NumberSection> numbers;
  std::vector<OrganisationSection> organisations;
  std::vector<PhoneSection> phones;
  std::vector<directory::Trunk> trunks;
  std::vector<campaign::Campaign> campaigns;
};

// What is not stored, for LiveDirectory: organisations, phones, trunks and the numbers of [[number]].
directory::Entities configured_entities(const Settings& settings);

}  // namespace sotto::app::config
