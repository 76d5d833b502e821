#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "app/hearing_log.h"
#include "campaign/desk.h"
#include "campaign/tracker.h"
#include "flow/engine.h"
#include "http/router.h"
#include "http/server.h"
#include "net/loop.h"
#include "net/worker_pool.h"
#include "sound/prompts.h"
#include "sound/recorder.h"
#include "speech/espeak_engine.h"
#include "speech/flite_engine.h"
#include "speech/synthesiser.h"
#include "telephony/stack.h"

namespace sotto::app {

struct ServerSettings {
  net::Endpoint sip;  // port 0: any free one
  net::Endpoint http;
  std::string data_folder;
  uint16_t rtp_port_min = 20'000;
  uint16_t rtp_port_max = 29'998;
  std::vector<std::string> web_socket_origins;  // pages that may bring phones, besides our own; "*": all
  directory::Entities directory;
  std::vector<campaign::Campaign> campaigns;
};

// Every part of the server on one loop, started in this order and stopped in the reverse. Control thread.
class Server final : public call::EventSink, public campaign::CallerHistory, public campaign::RecordSink {
 public:
  static Result<std::unique_ptr<Server>> start(net::Loop& loop, ServerSettings settings);
  ~Server() override;

  net::Endpoint sip_address() const { return stack_->sip_address(); }
  net::Endpoint http_address() const { return http_->address(); }
  call::Switchboard& switchboard() { return stack_->switchboard(); }
  speech::Synthesiser& synthesiser() { return synthesiser_; }
  const HearingLog& hearing() const { return hearing_; }
  const std::vector<campaign::CallRecord>& records() const { return records_; }

 private:
  Server(net::Loop& loop, ServerSettings settings);
  Result<void> open();
  void add_routes();
  std::optional<http::Response> refuse_page(const http::Request& request) const;
  asio::awaitable<void> serve_sip(http::Request request, std::unique_ptr<net::WebSocket> socket);
  asio::awaitable<http::Response> show_metrics(http::Request request);
  std::string metrics();
  void on_event(const call::Event& event) override;
  void take_call(const call::Leg& leg);
  void refuse(const call::Leg& leg, int status, const std::string& why);
  bool has_called(const std::string& campaign, const std::string& caller) const override;
  void remember(const std::string& campaign, const std::string& caller) override;
  void on_record(const campaign::CallRecord& record) override;

  net::Loop& loop_;
  ServerSettings settings_;
  base::SystemRandom random_;
  net::WorkerPool pool_;
  speech::FliteEngine english_;
  speech::EspeakEngine others_;
  speech::Synthesiser synthesiser_;
  sound::SoundFiles files_;
  sound::Prompts prompts_;
  HearingLog hearing_;
  std::unique_ptr<sound::FileRecorder> recorder_;
  std::unique_ptr<telephony::Stack> stack_;
  std::unique_ptr<campaign::Desk> desk_;
  std::unique_ptr<flow::Engine> flow_;
  std::unique_ptr<campaign::Tracker> tracker_;
  http::Router router_;
  std::unique_ptr<http::Server> http_;
  std::shared_ptr<const directory::Snapshot> directory_;
  std::vector<std::shared_ptr<const campaign::Campaign>> campaigns_;
  campaign::TimeZone zone_ = campaign::TimeZone::utc();
  std::vector<campaign::CallRecord> records_;
  std::set<std::pair<std::string, std::string>> callers_;
};

}  // namespace sotto::app
