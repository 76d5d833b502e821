#include "dialect/vonage/documents.h"

#include "base/limits.h"
#include "dialect/vonage/account.h"
#include "dialect/vonage/ids.h"
#include "dialect/vonage/ncco/ncco.h"
#include "dialect/vonage/webhooks/bodies.h"
#include "text/ascii.h"

namespace sotto::vonage {
namespace {

using call::EndCause;
using call::EndedBy;

// What a leg's programs may refer to: the oldest are of programs that were replaced long ago.
constexpr size_t kDocumentsOfLegMax = 2 * base::limits::kProgramStepsMax;
constexpr int kTemporarilyUnavailable = 480;

bool is_success(int status) {
  return status >= 200 && status <= 205;  // vonage.md §3.1
}

bool is_refused_type(std::string_view content_type) {
  const std::string type = http::media_type(content_type);
  return type == "text/html" || type == "application/xml" || type == "text/xml";
}

// What an app says to an event, if it is an NCCO.
std::optional<text::Json> ncco_of(const http::FetchResult& reply) {
  if (!reply || !is_success(reply->status)) return std::nullopt;
  if (is_refused_type(reply->headers.get("Content-Type"))) return std::nullopt;
  auto json = text::parse_json(reply->body);
  if (!json || json->array() == nullptr || json->array()->empty()) return std::nullopt;
  return std::move(*json);
}

// The first option that asks for what a recording was said in writing, or empty.
std::string wants_transcription(const text::Json& ncco) {
  const text::JsonArray* actions = ncco.array();
  for (size_t i = 0; actions != nullptr && i < actions->size(); ++i) {
    if (!(*actions)[i]["transcription"].is_null()) return "[" + std::to_string(i) + "].transcription";
  }
  return {};
}

std::string syntax_error(const Error& error) {
  return std::string(kSyntaxError) + " " + error.detail;
}

}  // namespace

// What an NCCO of one leg may refer to.
class Documents::LegScope final : public Scope {
 public:
  LegScope(Documents& documents, call::LegId leg, const CallState& state)
      : documents_(documents),
        leg_(leg),
        state_(state),
        directory_(*documents.services_.directory.now()),
        account_(directory_.account(state.account)) {}

  flow::DocumentRef keep(Document document) override { return documents_.keep(leg_, std::move(document)); }
  std::string application() const override { return base::to_uuid(state_.application); }
  std::string socket_token() const override { return documents_.socket_token(state_.application); }
  bool silence_accepts() const override { return account_ == nullptr || account_->silence_accepts; }
  std::chrono::seconds room_wait_max() const override { return documents_.services_.settings.room_wait_max; }

  base::Address present(const std::string& number) const override {
    const directory::Number* own = directory_.number(number);
    const bool ours = own != nullptr && own->owner == state_.account;
    if (account_ != nullptr && !account_->any_caller_id && !ours) return {};
    return {base::Address::Kind::Number, number, {}};
  }

  std::optional<std::string> random_number() const override {
    std::vector<const std::string*> linked;
    for (const directory::Number& number : directory_.all().numbers) {
      const auto* to = std::get_if<directory::ToApplication>(&number.assignment);
      if (to != nullptr && to->application == state_.application) linked.push_back(&number.digits);
    }
    if (linked.empty()) return std::nullopt;
    return *linked[documents_.services_.random.below(linked.size())];
  }

  std::optional<std::string> room_of(std::string_view conversation) const override {
    const auto id = parse_conversation(conversation);
    if (!id) return std::nullopt;
    const call::Room* room = documents_.services_.switchboard.room(call::RoomId{id->high, id->low});
    if (room == nullptr || !room->options.name.starts_with(application() + ":")) return std::nullopt;
    return room->options.name;
  }

