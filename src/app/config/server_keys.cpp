// Settings of the server itself.
#include "app/config/setters.h"
#include "media/engine.h"
#include "text/uri.h"

namespace sotto::app::config {
namespace {

Result<std::string> parse_public_url(const std::string& text) {
  const bool good = text.starts_with("http://") || text.starts_with("https://");
  if (!good) return fail(ErrorCode::Invalid, "it must begin with http:// or https://");
  return text.ends_with('/') ? text.substr(0, text.size() - 1) : text;
}

constexpr Range kDays{0, 36'500};
constexpr auto kEndpoint = "an address and a port, such as \"127.0.0.1:5060\" or \"*:5060\"";

Result<std::optional<net::Endpoint>> parse_optional_endpoint(const std::string& text) {
  auto endpoint = net::parse_endpoint(text);
  if (!endpoint) return fail(endpoint.error());
  return std::optional(*endpoint);
}

}  // namespace

const Keys<ServerSection>& server_keys() {
  using S = ServerSection;
  static const Keys<S> keys = {
      {"sip", parsed(&S::sip, kEndpoint, [](const std::string& t) { return net::parse_endpoint(t); }),
       "\"127.0.0.1:5060\"", "Where SIP is listened for. Port 0 is any free one."},
      {"http", parsed(&S::http, kEndpoint, [](const std::string& t) { return net::parse_endpoint(t); }),
       "\"127.0.0.1:8080\"", "Where the APIs, the metrics and /healthz are."},
      {"https", parsed(&S::https, kEndpoint, parse_optional_endpoint), "\"*:8443\"",
       "The same over TLS; wants tls_certificate and tls_key."},
      {"sip_tls", parsed(&S::sip_tls, kEndpoint, parse_optional_endpoint), "\"*:5061\"",
       "SIP over TLS; wants the same two. UDP and TCP are on the port of sip, WebSocket is /sip of http."},
      {"tls_certificate", text(&S::tls_certificate), "\"/etc/sotto/certificate.pem\"",
       "PEM, the server's own certificate first. Read again on reload."},
      {"tls_key", text(&S::tls_key), "\"/etc/sotto/key.pem\"", "PEM, its private key."},
      {"data", text(&S::data), "\"/var/lib/sotto\"",
       "Folder of the database, the recordings and the admin token. Default: sotto-data."},
      {"database", text(&S::database), "\"host=/run/postgresql dbname=sotto\"",
       "\"sqlite:PATH\" or a PostgreSQL address. Default: a file in the data folder."},
      {"public_url", parsed(&S::public_url, "an http or https URL", parse_public_url),
       "\"https://voice.example.com\"",
       "How apps and people reach us from outside. Default: the address of http."},
      {"advertised_host", text(&S::advertised_host), "\"203.0.113.10\"",
       "What SIP and SDP say where we are, behind a NAT. Default: the address of sip."},
      {"web_socket_origins", texts(&S::web_socket_origins, "origins, such as \"https://app.example.com\""),
       "[\"https://app.example.com\"]", "Pages that may bring phones, besides our own. \"*\": all."},
      {"realm", text(&S::realm), "\"sotto\"",
       "Of the phones' passwords. Changing it changes what a phone's password is checked against."},
      {"rtp_port_min", integer(&S::rtp_port_min, {1024, 65'534}), "20000", "First UDP port for sound."},
      {"rtp_port_max", integer(&S::rtp_port_max, {1025, 65'535}), "29998", "Last one."},
      {"drain_s", integer(&S::drain, {0, 86'400}), "240",
       "How long calls that are up may go on after SIGTERM."},
  };
  return keys;
}

const Keys<LogSection>& log_keys() {
  using base::LogFormat;
  using base::LogLevel;
  static const Keys<LogSection> keys = {
      {"level",
       choice(&LogSection::level, {{"debug", LogLevel::Debug},
                                   {"info", LogLevel::Info},
                                   {"warning", LogLevel::Warning},
                                   {"error", LogLevel::Error}}),
       "\"info\"", "debug, info, warning or error."},
      {"format", choice(&LogSection::format, {{"human", LogFormat::Human}, {"json", LogFormat::Json}}),
       "\"json\"", "human or json. Default: human on a terminal, json otherwise."},
  };
  return keys;
}

const Keys<AccountSettings>& account_keys() {
  using S = AccountSettings;
  static const Keys<S> keys = {
      {"name", text(&S::name), "\"main\"", "Whose numbers, applications and calls these are."},
      {"silence_accepts", boolean(&S::silence_accepts), "true",
       "A screened call is accepted when its document ends without a key, as the vendors have it."},
      {"any_caller_id", boolean(&S::any_caller_id), "true",
       "Apps may show any caller id; false: only this account's numbers."},
      {"emergency_calls", boolean(&S::emergency_calls), "false",
       "May dial emergency numbers, through a trunk with emergency = true."},
  };
  return keys;
}

const Keys<WebhookSection>& webhook_keys() {
  using S = WebhookSection;
  static const Keys<S> keys = {
      {"private_targets", boolean(&S::private_targets), "true",
       "URLs set through an API may lead to private addresses. Say false where strangers use the APIs."},
      {"persist", boolean(&S::persist), "false",
       "A webhook that could not be delivered is tried again by itself, ever more rarely."},
      {"verify_tls", boolean(&S::verify_tls), "true", "Certificates of apps must be valid."},
      {"ca_file", text(&S::ca_file), "\"/etc/ssl/our-ca.pem\"",
       "PEM, authorities to trust in place of the system's."},
      {"proxy", text(&S::proxy), "\"http://proxy.example.com:3128\"", "HTTP proxy for outgoing requests."},
  };
  return keys;
}

const Keys<SpeechSection>& speech_keys() {
  using S = SpeechSection;
  static const Keys<S> keys = {
      {"synthesis_url", text(&S::synthesis_url), "\"http://127.0.0.1:8880/v1/audio/speech\"",
       "A service with the shape of POST /v1/audio/speech, which answers with a wav or mp3 file. Where it "
       "fails, our own voices speak."},
      {"synthesis_token", text(&S::synthesis_token), "\"secret\"", "Sent as a Bearer token."},
      {"synthesis_model", text(&S::synthesis_model), "\"tts-1\"", "What the service calls its model."},
      {"female_voice", text(&S::female_voice), "\"nova\"", "What it calls the voice for women's names."},
      {"male_voice", text(&S::male_voice), "\"onyx\"", "And the one for men's."},
      {"recognition_url", text(&S::recognition_url), "\"http://127.0.0.1:8880/v1/audio/transcriptions\"",
       "A service with the shape of POST /v1/audio/transcriptions."},
      {"recognition_token", text(&S::recognition_token), "\"secret\"", "Sent as a Bearer token."},
      {"recognition_model", text(&S::recognition_model), "\"whisper-1\"",
       "What the service calls its model."},
  };
  return keys;
}

const Keys<VoiceChoice>& voice_keys() {
  using V = VoiceChoice;
  static const Keys<V> keys = {
      {"language", text(&V::language), "\"de\"", "\"de-AT\", or \"de\" for every German. Default: all."},
      {"voice", text(&V::voice), "\"Vicki\"",
       "\"male\", \"female\", or its name, where the document has one. Default: all."},
      {"engine",
       choice(&V::engine, {{"service", VoiceChoice::Engine::Service}, {"own", VoiceChoice::Engine::Own}}),
       "\"service\"", "The service of [speech], or our own."},
      {"speak_as", text(&V::speak_as), "\"alloy\"", "What the service calls the voice. Default: the same."},
  };
  return keys;
}

const Keys<MediaSection>& media_keys() {
  using S = MediaSection;
  static const Keys<S> keys = {
      {"real_time", boolean(&S::real_time), "true",
       "Sound before all else on the machine, where we have the right to it (LimitRTPRIO)."},
      {"threads", integer(&S::threads, {1, media::EngineSettings::kThreadsMax}), "2",
       "How many threads carry sound; a room is on one of them. Default: one for each usable processor, at "
       "most 4."},
      {"cpu", integer(&S::cpu, {0, 1023}), "1",
       "The processor that the first of them keeps to; the second keeps to the next, and so on. Default: "
       "any."},
      {"room_band", choice(&S::room_rate_hz, {{"narrow", 8000}, {"wide", 16'000}, {"full", 48'000}}),
       "\"narrow\"", "What rooms mix: 8, 16 or 48 kHz. Wide wants phones with G.722, full those with Opus."},
  };
  return keys;
}

const Keys<CallSection>& call_keys() {
  using S = CallSection;
  static const Keys<S> keys = {
      {"room_wait_max_s", integer(&S::room_wait_max, {0, 86'400}), "900",
       "Who is alone in a room, with nobody being dialled for him, is hung up after this. 0: never."},
      {"length_max_s", integer(&S::length_max, {1, 86'400}), "14400", "No call is longer."},
      {"default_country",
       parsed(&S::default_country, "a country's two letters, such as \"US\"", parse_country), "\"US\"",
       "Whose numbers are meant where one is written nationally."},
  };
  return keys;
}

const Keys<RetentionSettings>& retention_keys() {
  using S = RetentionSettings;
  static const Keys<S> keys = {
      {"records_days", integer(&S::records, kDays), "365", "Calls and their events. 0: for ever."},
      {"ledger_days", integer(&S::ledger, kDays), "365", "Who could hear whom. 0: for ever."},
      {"recordings_days", integer(&S::recordings, kDays), "90", "Recordings with their files. 0: for ever."},
      {"dead_letters_days", integer(&S::dead_letters, kDays), "30",
       "Webhooks that could not be delivered. 0: for ever."},
  };
  return keys;
}

}  // namespace sotto::app::config
