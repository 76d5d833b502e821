#include "dialect/twilio/twilio.h"

#include "dialect/twilio/account_settings.h"
#include "dialect/twilio/api/api.h"
#include "dialect/twilio/callbacks.h"
#include "dialect/twilio/conferences.h"
#include "dialect/twilio/documents.h"
#include "dialect/twilio/number_settings.h"
#include "dialect/twilio/sid.h"
#include "dialect/twilio/startup.h"

namespace sotto::twilio {

struct Twilio::State {
  explicit State(dialect::Services given) : shared(std::move(given)) {}

  Shared shared;
  Sender sender{shared};
  twilio::Documents documents{shared};
  Callbacks callbacks{shared, sender};
  Conferences conferences{shared, sender};
  Api api{shared, documents, callbacks, conferences};
};

Twilio::Twilio(dialect::Services services) : state_(std::make_unique<State>(std::move(services))) {
  state_->shared.services.loop.tasks().spawn(load_stored(state_->shared));
}

Twilio::~Twilio() = default;

std::string_view Twilio::name() const {
  return kDialect;
}

void Twilio::add_routes(http::Router& router) {
  state_->api.add_routes(router);
}

void Twilio::take(const call::Leg& leg, const directory::RunProgram& what) {
  Shared& shared = state_->shared;
  const directory::Snapshot& directory = *shared.services.directory.now();
  const call::LegId id = leg.id;
  std::optional<VoiceSettings> voice;
  LegNotes& notes = shared.legs.open(id);
  if (what.number) {
    if (const directory::Number* number = directory.number(*what.number)) voice = voice_of(*number);
  }
  if (!what.number && !what.application) voice = take_from_domain(leg);
  const directory::Application* application =
      what.application ? directory.application(*what.application) : nullptr;
  if (voice && !voice->application_sid.empty() && application == nullptr) {
    const auto named = parse_sid<directory::ApplicationId>(voice->application_sid, "AP");
    application = named ? directory.application(*named) : nullptr;
  }
  if (application != nullptr) {
    voice = voice_of(*application);
    notes.application_sid = sid("AP", application->id);
  }
  if (!voice || voice->url.empty()) {
    shared.note(leg, 21402, true, "the number has no voice URL");
    return shared.services.switchboard.hang_up(
        id, {call::EndCause::Unroutable, call::EndedBy::Platform, 404, "the number has no voice URL"});
  }
  take_from_noun(leg);
  notes.fallback = {voice->fallback_url, voice->fallback_method, {}};
  notes.status = {voice->status_callback, voice->status_callback_method, {"completed"}};
  shared.legs.save(id);
  const flow::DocumentRef first =
      shared.links.add(id, Link{voice->url, voice->method, flow::Role::Main, Link::For::Next, {}});
  if (auto running = shared.services.flow.run(id, first); !running) {
    shared.services.switchboard.hang_up(
        id, {call::EndCause::ProgramFailed, call::EndedBy::Platform, 500, running.error().detail});
  }
}

Result<std::string> Twilio::complete_account(std::string_view settings, base::Random& random) const {
  return complete_account_settings(settings, random);
}

std::vector<std::pair<std::string, std::string>> Twilio::credentials(
    const directory::Account& account) const {
  const AccountSettings settings = settings_of(account);
  if (settings.account_sid.empty()) return {};
  return {{"Account SID", settings.account_sid}, {"Auth token", settings.auth_token}};
}

void Twilio::on_found_dead(const store::LegRecord& leg) {
  // Once the outbox has taken up what it was sending.
  state_->shared.services.loop.post([state = state_.get(), leg] { state->callbacks.on_found_dead(leg); });
}

void Twilio::next(flow::RequestId request, const flow::Subject& subject, const flow::DocumentRef& document,
                  const flow::Outcome& outcome) {
  state_->documents.next(request, subject, document, outcome);
}

void Twilio::cancel(flow::RequestId request) {
  state_->documents.cancel(request);
}

void Twilio::tell(const flow::Subject& subject, const flow::DocumentRef& document,
                  const flow::Outcome& outcome) {
  state_->documents.tell(subject, document, outcome);
}

void Twilio::on_event(const call::Event& event) {
  state_->callbacks.on_event(event);
  state_->conferences.on_event(event);
  if (!std::holds_alternative<call::LegEnded>(event.what)) return;
  if (const call::Leg* leg = state_->shared.services.switchboard.leg(event.leg)) {
    state_->shared.legs.close(*leg);
    state_->shared.links.close(leg->id);
  }
}

// One that calls a domain of its account is the domain's, as if it came to us from the world.
bool Twilio::wants(const call::Leg& leg) const {
  return state_->shared.domains.voice(leg.origin.account, leg.sip_domain) != nullptr;
}

// Apps know the parties of such a call by their SIP URIs.
std::optional<VoiceSettings> Twilio::take_from_domain(const call::Leg& leg) {
  Shared& shared = state_->shared;
  const VoiceSettings* voice = shared.domains.voice(leg.origin.account, leg.sip_domain);
  if (voice == nullptr) return std::nullopt;
  const auto uri = [&leg](const std::string& user) { return "sip:" + user + "@" + leg.sip_domain; };
  LegNotes& notes = shared.legs.open(leg.id);
  notes.shown_to = leg.to.kind == call::Address::Kind::Sip ? leg.to.text : uri(leg.to.text);
  const directory::Phone* phone = shared.services.directory.now()->phone_by_extension(leg.origin.extension);
  if (phone != nullptr) notes.shown_from = uri(phone->user);
  return *voice;
}

// A call to an application has two legs, of one call: the one that dials, and the one that the application
// runs. What the noun gave for it is with the former.
void Twilio::take_from_noun(const call::Leg& leg) {
  Shared& shared = state_->shared;
  if (leg.to.kind != call::Address::Kind::Application) return;
  for (const call::LegId id : shared.services.switchboard.legs_of(leg.call)) {
    const call::Leg* other = shared.services.switchboard.leg(id);
    LegNotes* dialling =
        id == leg.id || other == nullptr || other->to != leg.to ? nullptr : shared.legs.find(id);
    if (dialling == nullptr || dialling->twin_to.empty()) continue;
    LegNotes& notes = shared.legs.open(leg.id);
    notes.custom = std::exchange(dialling->for_twin, {});
    notes.shown_to = std::exchange(dialling->twin_to, {});
    return;
  }
}

// A child of one of our programs: the tag of its noun says what to tell of it.
void Twilio::on_dial_started(call::LegId parent, call::LegId child, const std::string&,
                             const std::string& destination_tag) {
  Shared& shared = state_->shared;
  const std::optional<call::Leg> leg = shared.legs.leg(child);
  if (!leg || leg->origin.dialect != kDialect) return;
  const NounTag tag = read_noun_tag(destination_tag);
  LegNotes& notes = shared.legs.open(child);
  notes.parent_sid = sid("CA", parent);
  notes.status = tag.status;
  notes.machine = tag.machine;
  if (leg->to.kind == call::Address::Kind::Application) {
    const std::optional<call::Leg> caller = shared.legs.leg(parent);
    notes.twin_to = tag.copy_to && caller ? address_text(caller->to) : "AP" + leg->to.text;
    const std::string account = shared.host_of(leg->origin.account).account_sid;
    notes.for_twin.emplace_back("CustomerId", tag.customer.empty() ? account : tag.customer);
    const text::JsonObject* given = tag.parameters.object();
    for (size_t i = 0; given != nullptr && i < given->members().size(); ++i) {
      const text::JsonMember& each = given->members()[i];
      if (each.value.text() != nullptr) notes.for_twin.emplace_back(each.key, *each.value.text());
    }
  }
  shared.legs.save(child);
  state_->callbacks.on_initiated(child);
}

// What went wrong in a step is told as the vendor's number, where it has one.
void Twilio::on_step_ended(call::LegId id, const flow::Step& step, const flow::Outcome& outcome) {
  Shared& shared = state_->shared;
  const std::optional<call::Leg> leg = shared.legs.leg(id);
  if (!leg || shared.legs.find(id) == nullptr) return;
  if (const auto* played = std::get_if<flow::Played>(&outcome); played != nullptr && played->failed) {
    shared.note(*leg, 11200, true, "what was to be played could not be had");
  }
  const auto* left = std::get_if<flow::LeftRoom>(&outcome);
  const auto* join = std::get_if<flow::JoinRoomStep>(&step.spec);
  if (left == nullptr || join == nullptr) return;
  if (left->why == flow::LeftRoom::Why::Full) shared.note(*leg, 16020, true, "the conference is full");
  if (left->why == flow::LeftRoom::Why::Refused) {
    shared.note(*leg, join->coach ? 16028 : 16025, true, "the conference did not let the leg in");
  }
}

}  // namespace sotto::twilio