 private:
  Documents& documents_;
  const call::LegId leg_;
  const CallState& state_;
  const directory::Snapshot& directory_;
  const directory::Account* account_;
};

Documents::Documents(dialect::Services services, CallStates& states, Sender& sender)
    : services_(std::move(services)), states_(states), sender_(sender) {}

CallState* Documents::state(call::LegId id) {
  const auto it = states_.find(id);
  return it == states_.end() ? nullptr : &it->second;
}

const directory::Application* Documents::application(const CallState& state) const {
  return services_.directory.now()->application(state.application);
}

Result<std::shared_ptr<const flow::Program>> Documents::parse(call::LegId leg, const text::Json& ncco,
                                                              flow::Role role) {
  const CallState* state = this->state(leg);
  if (state == nullptr) return fail(ErrorCode::NotFound, "leg: it is gone");
  LegScope scope(*this, leg, *state);
  auto program = parse_ncco(ncco, scope, role);
  const std::string wanted = program ? wants_transcription(ncco) : std::string();
  // The call goes on, but the app would wait for the event in vain.
  if (!wanted.empty()) tell_error(leg, wanted + ": recordings are not transcribed");
  return program;
}

flow::DocumentRef Documents::keep(call::LegId leg, Document document) {
  CallState* owner = state(leg);
  if (owner == nullptr) return {};
  const uint64_t id = next_id_++;
  kept_.emplace(id, std::move(document));
  owner->documents.push_back(id);
  if (owner->documents.size() > kDocumentsOfLegMax) {
    kept_.erase(owner->documents.front());
    owner->documents.erase(owner->documents.begin());
  }
  return {std::string(kDialect), id};
}

void Documents::forget(const CallState& state) {
  for (const uint64_t id : state.documents) kept_.erase(id);
}

void Documents::next(flow::RequestId request, const flow::Subject& subject, const flow::DocumentRef& ref,
                     const flow::Outcome& outcome) {
  const auto document = kept_.find(ref.id);
  const auto* leg = std::get_if<call::LegId>(&subject);
  open_.insert(request);
  if (document == kept_.end() || leg == nullptr) {
    services_.loop.post([this, request] {
      if (open_.erase(request) != 0) services_.flow.on_document(request, flow::Continue{});
    });
    return;
  }
  services_.loop.tasks().spawn(serve(Question{request, *leg, outcome}, document->second));
}

void Documents::cancel(flow::RequestId request) {
  open_.erase(request);
}

asio::awaitable<void> Documents::serve(Question question, Document document) {
  const bool transfer =
      std::holds_alternative<AnswerDocument>(document) && !std::get<AnswerDocument>(document).first;
  const flow::RequestId request = question.request;
  const call::LegId leg = question.leg;
  asio::awaitable<flow::Answer> answering =
      std::visit([&](auto& kind) { return answer(std::move(question), std::move(kind)); }, document);
  flow::Answer given = co_await std::move(answering);
  if (open_.erase(request) == 0) co_return;  // a newer command came first
  const bool replaced = std::holds_alternative<flow::Replace>(given);
  if (transfer && !replaced) {
    services_.flow.on_document(request, fail(ErrorCode::Unreachable, "the transfer's NCCO could not be had"));
    co_return;
  }
  if (transfer) {
    move_conversation(leg, conversation_text(ConversationId::make(services_.random)));
  }
  services_.flow.on_document(request, std::move(given));
}

asio::awaitable<Documents::Reply> Documents::fetch(Question question, Webhook webhook,
                                                   text::Parameters parameters) {
  Sender::Ask ask;
  if (const CallState* owner = state(question.leg)) ask.application = owner->application;
  ask.webhook = std::move(webhook);
  ask.body = to_json(parameters);
  ask.parameters = std::move(parameters);
  const http::FetchResult result = co_await sender_.ask(std::move(ask));
  if (!result) co_return Reply{std::nullopt, result.error().detail};
  if (!is_success(result->status)) {
    co_return Reply{std::nullopt, "HTTP status " + std::to_string(result->status) + "."};
  }
  if (is_refused_type(result->headers.get("Content-Type"))) {
    co_return Reply{std::nullopt, "The reply is no JSON."};
  }
  if (text::trim(result->body).empty()) co_return Reply{text::Json(text::JsonArray{}), {}};
  auto json = text::parse_json(result->body);
  if (!json) co_return Reply{std::nullopt, syntax_error(json.error())};
  co_return Reply{std::move(*json), {}};
}

Webhook Documents::with_timeouts(const CallState& owner, Hook hook) const {
  const directory::Application* app = application(owner);
  Webhook webhook = app == nullptr ? Webhook{} : settings_of(*app).answer();
  webhook.hook = std::move(hook);
  return webhook;
}

// The document, and where it cannot be had the fallback's, which is told why.
asio::awaitable<Documents::Reply> Documents::fetch_answer(Question question, AnswerDocument document,
                                                          text::Parameters parameters) {
  const CallState* owner = state(question.leg);
  if (owner == nullptr) co_return Reply{};
  Webhook webhook = with_timeouts(*owner, document.hook);
  Reply reply = co_await fetch(question, std::move(webhook), parameters);
  if (reply.ncco || !document.fallback) co_return reply;
  owner = state(question.leg);
  const directory::Application* app = owner == nullptr ? nullptr : application(*owner);
  if (app == nullptr) co_return reply;
  const text::Json original = text::JsonObject{{"url", document.hook.url}, {"type", "answer"}};
  parameters.emplace_back("reason", reply.failure);
  parameters.emplace_back("original_request", text::to_text(original));
  Webhook fallback = settings_of(*app).fallback();
  fallback.hook = document.fallback;
  Reply second = co_await fetch(question, std::move(fallback), std::move(parameters));
  co_return second;
}

flow::Answer Documents::no_first_document(const Question& question, const std::string& reason) {
  tell_error(question.leg, reason);
  return flow::End{{EndCause::ProgramFailed, EndedBy::Platform, kTemporarilyUnavailable, reason}};
}

asio::awaitable<flow::Answer> Documents::answer(Question question, AnswerDocument document) {
  const bool first = document.first;
  const call::Leg* subject = leg(question.leg);
  const CallState* owner = state(question.leg);
  if (subject == nullptr || owner == nullptr) co_return flow::Continue{};
  text::Parameters parameters = answer_parameters(*subject, *owner, services_.settings.public_url);
  Reply reply = co_await fetch_answer(question, std::move(document), std::move(parameters));
  if (!reply.ncco) {
    if (first) co_return no_first_document(question, reply.failure);
    tell_error(question.leg, reply.failure);
    co_return flow::Continue{};
  }
  auto program = parse(question.leg, *reply.ncco, flow::Role::Main);
  if (program) co_return flow::Replace{std::move(*program)};
  if (first) co_return no_first_document(question, syntax_error(program.error()));
  tell_error(question.leg, syntax_error(program.error()));
  co_return flow::Continue{};
}

// The callee alone hears it. One that cannot be had keeps nobody from the call.
asio::awaitable<flow::Answer> Documents::answer(Question question, WhisperDocument document) {
  const call::Leg* subject = leg(question.leg);
  const CallState* owner = state(question.leg);
  if (subject == nullptr || owner == nullptr) co_return flow::Continue{};
  text::Parameters parameters = answer_parameters(*subject, *owner, services_.settings.public_url);
  for (auto& [name, value] : parameters) {
    if (name == "from") value = document.from;
  }
  Webhook webhook = with_timeouts(*owner, Hook{document.url, http::Method::Get});
  Reply reply = co_await fetch(question, std::move(webhook), std::move(parameters));
  if (!reply.ncco) {
    tell_error(question.leg, reply.failure);
    co_return flow::Continue{};
  }
  auto program = parse(question.leg, *reply.ncco, flow::Role::Screening);
  if (program) co_return flow::Replace{std::move(*program)};
  tell_error(question.leg, syntax_error(program.error()));
  co_return flow::Continue{};
}

// An event whose reply may be an NCCO; whatever else the app says, the call goes on.
asio::awaitable<flow::Answer> Documents::instruct(Question question, Hook hook, text::Json event) {
  const CallState* owner = state(question.leg);
  if (owner == nullptr) co_return flow::Continue{};
  if (!hook) hook = owner->events;
  if (!hook) co_return flow::Continue{};
  Sender::Ask ask;
  ask.application = owner->application;
  const directory::Application* app = application(*owner);
  ask.webhook = app == nullptr ? Webhook{} : settings_of(*app).events();
  ask.webhook.hook = std::move(hook);
  ask.parameters = to_parameters(event);
  ask.body = std::move(event);
  const http::FetchResult result = co_await sender_.ask(std::move(ask));
  const std::optional<text::Json> json = ncco_of(result);
  if (!json) co_return flow::Continue{};
  const call::Leg* subject = leg(question.leg);
  const bool screened = subject != nullptr && subject->carrier.has_value();
  auto program = parse(question.leg, *json, screened ? flow::Role::Screening : flow::Role::Main);
  if (program) co_return flow::Replace{std::move(*program)};
  tell_error(question.leg, syntax_error(program.error()));
  co_return flow::Continue{};
}

asio::awaitable<flow::Answer> Documents::answer(Question question, InputDocument document) {
  const call::Leg* subject = leg(question.leg);
  const CallState* owner = state(question.leg);
  const auto* gathered = std::get_if<flow::Gathered>(&question.outcome);
  if (subject == nullptr || owner == nullptr || gathered == nullptr) co_return flow::Continue{};
  const InputForm form{document.legacy, document.digits, document.speech};
  text::Json event = input_event(*subject, *owner, *gathered, form, now());
  flow::Answer given = co_await instruct(std::move(question), std::move(document.hook), std::move(event));
  co_return given;
}

asio::awaitable<flow::Answer> Documents::answer(Question question, NotifyDocument document) {
  const CallState* owner = state(question.leg);
  if (owner == nullptr) co_return flow::Continue{};
  text::Json event = notify_event(*owner, document.payload, now());
  flow::Answer given = co_await instruct(std::move(question), std::move(document.hook), std::move(event));
  co_return given;
}

// The callee's leg is gone by now; its last event was kept back for this request.
asio::awaitable<flow::Answer> Documents::answer(Question question, ConnectDocument document) {
  // The flow may hear of the end, and ask, before we have heard of it.
  constexpr base::Duration kThisMoment{};
  co_await services_.loop.sleep(kThisMoment);
  CallState* owner = state(question.leg);
  if (owner == nullptr || owner->callee_event.is_null()) co_return flow::Continue{};
  text::Json event = std::exchange(owner->callee_event, text::Json());
  flow::Answer given = co_await instruct(std::move(question), std::move(document.hook), std::move(event));
  co_return given;
}

void Documents::ask_verdict(call::LegId id, text::Json event) {
  services_.loop.tasks().spawn(follow_verdict(id, std::move(event)));
}

// An NCCO takes the place of the one that called; without a caller it is the leg's own.
asio::awaitable<void> Documents::follow_verdict(call::LegId id, text::Json event) {
  const CallState* about = state(id);
  if (about == nullptr) co_return;
  const call::LegId driver = about->caller.value_or(id);
  Question question{flow::RequestId::None, driver, flow::Reached{}};
  Hook hook = about->events;
  flow::Answer given = co_await instruct(std::move(question), std::move(hook), std::move(event));
  if (const auto* next = std::get_if<flow::Replace>(&given)) replace(driver, next->program);
}

void Documents::replace(call::LegId id, std::shared_ptr<const flow::Program> program) {
  const call::Leg* live = leg(id);
  if (live == nullptr || !live->live()) return;
  if (auto replaced = services_.flow.replace(id, std::move(program)); !replaced) {
    tell_error(id, replaced.error().detail);
  }
}

asio::awaitable<flow::Answer> Documents::answer(Question question, SubscribeDocument document) {
  CallState* owner = state(question.leg);
  if (owner != nullptr) owner->digits = document.hook ? document.hook : owner->events;
  co_return flow::Continue{};
}

void Documents::move_conversation(call::LegId id, std::string conversation) {
  CallState* owner = state(id);
  const call::Leg* moved = leg(id);
  if (owner == nullptr || moved == nullptr || owner->conversation == conversation) return;
  const std::string before = std::exchange(owner->conversation, std::move(conversation));
  tell(id, {}, transfer_event(*moved, before, owner->conversation, now()),
       [this, id](const http::FetchResult& reply) { follow_transfer(id, reply); });
}

// An NCCO takes the place of the one that moved the leg (vonage.md §3.3).
void Documents::follow_transfer(call::LegId id, const http::FetchResult& reply) {
  const std::optional<text::Json> ncco = ncco_of(reply);
  if (!ncco || state(id) == nullptr) return;
  auto program = parse(id, *ncco, flow::Role::Main);
  if (!program) return tell_error(id, syntax_error(program.error()));
  replace(id, std::move(*program));
}

void Documents::tell(call::LegId id, const Hook& hook, text::Json event, webhook::Outbox::OnReply on_reply) {
  const CallState* owner = state(id);
  const call::Leg* about = leg(id);
  if (owner == nullptr || about == nullptr) return;
  Sender::Event message;
  message.application = owner->application;
  message.hook = hook ? hook : owner->events;
  message.stream = base::to_hex(id);
  message.call = base::to_hex(about->call);
  message.body = std::move(event);
  sender_.tell(std::move(message), std::move(on_reply));
}

void Documents::tell_error(call::LegId id, const std::string& reason) {
  const CallState* owner = state(id);
  const call::Leg* about = leg(id);
  if (owner == nullptr || about == nullptr) return;
  tell(id, {}, error_event(*about, *owner, reason, now()));
}

}  // namespace sotto::vonage
