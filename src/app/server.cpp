#include "app/server.h"

#include <filesystem>

#include "app/dialects.h"
#include "app/measured.h"
#include "base/log.h"
#include "campaign/program.h"
#include "directory/route.h"
#include "net/one_shot.h"
#include "sound/sound_writer.h"

namespace sotto::app {

Server::Server(net::Loop& loop, ServerSettings settings)
    : loop_(loop),
      settings_(std::move(settings)),
      voices_(settings_.voices),
      pool_(loop, 2),
      synthesiser_(pool_, voices_.engines(settings_.media.room_rate_hz)),
      files_(pool_, {}),
      prompts_(pool_, files_, [this](const call::Speech& speech, sound::Prompts::Spoken spoken) {
        synthesiser_.speak(speech, std::move(spoken));
      }) {}

Server::~Server() = default;

asio::awaitable<void> Server::stop(base::Duration grace) {
  co_await http_->stop(grace);
  if (https_) co_await https_->stop(grace);
  co_await outbox_->stop(grace);
  loop_.tasks().close();
  co_await loop_.tasks().join();
}

Result<std::unique_ptr<Server>> Server::start(net::Loop& loop, ServerSettings settings) {
  std::unique_ptr<Server> server(new Server(loop, std::move(settings)));
  if (auto opened = server->open(); !opened) return fail(opened.error());
  return server;
}

Result<void> Server::open() {
  if (auto listening = listen(); !listening) return listening;
  if (auto opened = open_store(); !opened) return opened;
  if (auto opened = open_stack(); !opened) return opened;
  open_core();
  if (auto opened = open_dialects(); !opened) return opened;
  if (auto seeded = seed(); !seeded) return seeded;

  add_routes();
  if (auto served = serve_http(); !served) return served;

  for (const store::LegRecord& dead : persistence_.found_dead) {
    for (const auto& dialect : dialects_) {
      if (dialect->name() == dead.leg.origin.dialect) dialect->on_found_dead(dead);
    }
  }
  outbox_->resume();
  return {};
}

Result<void> Server::open_store() {
  std::error_code error;
  std::filesystem::create_directories(recordings_folder(), error);
  if (error) return fail(ErrorCode::Io, settings_.data_folder + ": " + error.message());
  const std::string address =
      settings_.database.empty() ? "sqlite:" + settings_.data_folder + "/sotto.db" : settings_.database;
  auto opened = Persistence::open(loop_, address, settings_.data_folder);
  if (!opened) return fail(opened.error());
  persistence_ = std::move(*opened);

  directory::Entities configured = settings_.directory;
  for (directory::Number& number : numbers_of(settings_.campaigns, settings_.account.id()))
    configured.numbers.push_back(std::move(number));
  directory::Entities stored = persistence_.stored;
  // What the file names may refer to the account before it is stored: see seed().
  if (std::none_of(stored.accounts.begin(), stored.accounts.end(),
                   [&](const directory::Account& each) { return each.id == settings_.account.id(); })) {
    directory::Account fresh;
    fresh.id = settings_.account.id();
    fresh.name = settings_.account.name;
    stored.accounts.push_back(std::move(fresh));
  }
  auto live = store::LiveDirectory::create(store(), loop_.clock(), std::move(configured), std::move(stored));
  if (!live) return fail(live.error());
  directory_ = std::move(*live);
  campaigns_ = std::make_unique<Campaigns>(loop_, store(), *directory_, settings_.account.id());
  if (auto read = campaigns_->open(settings_.campaigns, persistence_.campaigns); !read) return read;

  client_ = std::make_unique<http::Client>(loop_, settings_.http_client);
  const sound::RemoteSounds::Settings sounds{settings_.fetch.private_targets, settings_.fetch.verify_tls};
  remote_sounds_ = std::make_unique<sound::RemoteSounds>(loop_, *client_, pool_, sounds);
  files_.set_remote(*remote_sounds_);
  fetcher_ = std::make_unique<webhook::Fetcher>(loop_, *client_, settings_.fetch);
  outbox_ =
      std::make_unique<webhook::Outbox>(loop_, random_, store(), *client_, settings_.fetch, settings_.outbox);
  return {};
}

// The port is known before anybody must tell it to an app; what connects early waits.
Result<void> Server::listen() {
  auto listener = net::TcpListener::listen(loop_, settings_.http);
  if (!listener) return fail(listener.error());
  http_listener_ = std::move(*listener);
  settings_.http = http_listener_->address();
  if (!settings_.https && !settings_.sip_tls) return {};
  auto tls = net::TlsContext::server(settings_.certificate);
  if (!tls) return fail(tls.error());
  tls_ = std::move(*tls);
  return {};
}

Result<void> Server::serve_http() {
  http_ = http::Server::start(loop_, router_, {}, std::move(*http_listener_));
  http_listener_.reset();
  if (!settings_.https) return {};
  auto served = http::Server::start(loop_, router_, {.listen = *settings_.https, .tls = tls_});
  if (!served) return fail(served.error());
  https_ = std::move(*served);
  return {};
}

Result<void> Server::open_stack() {
  for (const std::string& name : sound::salvage_recordings(recordings_folder())) {
    base::log(base::LogLevel::Warning, "sound", "an interrupted recording was saved", {{"file", name}});
  }
  recorder_ = std::make_unique<sound::FileRecorder>(loop_, recordings_folder());
  stream::Settings streams;
  streams.private_targets = settings_.fetch.private_targets == http::PrivateTargets::Allowed;
  streams.verify_tls = settings_.fetch.verify_tls;
  streams.ca_file = settings_.http_client.ca_file;
  streams_ = std::make_unique<stream::Streams>(loop_, std::move(streams));
  if (!settings_.recognition.url.empty())
    recogniser_ = std::make_unique<speech::HttpRecogniser>(loop_, *client_, settings_.recognition);
  telephony::StackSettings stack;
  stack.sip_transports.listen = settings_.sip;
  stack.sip_transports.tls = settings_.sip_tls;
  stack.sip_transports.context = tls_;
  stack.sip_transports.advertised_host = settings_.advertised_host;
  stack.realm = settings_.realm;
  stack.media = settings_.media;
  stack.media.bind_ip = settings_.sip.address.to_string();
  stack.media.advertised_ip = settings_.advertised_host;
  stack.gateway.domain =
      settings_.advertised_host.empty() ? settings_.sip.address.to_string() : settings_.advertised_host;
  auto opened =
      telephony::Stack::start(loop_, stack, {prompts_, recorder_.get(), streams_.get(), recogniser_.get()});
  if (!opened) return fail(opened.error());
  stack_ = std::move(*opened);
  directory_->on_change([this](const auto& snapshot) { stack_->set_directory(snapshot); });
  return {};
}

// For whoever is held by his peer's phone: a soft note now and then, so that the line is not dead.
call::PromptSpec waiting_note() {
  call::Tone note;
  note.kind = call::Tone::Kind::Sine;
  note.hertz = 425;
  note.length = std::chrono::milliseconds(400);
  call::PromptSpec spec;
  spec.playlist = {note, call::Silence{std::chrono::milliseconds(2600)}};
  spec.loops = 0;
  spec.gain_db = -12;
  return spec;
}

void Server::open_core() {
  // An answer reaches the engine in a later turn of the loop, as its port wants it.
  desk_ = std::make_unique<campaign::Desk>(
      loop_.clock(), [this](flow::RequestId request, Result<flow::Answer> answer) {
        loop_.post([this, request, answer = std::move(answer)] { flow_->on_document(request, answer); });
      });
  documents_.add(std::string(campaign::kDialect), *desk_);
  journal_ = std::make_unique<store::Journal>(store(), switchboard());
  campaigns_->set_journal(*journal_);
  rules_ = std::make_unique<SupervisionRules>(*directory_);
  switchboard().set_policy(*rules_);
  switchboard().add_sink(*journal_);
  stack_->set_measured([this](call::LegId leg, const media::LegStatistics& statistics) {
    journal_->add(leg, loop_.clock().wall(), "sound_measured", measured_json(statistics));
  });
  switchboard().add_sink(*desk_);
  flow_ = std::make_unique<flow::Engine>(switchboard(), documents_, loop_.timers(), loop_.clock(),
                                         flow::Options{.hold_music = waiting_note(), .ringback = {}});
  tracker_ = std::make_unique<campaign::Tracker>(loop_.clock(), *campaigns_, *campaigns_);
  switchboard().add_sink(*tracker_);
  flow_->add_observer(*tracker_);
}

Result<void> Server::open_dialects() {
  dialect::HostSettings host;
  host.public_url =
      settings_.public_url.empty() ? "http://" + net::to_string(settings_.http) : settings_.public_url;
  host.recordings_folder = recordings_folder();
  host.room_wait_max = settings_.room_wait_max;
  host.call_length_max = settings_.call_length_max;
  host.default_region = settings_.default_country;
  const dialect::Services services{
      loop_,
      random_,
      switchboard(),
      *flow_,
      store(),
      *directory_,
      *fetcher_,
      *outbox_,
      std::move(host),
      [this](dialect::Services::Rendering what) { return render_recording(std::move(what)); },
      [this](const std::string& user) { return registrations(user); }};
  dialects_ = make_dialects(services);
  for (const auto& dialect : dialects_) {
    documents_.add(std::string(dialect->name()), *dialect);
    switchboard().add_sink(*dialect);
    flow_->add_observer(*dialect);
    dialect->add_routes(router_);
  }
  open_admin(services);
  // Last, so that a leg is in every table before its program is found.
  switchboard().add_sink(*this);
  return {};
}

// Minutes of sound take a worker a while; whoever asked may be gone when it is done.
asio::awaitable<Result<std::string>> Server::render_recording(dialect::Services::Rendering what) {
  auto made = std::make_shared<net::OneShot<Result<std::string>>>(loop_.context());
  const std::function<Result<std::string>()> work = [what = std::move(what)] {
    return sound::transcode(what.wav_path, what.format,
                            what.mixed ? sound::Channels::Mixed : sound::Channels::All);
  };
  const std::function<void(Result<std::string>)> done = [made](Result<std::string> result) {
    made->set(std::move(result));
  };
  pool_.run(work, done);
  Result<std::string> result = co_await made->wait();
  co_return result;
}

std::vector<dialect::Registration> Server::registrations(const std::string& user) const {
  std::vector<dialect::Registration> found;
  for (const sip::Binding& binding : stack_->registrations(user)) {
    const auto left =
        std::chrono::duration_cast<std::chrono::microseconds>(binding.expires - loop_.clock().now());
    found.push_back({binding.agent, loop_.clock().wall() + left});
  }
  return found;
}

Result<void> Server::change_at_start(store::LiveDirectory::Change change) {
  std::optional<Result<void>> changed;
  directory_->change(std::move(change), [&](Result<void> result) { changed = std::move(result); });
  loop_.run_until([&] { return changed.has_value(); });
  return *changed;
}

// The account with all its credentials: those of the file, those it has, and new ones.
Result<directory::Account> Server::complete(const AccountSettings& settings) {
  directory::Account account = *directory_->now()->account(settings.id());
  account.silence_accepts = settings.silence_accepts;
  account.any_caller_id = settings.any_caller_id;
  account.emergency_calls = settings.emergency_calls;
  for (const auto& [dialect, given] : settings.dialects) account.settings[dialect] = given;
  for (const auto& dialect : dialects_) {
    std::string& own = account.settings[std::string(dialect->name())];
    auto completed = dialect->complete_account(own.empty() ? "{}" : own, random_);
    if (!completed) return fail(completed.error());
    own = std::move(*completed);
  }
  return account;
}

Result<void> Server::seed() {
  const bool fresh = directory_->now()->account(settings_.account.id())->settings.empty();
  auto account = complete(settings_.account);
  if (!account) return fail(account.error());
  for (const auto& dialect : dialects_) {
    if (!fresh) break;
    for (auto& line : dialect->credentials(*account)) new_credentials_.push_back(std::move(line));
  }
  store::LiveDirectory::Change change{{std::move(*account)}, {}};
  for (directory::Number& number : numbers_for_sale(settings_.pools, directory_->now()->all()))
    change.put.emplace_back(std::move(number));
  return change_at_start(std::move(change));
}

void Server::on_event(const call::Event& event) {
  if (!std::holds_alternative<call::LegCreated>(event.what)) return;
  const call::Leg* leg = switchboard().leg(event.leg);
  if (leg != nullptr && leg->live() && leg->direction == call::Direction::Inbound) take_call(*leg);
}

// An inbound leg: what the directory says about the number that was dialled. Only a phone of ours may be
// connected to the outside; it may dial its organisation's extensions by their short numbers.
void Server::take_call(const call::Leg& leg) {
  if (!leg.sip_domain.empty()) {
    for (const auto& dialect : dialects_) {
      if (dialect->wants(leg)) return take_own(leg, {std::string(dialect->name()), {}, {}, {}});
    }
  }
  const directory::Snapshot& directory = *directory_->now();
  const directory::Phone* caller = directory.phone_by_extension(leg.origin.extension);
  if (caller != nullptr) {
    const directory::Phone* near = directory::phone_near(directory, *caller, leg.to.text);
    if (near != nullptr) return take_extension(leg, *near);
  }
  const auto account = base::parse_id<directory::AccountId>(leg.origin.account);
  const directory::Decision decision = directory::route(directory, leg.to, account, random_);
  if (const auto* run = std::get_if<directory::RunProgram>(&decision.route)) return take_own(leg, *run);
  if (const auto* forward = std::get_if<directory::Forward>(&decision.route))
    return connect_through(leg, forward->in_turn);
  if (const auto* ring = std::get_if<directory::RingPhone>(&decision.route))
    return take_extension(leg, *directory.phone(ring->phone));
  if (std::holds_alternative<directory::UseTrunks>(decision.route) && !leg.origin.extension.empty())
    return connect_through(leg, {leg.to});
  refuse(leg, 404, decision.steps.empty() ? "no route" : decision.steps.back());
}

// A phone rings; what answers at other extensions is a dialect's.
void Server::take_extension(const call::Leg& leg, const directory::Phone& phone) {
  if (phone.kind != directory::ExtensionKind::PhoneTerminal) return take_own(leg, {"voipnow", {}, {}, {}});
  call::Origin origin = leg.origin;
  const call::LegId id = leg.id;
  if (origin.account.empty()) origin.account = base::to_hex(phone.account);
  if (auto set = switchboard().set_origin(id, origin); !set) return;
  const bool by_extension = !phone.extension.empty();
  connect_through(leg, {{by_extension ? base::Address::Kind::Phone : base::Address::Kind::User,
                         by_extension ? phone.extension : phone.user,
                         {}}});
}

// As whom a call goes on: a phone of ours by its caller id, to another phone by its extension.
base::Address Server::shown_from(const call::Leg& leg, const base::Address& to) const {
  const directory::Phone* phone = directory_->now()->phone_by_extension(leg.origin.extension);
  if (phone == nullptr) return leg.from;
  const bool inside = to.kind == base::Address::Kind::Phone || to.kind == base::Address::Kind::User;
  const bool by_extension = inside || phone->caller_id_number.empty();
  return {base::Address::Kind::Number, by_extension ? phone->extension : phone->caller_id_number,
          phone->caller_id_name};
}

void Server::take_own(const call::Leg& leg, const directory::RunProgram& run) {
  const directory::Snapshot& directory = *directory_->now();
  call::Origin origin = leg.origin;
  if (const auto* number = run.number ? directory.number(*run.number) : nullptr; number && number->owner)
    origin.account = base::to_hex(*number->owner);
  if (const auto* application = run.application ? directory.application(*run.application) : nullptr) {
    origin.account = base::to_hex(application->account);
    origin.application = base::to_hex(application->id);
  }
  origin.dialect = run.dialect;
  const call::LegId id = leg.id;
  if (auto set = switchboard().set_origin(id, origin); !set) return;
  if (run.dialect == campaign::kDialect) return take_campaign(leg, run.campaign);
  for (const auto& dialect : dialects_) {
    if (dialect->name() == run.dialect) return dialect->take(leg, run);
  }
  refuse(leg, 404, "no dialect \"" + run.dialect + "\"");
}

void Server::take_campaign(const call::Leg& leg, const std::string& name) {
  const Campaigns::Open* found = campaigns_->find(name);
  if (found == nullptr) return refuse(leg, 404, "no campaign \"" + name + "\"");
  const campaign::Desk::Taken taken = desk_->take(found->campaign, leg, found->zone);
  tracker_->begin(*found->campaign, leg, taken.open);
  if (auto running = flow_->run(leg.id, taken.program); !running) refuse(leg, 500, running.error().detail);
}

// A call without a program of its own: whoever is dialled rings, and is joined when he answers.
void Server::connect_through(const call::Leg& leg, std::vector<base::Address> in_turn) {
  flow::DialStep dial;
  for (base::Address& to : in_turn) {
    flow::Destination destination;
    destination.to = std::move(to);
    destination.screening.accept = flow::Accept::AnyAnswer;
    dial.destinations.push_back(std::move(destination));
  }
  dial.order = flow::Order::InTurn;
  if (dial.destinations.empty()) return refuse(leg, 404, "to: it is forwarded to nobody");
  dial.from = shown_from(leg, dial.destinations.front().to);
  dial.ringback.far_end = dial.destinations.size() == 1;
  dial.talk_max = settings_.call_length_max;
  dial.end_caller_with_callee = true;
  dial.refuse_caller_as_callee = true;
  auto program = std::make_shared<flow::Program>();
  program->steps.push_back({std::move(dial), flow::Needs::Ringing});
  if (auto running = flow_->run(leg.id, program); !running) refuse(leg, 500, running.error().detail);
}

void Server::refuse(const call::Leg& leg, int status, const std::string& why) {
  base::log(base::LogLevel::Warning, "app", "call refused", {{"to", leg.to.text}, {"why", why}});
  switchboard().hang_up(leg.id, {call::EndCause::Unroutable, call::EndedBy::Platform, status, why});
}

}  // namespace sotto::app
