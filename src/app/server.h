#pragma once

#include <memory>
#include <string>
#include <vector>

#include "admin/admin.h"
#include "app/campaigns.h"
#include "app/configured.h"
#include "app/operations.h"
#include "app/persistence.h"
#include "app/supervision_rules.h"
#include "app/voices.h"
#include "campaign/desk.h"
#include "campaign/tracker.h"
#include "dialect/host/dialect.h"
#include "dialect/host/documents.h"
#include "dialect/host/services.h"
#include "flow/engine.h"
#include "http/router.h"
#include "http/server.h"
#include "net/loop.h"
#include "net/worker_pool.h"
#include "sound/prompts.h"
#include "sound/recorder.h"
#include "sound/remote_sounds.h"
#include "speech/http_recogniser.h"
#include "speech/synthesiser.h"
#include "stream/streams.h"
#include "telephony/stack.h"
#include "webhook/fetcher.h"
#include "webhook/outbox.h"

namespace sotto::app {

struct ServerSettings {
  net::Endpoint sip;  // port 0: any free one
  net::Endpoint http;
  std::optional<net::Endpoint> sip_tls;  // these two with `certificate`
  std::optional<net::Endpoint> https;
  net::TlsServerOptions certificate;
  std::string data_folder;
  std::string database;         // see store::ConnectionOptions; empty: SQLite in the data folder
  std::string public_url;       // how apps reach us; empty: by the HTTP address
  std::string advertised_host;  // how SIP peers reach us; empty: by the address they are answered from
  std::string realm = "sotto";  // of the phones' passwords
  media::EngineSettings media;  // its addresses are those of SIP
  std::vector<std::string> web_socket_origins;  // pages that may bring phones, besides our own; "*": all
  std::chrono::seconds room_wait_max{900};
  std::chrono::seconds call_length_max{14'400};
  std::string default_country = "US";  // of numbers that are written nationally
  AccountSettings account;
  std::vector<Pool> pools;
  directory::Entities directory;  // what else the operator's file names
  std::vector<campaign::Campaign> campaigns;
  http::ClientOptions http_client;
  webhook::FetchSettings fetch;
  webhook::OutboxSettings outbox;
  RetentionSettings retention;
  VoiceSettings voices;
  speech::HttpRecogniserSettings recognition;  // without a URL: none
  // What the operator's file says now, for reload(); empty: there is no file.
  std::function<Result<ServerSettings>()> read_again;
};

// Every part of the server on one loop, started in this order and stopped in the reverse. Control thread.
class Server final : public call::EventSink {
 public:
  static Result<std::unique_ptr<Server>> start(net::Loop& loop, ServerSettings settings);
  ~Server() override;
  // Ends what is under way: requests are answered and webhooks sent for `grace`. Before the destruction.
  asio::awaitable<void> stop(base::Duration grace);

  net::Endpoint sip_address() const { return stack_->sip_address(); }
  net::Endpoint http_address() const { return http_->address(); }
  std::optional<net::Endpoint> sip_tls_address() const { return stack_->sip_tls_address(); }
  std::optional<net::Endpoint> https_address() const {
    return https_ ? std::optional(https_->address()) : std::nullopt;
  }
  call::Switchboard& switchboard() { return stack_->switchboard(); }
  speech::Synthesiser& synthesiser() { return synthesiser_; }
  store::Store& store() { return *persistence_.store; }
  // Reads the operator's file again: directory, campaigns, retention and certificates change, calls go on. A
  // file that is wrong changes nothing.
  Result<void> reload();
  // No new calls, and not ready any more; what is up ends by itself, or now if the deadline has passed.
  void drain(base::TimePoint deadline);
  // How clients log in, by label: at the first start of this account, else empty.
  const std::vector<std::pair<std::string, std::string>>& new_credentials() const { return new_credentials_; }

 private:
  Server(net::Loop& loop, ServerSettings settings);
  Result<void> open();
  Result<void> open_store();
  std::string recordings_folder() const { return settings_.data_folder + "/recordings"; }
  Result<void> open_stack();
  Result<void> listen();
  Result<void> serve_http();
  void open_core();
  Result<void> open_dialects();
  Result<void> change_at_start(store::LiveDirectory::Change change);
  Result<directory::Account> complete(const AccountSettings& settings);
  Result<void> seed();
  void open_admin(const dialect::Services& services);
  Checkup checkup() const;
  void add_routes();
  std::optional<http::Response> refuse_page(const http::Request& request) const;
  asio::awaitable<void> serve_sip(http::Request request, std::unique_ptr<net::WebSocket> socket);
  asio::awaitable<http::Response> show_ready(http::Request request);
  asio::awaitable<http::Response> show_metrics(http::Request request);
  std::string metrics();
  void on_event(const call::Event& event) override;
  void take_call(const call::Leg& leg);
  void take_extension(const call::Leg& leg, const directory::Phone& phone);
  base::Address shown_from(const call::Leg& leg, const base::Address& to) const;
  asio::awaitable<Result<std::string>> render_recording(dialect::Services::Rendering what);
  std::vector<dialect::Registration> registrations(const std::string& user) const;
  void take_own(const call::Leg& leg, const directory::RunProgram& run);
  void take_campaign(const call::Leg& leg, const std::string& name);
  void connect_through(const call::Leg& leg, std::vector<base::Address> in_turn);
  void refuse(const call::Leg& leg, int status, const std::string& why);

  net::Loop& loop_;
  ServerSettings settings_;
  base::SystemRandom random_;
  Voices voices_;
  net::WorkerPool pool_;  // after the voices: its last piece of work may be in one of them
  speech::Synthesiser synthesiser_;
  sound::SoundFiles files_;
  std::unique_ptr<sound::RemoteSounds> remote_sounds_;
  sound::Prompts prompts_;
  Persistence persistence_;
  std::unique_ptr<store::LiveDirectory> directory_;
  std::unique_ptr<http::Client> client_;
  std::unique_ptr<webhook::Fetcher> fetcher_;
  std::unique_ptr<webhook::Outbox> outbox_;
  std::unique_ptr<Campaigns> campaigns_;
  std::unique_ptr<Operations> operations_;
  std::unique_ptr<store::Journal> journal_;
  std::unique_ptr<SupervisionRules> rules_;
  std::unique_ptr<sound::FileRecorder> recorder_;
  std::unique_ptr<speech::HttpRecogniser> recogniser_;  // or null
  std::unique_ptr<stream::Streams> streams_;
  std::unique_ptr<telephony::Stack> stack_;
  dialect::DocumentsByDialect documents_;
  std::unique_ptr<campaign::Desk> desk_;
  std::unique_ptr<campaign::Tracker> tracker_;
  std::vector<std::unique_ptr<dialect::Dialect>> dialects_;
  std::unique_ptr<flow::Engine> flow_;  // after those whom it asks for documents
  std::unique_ptr<admin::Admin> admin_;
  std::vector<std::pair<std::string, std::string>> new_credentials_;
  bool draining_ = false;
  http::Router router_;
  std::optional<net::TcpListener> http_listener_;  // until it is served
  std::unique_ptr<http::Server> http_;
  std::shared_ptr<net::TlsContext> tls_;
  std::unique_ptr<http::Server> https_;
};

}  // namespace sotto::app
