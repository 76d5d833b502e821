#include "dialect/voipnow/voipnow.h"

#include "base/log.h"
#include "dialect/voipnow/api/routes.h"
#include "dialect/voipnow/extension_services.h"
#include "dialect/voipnow/extension_settings.h"
#include "dialect/voipnow/name.h"
#include "directory/route.h"
#include "text/json.h"

namespace sotto::voipnow {
namespace {

const call::EndReason kNoService{call::EndCause::Unroutable, call::EndedBy::Platform, 404,
                                 "the extension has nothing that answers"};

// A message was left: its mailbox's owner is told, if he gave an address for it.
void deliver_voicemail(Parts& parts, const call::RecordingInfo& recording) {
  const auto mailbox = mailbox_of(recording.spec.owner);
  const directory::Phone* phone = mailbox ? parts.directory().phone_by_extension(*mailbox) : nullptr;
  if (phone == nullptr || recording.path.empty()) return;
  base::log(base::LogLevel::Info, "voipnow", "voicemail",
            {{"extension", *mailbox}, {"file", recording.path}, {"call", call_key(recording.call)}});
  const auto settings = parse_extension_settings(*phone);
  if (!settings || settings->voicemail_url.empty()) return;
  const text::JsonObject body{{"extension", *mailbox},
                              {"callId", call_key(recording.call)},
                              {"recording", base::to_hex(recording.id)},
                              {"file", recording.path},
                              {"seconds", recording.length.count() / 1000}};
  webhook::Message message;
  message.stream = "voipnow voicemail " + *mailbox;
  message.account = base::to_hex(phone->account);
  message.call = base::to_hex(recording.call);
  message.dialect = kName;
  message.url = settings->voicemail_url;
  message.headers.set("Content-Type", "application/json");
  message.body = text::to_text(text::Json(body));
  parts.services.outbox.deliver(std::move(message));
}

}  // namespace

VoipNow::VoipNow(dialect::Services services) : parts_(std::make_unique<Parts>(std::move(services))) {
  parts_->events.load();
  parts_->agents.load();
}

VoipNow::~VoipNow() = default;

std::string_view VoipNow::name() const {
  return kName;
}

void VoipNow::add_routes(http::Router& router) {
  voipnow::add_routes(router, *parts_);
}

void VoipNow::take(const call::Leg& leg, const directory::RunProgram&) {
  const directory::Snapshot& directory = parts_->directory();
  const directory::Phone* extension = phone_at(directory, leg.to);
  const directory::Phone* caller = directory.phone_by_extension(leg.origin.extension);
  if (extension == nullptr && caller != nullptr)
    extension = directory::phone_near(directory, *caller, leg.to.text);
  const call::LegId id = leg.id;
  if (extension != nullptr) {
    call::Origin origin = leg.origin;
    origin.account = base::to_hex(extension->account);
    origin.dialect = kName;
    parts_->book.charge(leg, extension->extension);
    static_cast<void>(
        parts_->services.switchboard.set_origin(id, std::move(origin)));  // it is live: offered just now
  }
  const ProgramPtr program = extension == nullptr ? nullptr : service_program(*parts_, *extension, id);
  if (program == nullptr || !parts_->services.flow.run(id, program)) {
    parts_->services.switchboard.hang_up(id, kNoService);
  }
}

Result<std::string> VoipNow::complete_account(std::string_view settings, base::Random& random) const {
  return complete_settings(settings, random);
}

std::vector<std::pair<std::string, std::string>> VoipNow::credentials(
    const directory::Account& account) const {
  const auto it = account.settings.find(std::string(kName));
  const auto settings =
      it == account.settings.end() ? Result<AccountSettings>(AccountSettings{}) : parse_settings(it->second);
  if (!settings || settings->apps.empty()) return {};
  const App& app = settings->apps.front();
  return {{"UnifiedAPI App key", app.id}, {"UnifiedAPI App secret", app.secret}};
}

// Its callbacks are never sent a second time, and a call that is gone is in no list.
void VoipNow::on_found_dead(const store::LegRecord&) {}

void VoipNow::next(flow::RequestId request, const flow::Subject&, const flow::DocumentRef& document,
                   const flow::Outcome& outcome) {
  parts_->services.loop.post([this, request, document, outcome] {
    const ProgramPtr program = parts_->follow_ups.make(document, outcome);
    flow::Answer answer = flow::End{{call::EndCause::ProgramEnded, call::EndedBy::Program, 0, {}}};
    if (program != nullptr) answer = flow::Replace{program};
    parts_->services.flow.on_document(request, std::move(answer));
  });
}

void VoipNow::cancel(flow::RequestId) {}  // a late answer is dropped

void VoipNow::tell(const flow::Subject&, const flow::DocumentRef&, const flow::Outcome&) {}

void VoipNow::on_event(const call::Event& event) {
  const bool ended = std::holds_alternative<call::LegEnded>(event.what);
  if (ended) parts_->events.on_event(event);
  parts_->book.on_event(event);
  if (!ended) parts_->events.on_event(event);
  parts_->rings.on_event(event);
  if (ended) parts_->follow_ups.forget(event.leg);
  if (const auto* recorded = std::get_if<call::RecordingEnded>(&event.what)) {
    deliver_voicemail(*parts_, recorded->recording);
  }
}

}  // namespace sotto::voipnow
