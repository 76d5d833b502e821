#include "app/server.h"

#include <filesystem>

#include "base/log.h"
#include "campaign/program.h"
#include "directory/route.h"

namespace sotto::app {

Server::Server(net::Loop& loop, ServerSettings settings)
    : loop_(loop),
      settings_(std::move(settings)),
      pool_(loop, 2),
      synthesiser_(pool_, {english_, others_}),
      files_(pool_, {}),
      prompts_(pool_, files_, [this](const call::Speech& speech, sound::Prompts::Spoken spoken) {
        synthesiser_.speak(speech, std::move(spoken));
      }) {}

Server::~Server() = default;

Result<std::unique_ptr<Server>> Server::start(net::Loop& loop, ServerSettings settings) {
  std::unique_ptr<Server> server(new Server(loop, std::move(settings)));
  if (auto opened = server->open(); !opened) return fail(opened.error());
  return server;
}

Result<void> Server::open() {
  const std::string recordings = settings_.data_folder + "/recordings";
  std::error_code error;
  std::filesystem::create_directories(recordings, error);
  if (error) return fail(ErrorCode::Io, recordings + ": " + error.message());
  auto directory = directory::Snapshot::create(settings_.directory);
  if (!directory) return fail(directory.error());
  directory_ = *directory;
  for (const campaign::Campaign& each : settings_.campaigns) {
    if (auto valid = campaign::validate(each); !valid) return fail(valid.error());
    campaigns_.push_back(std::make_shared<const campaign::Campaign>(each));
  }

  recorder_ = std::make_unique<sound::FileRecorder>(loop_, recordings);
  telephony::StackSettings stack;
  stack.sip_transports.listen = settings_.sip;
  stack.media.bind_ip = settings_.sip.address.to_string();
  stack.media.port_min = settings_.rtp_port_min;
  stack.media.port_max = settings_.rtp_port_max;
  stack.gateway.domain = settings_.sip.address.to_string();
  auto opened = telephony::Stack::start(loop_, stack, {prompts_, recorder_.get()});
  if (!opened) return fail(opened.error());
  stack_ = std::move(*opened);
  stack_->set_directory(directory_);

  // An answer reaches the engine in a later turn of the loop, as its port wants it.
  desk_ = std::make_unique<campaign::Desk>(
      loop_.clock(), [this](flow::RequestId request, Result<flow::Answer> answer) {
        loop_.post([this, request, answer = std::move(answer)] { flow_->on_document(request, answer); });
      });
  switchboard().add_sink(hearing_);
  switchboard().add_sink(*desk_);
  flow_ =
      std::make_unique<flow::Engine>(switchboard(), *desk_, loop_.timers(), loop_.clock(), flow::Options{});
  tracker_ = std::make_unique<campaign::Tracker>(loop_.clock(), *this, *this);
  switchboard().add_sink(*tracker_);
  flow_->add_observer(*tracker_);
  switchboard().add_sink(*this);

  add_routes();
  auto served = http::Server::start(loop_, router_, {.listen = settings_.http});
  if (!served) return fail(served.error());
  http_ = std::move(*served);
  return {};
}

void Server::on_event(const call::Event& event) {
  if (!std::holds_alternative<call::LegCreated>(event.what)) return;
  const call::Leg* leg = switchboard().leg(event.leg);
  if (leg != nullptr && leg->live() && leg->direction == call::Direction::Inbound) take_call(*leg);
}

// An inbound leg: what the directory says about the number that was dialled.
void Server::take_call(const call::Leg& leg) {
  const directory::Decision decision = directory::route(*directory_, leg.to, std::nullopt, random_);
  const auto* run = std::get_if<directory::RunProgram>(&decision.route);
  if (run == nullptr || run->dialect != campaign::kDialect) {
    return refuse(leg, 404, decision.steps.empty() ? "no route" : decision.steps.back());
  }
  const auto it = std::find_if(campaigns_.begin(), campaigns_.end(),
                               [&](const auto& each) { return each->name == run->campaign; });
  if (it == campaigns_.end()) return refuse(leg, 404, "no campaign \"" + run->campaign + "\"");
  const campaign::Desk::Taken taken = desk_->take(*it, leg, zone_);
  tracker_->begin(**it, leg, taken.open);
  if (auto running = flow_->run(leg.id, taken.program); !running) refuse(leg, 500, running.error().detail);
}

void Server::refuse(const call::Leg& leg, int status, const std::string& why) {
  base::log(base::LogLevel::Warning, "app", "call refused", {{"to", leg.to.text}, {"why", why}});
  switchboard().hang_up(leg.id, {call::EndCause::Unroutable, call::EndedBy::Platform, status, why});
}

bool Server::has_called(const std::string& campaign, const std::string& caller) const {
  return callers_.contains({campaign, caller});
}

void Server::remember(const std::string& campaign, const std::string& caller) {
  callers_.insert({campaign, caller});
}

void Server::on_record(const campaign::CallRecord& record) {
  records_.push_back(record);
  base::log(base::LogLevel::Info, "app", "call ended",
            {{"campaign", record.campaign},
             {"caller", record.caller},
             {"outcome", std::string(to_string(record.outcome))}});
}

}  // namespace sotto::app
