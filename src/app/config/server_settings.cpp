#include "app/config/server_settings.h"

namespace sotto::app::config {

ServerSettings server_settings(const Settings& file) {
  ServerSettings out;
  out.sip = file.server.sip;
  out.sip_tls = file.server.sip_tls;
  out.http = file.server.http;
  out.https = file.server.https;
  out.certificate = {file.server.tls_certificate, file.server.tls_key};
  out.data_folder = file.server.data;
  out.database = file.server.database;
  out.public_url = file.server.public_url;
  out.advertised_host = file.server.advertised_host;
  out.realm = file.server.realm;
  out.media.port_min = file.server.rtp_port_min;
  out.media.port_max = file.server.rtp_port_max;
  const size_t by_machine = media::default_threads(media::usable_processors());
  out.media.threads = file.media.threads == 0 ? by_machine : file.media.threads;
  out.media.media_cpu = file.media.cpu;
  out.media.real_time_priority = file.media.real_time;
  out.media.room_rate_hz = file.media.room_rate_hz;
  out.web_socket_origins = file.server.web_socket_origins;
  out.room_wait_max = file.calls.room_wait_max;
  out.call_length_max = file.calls.length_max;
  out.default_country = file.calls.default_country;
  out.account = file.account;
  out.pools = file.pools;
  out.directory = configured_entities(file);
  out.campaigns = file.campaigns;
  out.http_client.ca_file = file.webhooks.ca_file;
  out.http_client.proxy = file.webhooks.proxy;
  out.fetch.private_targets =
      file.webhooks.private_targets ? http::PrivateTargets::Allowed : http::PrivateTargets::Refused;
  out.fetch.verify_tls = file.webhooks.verify_tls;
  out.outbox.persist = file.webhooks.persist;
  out.retention = file.retention;
  const SpeechSection& speech = file.speech;
  out.voices.service.url = speech.synthesis_url;
  out.voices.service.key = speech.synthesis_token;
  out.voices.service.model = speech.synthesis_model;
  out.voices.service.client = out.http_client;
  out.voices.female = speech.female_voice;
  out.voices.male = speech.male_voice;
  out.voices.choices = file.voices;
  out.recognition.url = speech.recognition_url;
  out.recognition.api_key = speech.recognition_token;
  out.recognition.model = speech.recognition_model;
  return out;
}

std::vector<std::string_view> tables_that_wait(const Settings& running, const Settings& fresh) {
  std::vector<std::string_view> waiting;
  if (!(running.server == fresh.server)) waiting.push_back("server");
  if (!(running.log == fresh.log)) waiting.push_back("log");
  if (!(running.webhooks == fresh.webhooks)) waiting.push_back("webhooks");
  if (!(running.speech == fresh.speech)) waiting.push_back("speech");
  if (!(running.calls == fresh.calls)) waiting.push_back("calls");
  if (!(running.media == fresh.media)) waiting.push_back("media");
  return waiting;
}

}  // namespace sotto::app::config
