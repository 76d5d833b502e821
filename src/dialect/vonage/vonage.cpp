#include "dialect/vonage/vonage.h"

#include "dialect/vonage/account.h"
#include "dialect/vonage/api/api.h"
#include "dialect/vonage/events.h"
#include "dialect/vonage/ids.h"
#include "dialect/vonage/ncco/connect.h"

namespace sotto::vonage {

struct Vonage::State {
  explicit State(dialect::Services host)
      : services(std::move(host)),
        sender(services),
        documents(services, states, sender),
        events(services, states, documents, sender),
        keys(services.loop),
        api{services, states, documents, events, keys} {}

  dialect::Services services;
  CallStates states;
  Sender sender;
  vonage::Documents documents;
  Events events;
  dialect::KeyMaker keys;
  ApiContext api;
};

Vonage::Vonage(dialect::Services services) : state_(std::make_unique<State>(std::move(services))) {}

Vonage::~Vonage() = default;

std::string_view Vonage::name() const {
  return kDialect;
}

void Vonage::add_routes(http::Router& router) {
  add_api_routes(router, state_->api);
}

// An inbound leg: 180 at once, the application's NCCO, and 200 when that is there (vonage.md §3.1).
void Vonage::take(const call::Leg& leg, const directory::RunProgram& what) {
  call::Switchboard& board = state_->services.switchboard;
  const auto& directory = *state_->services.directory.now();
  const directory::Application* application =
      what.application ? directory.application(*what.application) : nullptr;
  if (application == nullptr) {
    const call::EndReason reason{call::EndCause::Unroutable, call::EndedBy::Platform, 404,
                                 "the number has no application"};
    return board.hang_up(leg.id, reason);
  }
  const ApplicationSettings settings = settings_of(*application);
  CallState call;
  call.account = application->account;
  call.application = application->id;
  call.events = settings.events().hook;
  call.conversation = conversation_text(leg.call);
  call.to = shown_address(leg.to);
  call.from = shown_address(leg.from);
  call.to_text = plain_address(leg.to);
  call.from_text = plain_address(leg.from);
  (void)board.set_origin(leg.id, {base::to_hex(application->account), base::to_hex(application->id),
                                  std::string(kDialect), leg.origin.extension});
  const call::LegId id = leg.id;
  state_->events.begin(id, std::move(call));
  (void)board.progress(id, call::Progress::Ringing);
  const AnswerDocument document{settings.answer().hook, settings.fallback().hook, true};
  if (!document.hook) {
    state_->documents.tell_error(id, "The application has no answer_url.");
    const call::EndReason reason{call::EndCause::ProgramFailed, call::EndedBy::Platform, 480,
                                 "the application has no answer_url"};
    return board.hang_up(id, reason);
  }
  (void)state_->services.flow.run(id, state_->documents.keep(id, document));
}

Result<std::string> Vonage::complete_account(std::string_view settings, base::Random& random) const {
  return complete_account_settings(settings, random);
}

std::vector<std::pair<std::string, std::string>> Vonage::credentials(
    const directory::Account& account) const {
  const AccountSettings settings = settings_of(account);
  return {{"api_key", settings.api_key},
          {"api_secret", settings.api_secret},
          {"signature_secret", settings.signature_secret}};
}

void Vonage::on_found_dead(const store::LegRecord& leg) {
  state_->events.on_found_dead(leg.leg, state_of_stored(leg.leg, leg.extra));
}

void Vonage::next(flow::RequestId request, const flow::Subject& subject, const flow::DocumentRef& document,
                  const flow::Outcome& outcome) {
  state_->documents.next(request, subject, document, outcome);
}

void Vonage::cancel(flow::RequestId request) {
  state_->documents.cancel(request);
}

// No NCCO asks for that: what became of a call is told by its events.
void Vonage::tell(const flow::Subject&, const flow::DocumentRef&, const flow::Outcome&) {}

void Vonage::on_event(const call::Event& event) {
  state_->events.on_event(event);
}

// A connect's callee: what its events say comes from the connect and from the calling leg.
void Vonage::on_dial_started(call::LegId parent, call::LegId child, const std::string& dial_tag,
                             const std::string& destination_tag) {
  const auto it = state_->states.find(parent);
  const call::Leg* leg = state_->services.switchboard.leg(child);
  if (it == state_->states.end() || leg == nullptr) return;
  const ConnectTag tag = parse_connect_tag(dial_tag);
  const Result<text::Json> tagged = text::parse_json(destination_tag);
  const text::Json endpoint = tagged ? *tagged : text::Json();
  CallState call;
  call.account = it->second.account;
  call.application = it->second.application;
  call.events = tag.hook ? tag.hook : it->second.events;
  call.conversation = it->second.conversation;
  call.caller = parent;
  call.synchronous = tag.synchronous;
  call.asks_verdict = tag.asks_verdict;
  call.to = endpoint["to"].is_null() ? shown_address(leg->to) : endpoint["to"];
  call.headers = endpoint["headers"];
  call.from = shown_address(leg->from);
  call.to_text = plain_address(leg->to);
  call.from_text = tag.from.empty() ? plain_address(leg->from) : tag.from;
  state_->events.begin(child, std::move(call));
}

}  // namespace sotto::vonage
