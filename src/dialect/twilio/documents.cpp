#include "dialect/twilio/documents.h"

#include "base/log.h"
#include "crypto/password.h"
#include "dialect/twilio/overrides.h"
#include "dialect/twilio/sid.h"
#include "dialect/twilio/signature.h"
#include "http/headers.h"
#include "text/ascii.h"
#include "text/form.h"

namespace sotto::twilio {
namespace {

std::string host_of(const std::string& url) {
  const auto uri = text::parse_uri(url);
  return uri ? uri->host : std::string();
}

std::string cookie_header(const LegNotes& notes, const std::string& host) {
  const auto it = notes.cookies.find(host);
  std::string out;
  if (it == notes.cookies.end()) return out;
  for (const auto& [name, value] : it->second) out += (out.empty() ? "" : "; ") + name + "=" + value;
  return out;
}

// Name and value count; whoever keeps a session for the length of a call needs no more of RFC 6265.
void keep_cookies(LegNotes& notes, const http::FetchReply& reply) {
  constexpr size_t kCookiesMax = 50;
  auto& jar = notes.cookies[host_of(reply.url)];
  for (const std::string& line : reply.cookies) {
    const std::string_view pair = text::trim(std::string_view(line).substr(0, line.find(';')));
    const size_t equals = pair.find('=');
    if (equals == std::string_view::npos || equals == 0) continue;
    const std::string name(pair.substr(0, equals));
    const bool gone = text::lower_case(line).find("max-age=0") != std::string::npos;
    if (gone) {
      jar.erase(name);
    } else if (jar.size() < kCookiesMax) {
      jar[name] = pair.substr(equals + 1);
    }
  }
}

}  // namespace

Documents::Documents(Shared& shared) : shared_(shared) {}

Context Documents::context_of(const call::Leg& leg, Links& links, flow::Role role) {
  Context context{.links = links};
  const Accounts::Account* account = shared_.accounts.by_hex(leg.origin.account);
  context.role = role;
  context.scope = leg.origin.account;
  context.from = leg.from;
  context.country = shared_.services.settings.default_region;
  context.room_wait_max = shared_.services.settings.room_wait_max;
  context.queue_key = [&names = shared_.queues](const std::string& name) { return names.key(name); };
  if (account != nullptr) {
    context.silence_accepts = account->silence_accepts;
    context.stream.unencrypted = account->settings.unencrypted_streams;
    if (!account->any_caller_id) {
      context.may_present = [directory = shared_.services.directory.now(), id = account->id, from = leg.from,
                             to = leg.to](const call::Address& wanted) {
        if (wanted == from || wanted == to || wanted.kind != call::Address::Kind::Number) return true;
        const directory::Number* number = directory->number(std::string_view(wanted.text));
        return number != nullptr && number->owner == id;
      };
    }
  }
  context.stream.leg = leg.id;
  context.stream.account_sid = shared_.host_of(leg.origin.account).account_sid;
  context.stream.sign = [token = shared_.token_of(leg.origin.account)](const std::string& url) {
    return sign(token, signed_url(url), {});
  };
  return context;
}

std::shared_ptr<const flow::Program> Documents::read_inline(const call::Leg& leg, const std::string& twiml) {
  LegLinks links(shared_.links, leg.id);
  const Parsed parsed = parse_twiml(twiml, {}, context_of(leg, links, flow::Role::Main));
  Asked asked;
  asked.account = leg.origin.account;
  asked.leg = leg.id;
  note(asked, parsed, nullptr);
  if (parsed.program != nullptr) shared_.legs.runs(leg.id, parsed.program);
  return parsed.program;
}

std::optional<Documents::Asked> Documents::ask_for(const flow::Subject& subject,
                                                   const LinkTable::Entry& entry,
                                                   const flow::Outcome& outcome) {
  Asked asked;
  asked.url = entry.link.url;
  asked.method = entry.link.method;
  asked.role = entry.link.role;
  if (const auto* room = std::get_if<call::RoomId>(&subject)) {
    const call::Room* found = shared_.services.switchboard.room(*room);
    if (found == nullptr) return std::nullopt;
    asked.account = found->options.name.substr(0, found->options.name.find('/'));
    asked.form = {{"AccountSid", shared_.host_of(asked.account).account_sid},
                  {"ConferenceSid", sid("CF", *room)},
                  {"FriendlyName", name_without_scope(found->options.name)}};
    return asked;
  }
  const call::LegId id = std::get<call::LegId>(subject);
  const std::optional<call::Leg> leg = shared_.legs.leg(id);
  if (!leg) return std::nullopt;
  asked.leg = id;
  asked.account = leg->origin.account;
  const Host host = shared_.host_of(asked.account);
  asked.form = call_parameters(*leg, shared_.legs.open(id), host);
  std::optional<call::Leg> child;
  if (const auto* dialled = std::get_if<flow::Dialled>(&outcome); dialled && dialled->child) {
    child = shared_.legs.leg(*dialled->child);
  }
  for (auto& field : outcome_parameters(outcome, entry.link, host, child)) {
    asked.form.push_back(std::move(field));
  }
  if (const auto* waiting = std::get_if<flow::Waiting>(&outcome)) add_queue(*waiting, id, asked.form);
  if (const call::Room* room = shared_.services.switchboard.room(leg->room);
      room != nullptr && asked.role == flow::Role::ConferenceWait) {
    asked.form.emplace_back("ConferenceSid", sid("CF", room->id));
  }
  if (entry.link.use == Link::For::QueueWhisper) {
    asked.form.emplace_back("QueueSid", queue_sid(scoped_name(asked.account, entry.link.about)));
    if (entry.owner.valid()) asked.form.emplace_back("DequeingCallSid", sid("CA", entry.owner));
  }
  return asked;
}

// How long those who wait have waited so far, and how many may (twilio.md §2.8).
void Documents::add_queue(const flow::Waiting& waiting, call::LegId leg, text::Parameters& form) {
  if (waiting.queue.empty()) return;
  const auto entries = shared_.services.flow.queue(waiting.queue);
  const std::chrono::seconds average = average_wait(entries, shared_.services.loop.clock().wall());
  form.emplace_back("AvgQueueTime", std::to_string(average.count()));
  const LegNotes* notes = shared_.legs.find(leg);
  if (notes == nullptr || notes->queue_size_max == 0) return;
  form.emplace_back("MaxQueueSize", std::to_string(notes->queue_size_max));
}

void Documents::next(flow::RequestId request, const flow::Subject& subject, const flow::DocumentRef& document,
                     const flow::Outcome& outcome) {
  open_.insert(request);
  const LinkTable::Entry* entry = shared_.links.find(document);
  std::optional<Asked> asked;
  if (entry != nullptr) asked = ask_for(subject, *entry, outcome);
  // One that is unknown is answered like one that cannot be had.
  shared_.services.loop.tasks().spawn(answer(request, asked.value_or(Asked{})));
}

void Documents::cancel(flow::RequestId request) {
  open_.erase(request);
}

void Documents::tell(const flow::Subject& subject, const flow::DocumentRef& document,
                     const flow::Outcome& outcome) {
  const LinkTable::Entry* entry = shared_.links.find(document);
  if (entry == nullptr) return;
  if (auto asked = ask_for(subject, *entry, outcome)) {
    shared_.services.loop.tasks().spawn(tell_app(std::move(*asked)));
  }
}

asio::awaitable<void> Documents::tell_app(Asked asked) {
  const http::FetchResult told = co_await fetch(asked);
  if (!told)
    note(asked, Parsed{nullptr, {{error_of(told.error().fault), true, told.error().detail, 0}}}, &told);
}

// With synchronous machine detection the document is asked for once it is known who answered.
asio::awaitable<void> Documents::await_verdict(call::LegId leg) {
  constexpr base::Duration kStep = std::chrono::milliseconds(50);
  LegNotes* notes = shared_.legs.find(leg);
  if (notes == nullptr || !notes->await_verdict || !notes->detection) co_return;
  const base::TimePoint end =
      shared_.services.loop.clock().now() + notes->detection->timeout + std::chrono::seconds(5);
  while (shared_.services.loop.clock().now() < end) {
    notes = shared_.legs.find(leg);
    const call::Leg* live = shared_.services.switchboard.leg(leg);
    if (notes == nullptr || !notes->answered_by.empty() || live == nullptr) break;
    co_await shared_.services.loop.sleep(kStep);
  }
  notes = shared_.legs.find(leg);
  if (notes != nullptr) notes->await_verdict = false;
}

asio::awaitable<void> Documents::answer(flow::RequestId request, Asked asked) {
  LegNotes* waiting = asked.leg ? shared_.legs.find(*asked.leg) : nullptr;
  if (waiting != nullptr && waiting->await_verdict) {
    co_await await_verdict(*asked.leg);
    LegNotes* after = shared_.legs.find(*asked.leg);
    if (after != nullptr && !after->answered_by.empty()) {
      asked.form.emplace_back("AnsweredBy", after->answered_by);
    }
  }
  Parsed parsed = co_await obtain(asked);
  const bool failed = parsed.program == nullptr;
  if (failed && open_.contains(request)) {
    if (auto fallback = fallback_of(asked, parsed)) {
      Parsed second = co_await obtain(*fallback);
      parsed = std::move(second);
    }
  }
  if (open_.erase(request) == 0) co_return;
  flow::Answer made = to_answer(asked, std::move(parsed));
  shared_.services.flow.on_document(request, std::move(made));
}

asio::awaitable<Parsed> Documents::obtain(Asked asked) {
  const http::FetchResult fetched = co_await fetch(asked);
  Parsed parsed = read(asked, fetched);
  note(asked, parsed, &fetched);
  co_return parsed;
}

asio::awaitable<http::FetchResult> Documents::fetch(Asked asked) {
  const auto overrides = parse_overrides(asked.url);
  if (!overrides)
    co_return tl::unexpected(http::FetchError{http::FetchFault::BadUrl, overrides.error().detail});
  if (asked.url.empty()) {
    co_return tl::unexpected(
        http::FetchError{http::FetchFault::BadUrl, "the document gives no URL that can be fetched"});
  }
  http::FetchRequest request;
  request.method = asked.method;
  request.url = without_fragment(asked.url);
  request.connect_deadline = overrides->connect;
  request.total_deadline = overrides->total;
  request.redirects = http::Redirects::AsBrowser;
  request.headers = {{"User-Agent", "TwilioProxy/1.1"},
                     {"Accept", "*/*"},
                     {"Cache-Control", "max-age=259200"},
                     {"I-Twilio-Idempotency-Token", crypto::make_token(shared_.services.random)}};
  text::Parameters signed_form;
  if (asked.method == http::Method::Get) {
    const char joint = request.url.find('?') == std::string::npos ? '?' : '&';
    request.url += joint + text::encode_form(asked.form);
  } else {
    request.headers.add("Content-Type", "application/x-www-form-urlencoded; charset=UTF-8");
    request.body = text::encode_form(asked.form);
    signed_form = asked.form;
  }
  request.headers.add("X-Twilio-Signature",
                      sign(shared_.token_of(asked.account), signed_url(request.url), signed_form));
  LegNotes* notes = asked.leg ? shared_.legs.find(*asked.leg) : nullptr;
  if (notes != nullptr) {
    const std::string cookies = cookie_header(*notes, host_of(request.url));
    if (!cookies.empty()) request.headers.add("Cookie", cookies);
  }
  LoggedRequest logged = shared_.requests.begin(asked.method, request.url, std::move(asked.form));
  http::FetchResult result = co_await shared_.services.fetcher.fetch(std::move(request), overrides->retry);
  if (asked.leg) shared_.requests.add(*asked.leg, std::move(logged), result);
  LegNotes* still = asked.leg ? shared_.legs.find(*asked.leg) : nullptr;
  if (result && still != nullptr) keep_cookies(*still, *result);
  co_return result;
}

Parsed Documents::read(const Asked& asked, const http::FetchResult& fetched) {
  if (!fetched) {
    const bool overridden = !parse_overrides(asked.url);
    const int code = overridden ? 11243 : error_of(fetched.error().fault);
    return {nullptr, {{code, true, fetched.error().detail, 0}}};
  }
  const call::LegId owner = asked.leg.value_or(call::LegId{});
  LegLinks links(shared_.links, owner);
  call::Leg leg;
  leg.origin.account = asked.account;
  if (asked.leg) leg = shared_.legs.leg(*asked.leg).value_or(leg);
  return read_reply(fetched->status, fetched->headers.get("Content-Type"), fetched->body, fetched->url,
                    context_of(leg, links, asked.role));
}

std::optional<Documents::Asked> Documents::fallback_of(const Asked& asked, const Parsed& failed) {
  const LegNotes* notes = asked.leg ? shared_.legs.find(*asked.leg) : nullptr;
  if (notes == nullptr || !notes->fallback || asked.role != flow::Role::Main) return std::nullopt;
  Asked fallback = asked;
  fallback.url = notes->fallback.url;
  fallback.method = notes->fallback.method;
  const Problem* problem = failed.failure();
  fallback.form.emplace_back("ErrorCode", std::to_string(problem == nullptr ? 11200 : problem->code));
  fallback.form.emplace_back("ErrorUrl", without_fragment(asked.url));
  return fallback;
}

void Documents::note(const Asked& asked, const Parsed& parsed, const http::FetchResult* fetched) {
  for (const Problem& problem : parsed.problems) {
    Notification notification;
    notification.account = asked.account;
    if (asked.leg) notification.call_sid = sid("CA", *asked.leg);
    notification.code = problem.code;
    notification.error = problem.error;
    notification.text = problem.text;
    if (problem.line != 0) notification.text += " (line " + std::to_string(problem.line) + ")";
    notification.url = without_fragment(asked.url);
    notification.method = to_string(asked.method);
    notification.variables = asked.form;
    if (fetched != nullptr && *fetched) {
      notification.status = (*fetched)->status;
      notification.body = (*fetched)->body;
    }
    shared_.notifications.add(asked.leg, std::move(notification));
  }
}

// A wait document that cannot be had is silence; anything else ends with a sentence.
flow::Answer Documents::to_answer(const Asked& asked, Parsed parsed) {
  if (parsed.program != nullptr) {
    if (asked.leg) shared_.legs.runs(*asked.leg, parsed.program);
    return flow::Replace{parsed.program};
  }
  if (asked.role == flow::Role::Main || asked.role == flow::Role::Screening) {
    return flow::Replace{application_error(asked.role)};
  }
  auto silence = std::make_shared<flow::Program>();
  flow::PlayStep quiet;
  quiet.prompt.playlist = {call::Silence{}};
  silence->steps.push_back({std::move(quiet), flow::Needs::Nothing});
  return flow::Replace{std::move(silence)};
}

asio::awaitable<Result<std::shared_ptr<const flow::Program>>> Documents::fetch_for_room(
    std::string account_hex, call::RoomId room, Link link, text::Parameters form) {
  Asked asked;
  asked.url = std::move(link.url);
  asked.method = link.method;
  asked.role = link.role;
  asked.account = std::move(account_hex);
  asked.form = std::move(form);
  asked.form.emplace_back("ConferenceSid", sid("CF", room));
  Result<std::shared_ptr<const flow::Program>> made = co_await obtain_for_room(std::move(asked));
  co_return made;
}

asio::awaitable<Result<std::shared_ptr<const flow::Program>>> Documents::obtain_for_room(Asked asked) {
  const Parsed parsed = co_await obtain(asked);
  if (parsed.program != nullptr) co_return parsed.program;
  const Problem* problem = parsed.failure();
  co_return fail(ErrorCode::Invalid, problem == nullptr ? "no document" : problem->text);
}

}  // namespace sotto::twilio
