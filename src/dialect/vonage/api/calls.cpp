#include <algorithm>

#include "dialect/host/await.h"
#include "dialect/vonage/api/auth.h"
#include "dialect/vonage/api/errors.h"
#include "dialect/vonage/api/legs.h"
#include "dialect/vonage/ids.h"
#include "dialect/vonage/ncco/connect.h"
#include "dialect/vonage/ncco/ncco.h"
#include "dialect/vonage/status.h"
#include "text/ascii.h"
#include "text/time_format.h"

namespace sotto::vonage {
namespace {

using text::Json;
using text::JsonField;
using text::JsonObject;

constexpr Range kRinging{1, 120};
constexpr Range kLength{1, 86'400};
constexpr int64_t kPageMax = 100;
constexpr uint64_t kListedMax = 5000;  // looked through for a status or a conversation

struct NewCall {
  Endpoint to;
  bool random_from = false;
  std::string from;  // as the app wrote it; empty: unknown
  bool from_is_uri = false;
  Hook answer;
  std::optional<Json> ncco;
  Hook events;
  Detection detection;
  std::chrono::milliseconds ring_timeout{};
  std::chrono::seconds length_max{};
};

void read_from(Options& options, NewCall& call) {
  const JsonField from = options.field("from");
  if (from.null_or_absent()) return;
  const bool endpoint = from.value().object() != nullptr;
  const std::string type = from["type"].lenient_text().value_or(from["type"].null_or_absent() ? "phone" : "");
  if (endpoint && type != "phone" && type != "sip") {
    return options.refuse(from["type"].refuse(ErrorCode::Invalid, "must be one of: phone, sip").value());
  }
  // Old code has a bare number where the endpoint belongs.
  const bool by_uri = endpoint && from["number"].null_or_absent() && !from["uri"].null_or_absent();
  const JsonField number = by_uri ? from["uri"] : endpoint ? from["number"] : from;
  if (number.null_or_absent()) {
    return options.refuse(number.refuse(ErrorCode::NotFound, "is required").value());
  }
  const std::string text = number.lenient_text().value_or(std::string());
  call.from_is_uri = is_sip_uri(text);
  if (by_uri && !call.from_is_uri) {
    return options.refuse(number.refuse(ErrorCode::Invalid, "must be a sip or sips URI").value());
  }
  const auto digits = parse_phone_number(number);
  if (!call.from_is_uri && !digits) return options.refuse(digits.error());
  call.from = call.from_is_uri ? text : *digits;
}

Result<NewCall> read_call(const Json& body, const ApplicationSettings& application) {
  Options options{JsonField(body)};
  NewCall call;
  const auto to = options.field("to").one_or_more();
  if (to.empty()) return options.field("to").refuse(ErrorCode::NotFound, "is required");
  const auto endpoint = parse_endpoint(to[0]);
  if (!endpoint) return fail(endpoint.error());
  call.to = *endpoint;
  call.random_from = options.boolean("random_from_number", false);
  if (!call.random_from) read_from(options, call);
  if (options.has("ncco")) {
    call.ncco = options.field("ncco").value();
    EmptyScope scope;
    const auto program = parse_ncco(*call.ncco, scope, flow::Role::Main);
    if (!program) return fail(inside("ncco", program.error()));
  } else {
    call.answer = options.hook("answer_url", "answer_method", http::Method::Get);
    if (!call.answer && !options.error()) options.refuse("answer_url", "is required");
  }
  call.events = options.hook("event_url", "event_method", http::Method::Post);
  if (!call.events) call.events = application.events().hook;
  if (!call.events && !options.error()) options.refuse("event_url", "is required");
  call.detection = read_detection(options, "machine_detection", "advanced_machine_detection");
  call.ring_timeout = options.seconds("ringing_timer", 60, kRinging);
  call.length_max = std::chrono::seconds(options.integer("length_timer", 7200, kLength));
  if (options.error()) return fail(*options.error());
  return call;
}

std::string random_number(const ApiContext& context, directory::ApplicationId application) {
  std::vector<std::string> linked;
  for (const directory::Number& number : context.services.directory.now()->all().numbers) {
    const auto* to = std::get_if<directory::ToApplication>(&number.assignment);
    if (to != nullptr && to->application == application) linked.push_back(number.digits);
  }
  return linked.empty() ? std::string() : linked[context.services.random.below(linked.size())];
}

base::Address presented(const ApiContext& context, const Caller& caller, const NewCall& call) {
  if (call.from.empty()) return {};
  if (call.from_is_uri) return {base::Address::Kind::Sip, call.from, {}};
  const auto& directory = *context.services.directory.now();
  const directory::Account* account = directory.account(caller.account);
  const directory::Number* own = directory.number(call.from);
  const bool ours = own != nullptr && own->owner == caller.account;
  if (account != nullptr && !account->any_caller_id && !ours) return {};
  return {base::Address::Kind::Number, call.from, {}};
}

CallState new_state(const Caller& caller, const NewCall& call, const base::Address& from) {
  CallState state;
  state.account = caller.account;
  state.application = *caller.application;
  state.events = call.events;
  state.to = call.to.shown;
  state.headers = call.to.headers;
  state.from = call.from_is_uri || call.from.empty()
                   ? shown_address(from)
                   : shown_address({base::Address::Kind::Number, call.from, {}});
  state.to_text = plain_address(call.to.address);
  state.from_text = call.from.empty() ? "unknown" : call.from;
  state.length_max = call.length_max;
  state.digits_on_answer = call.to.digits_on_answer;
  state.detection = call.detection.detection;
  state.hang_up_on_machine = call.detection.on_machine == flow::OnMachine::HangUp;
  state.asks_verdict = call.detection.advanced;
  return state;
}

// Dials and runs. What the app is told of comes after the reply that this makes: in events.
Result<call::LegId> start(ApiContext& context, const Caller& caller, const NewCall& call) {
  call::Switchboard& board = context.services.switchboard;
  const call::Switchboard::Batch batch(board);
  call::NewLeg request;
  request.to = call.to.address;
  request.from = presented(context, caller, call);
  request.origin = {
      base::to_hex(caller.account), base::to_hex(*caller.application), std::string(kDialect), {}};
  if (call.to.address.kind == base::Address::Kind::Phone) request.origin.extension = call.to.address.text;
  request.headers = call.to.sip_headers;
  request.framing = framing_with(call.to, context.documents.socket_token(*caller.application));
  request.ring_timeout = call.ring_timeout;
  const base::Address from = request.from;
  const auto leg = board.dial(std::move(request));
  if (!leg) return fail(leg.error());
  CallState state = new_state(caller, call, from);
  state.conversation = conversation_text(board.leg(*leg)->call);
  context.events.begin(*leg, std::move(state));
  if (!call.ncco) {
    const AnswerDocument document{call.answer, {}, true};
    if (auto run = context.services.flow.run(*leg, context.documents.keep(*leg, document)); !run) {
      return fail(run.error());
    }
    return *leg;
  }
  const auto program = context.documents.parse(*leg, *call.ncco, flow::Role::Main);
  const auto run = program ? context.services.flow.run(*leg, *program) : fail(program.error());
  if (!run) {
    context.documents.tell_error(*leg, run.error().detail);
    board.hang_up(*leg, {call::EndCause::ProgramFailed, call::EndedBy::Platform, 0, run.error().detail});
  }
  return *leg;
}

struct ListQuery {
  std::string status;
  std::optional<std::string> conversation;
  store::LegQuery legs;
  int64_t page_size = 10;
  int64_t page = 0;
  text::Parameters kept;  // repeated in links
};

Result<int64_t> number_parameter(const text::Parameters& query, std::string_view name, int64_t otherwise,
                                 int64_t min, int64_t max) {
  const std::string* text = text::find_parameter(query, name);
  if (text == nullptr || text->empty()) return otherwise;
  const Json value(*text);
  const auto number = JsonField(value, std::string(name)).lenient_integer();
  if (!number) return fail(ErrorCode::Invalid, std::string(name) + ": must be a number");
  if (*number < min || *number > max) {
    return fail(ErrorCode::OutOfRange, std::string(name) + ": must be between " + std::to_string(min) +
                                           " and " + std::to_string(max));
  }
  return *number;
}

Result<void> read_times(const text::Parameters& query, ListQuery& list) {
  for (const auto& [name, place] :
       {std::pair{"date_start", &list.legs.created_from}, std::pair{"date_end", &list.legs.created_until}}) {
    const std::string* text = text::find_parameter(query, name);
    if (text == nullptr || text->empty()) continue;
    const auto time = text::parse_iso8601(*text);
    if (!time) return fail(ErrorCode::Invalid, std::string(name) + ": must be an ISO 8601 date");
    *place = *time;
  }
  // Not after: the whole of that last instant.
  if (list.legs.created_until) *list.legs.created_until += std::chrono::microseconds(1);
  return {};
}

Result<ListQuery> read_list(const http::Request& request) {
  const auto query = request.query();
  if (!query) return fail(query.error());
  ListQuery list;
  for (const auto& [name, value] : *query) {
    if (name != "page_size" && name != "record_index") list.kept.emplace_back(name, value);
  }
  if (const std::string* status = text::find_parameter(*query, "status")) list.status = *status;
  if (!list.status.empty() && !is_status(list.status))
    return fail(ErrorCode::Invalid, "status: is not a status");
  if (const std::string* named = text::find_parameter(*query, "conversation_uuid");
      named != nullptr && !named->empty()) {
    const auto id = parse_conversation(*named);
    if (!id) return fail(ErrorCode::Invalid, "conversation_uuid: must be CON- and a uuid");
    list.conversation = conversation_text(*id);
  }
  const std::string* order = text::find_parameter(*query, "order");
  if (order != nullptr && *order != "asc" && *order != "desc") {
    return fail(ErrorCode::Invalid, "order: must be one of: asc, desc");
  }
  list.legs.oldest_first = order == nullptr || *order == "asc";
  if (auto times = read_times(*query, list); !times) return fail(times.error());
  const auto size = number_parameter(*query, "page_size", 10, 1, kPageMax);
  if (!size) return fail(size.error());
  const auto page = number_parameter(*query, "record_index", 0, 0, 1'000'000'000);
  if (!page) return fail(page.error());
  list.page_size = *size;
  list.page = *page;
  return list;
}

struct Found {
  int64_t count = 0;
  std::vector<store::LegRecord> page;
};

std::function<Result<Found>(store::Connection&)> find_page(ListQuery list, Caller caller) {
  return [list, caller](store::Connection& connection) -> Result<Found> {
    store::LegQuery query = list.legs;
    query.count_max = kListedMax;
    auto legs = store::find_legs(connection, query);
    if (!legs) return fail(legs.error());
    Found found;
    const auto first = static_cast<size_t>(list.page * list.page_size);
    for (store::LegRecord& record : *legs) {
      if (!sees(caller, record.leg)) continue;
      if (!list.status.empty() && current_status(record.leg) != list.status) continue;
      if (list.conversation && state_of_stored(record.leg, record.extra).conversation != *list.conversation)
        continue;
      const auto index = static_cast<size_t>(found.count++);
      if (index >= first && index < first + static_cast<size_t>(list.page_size))
        found.page.push_back(std::move(record));
    }
    return found;
  };
}

Json page_link(const http::Request& request, const ListQuery& list, std::optional<int64_t> page) {
  text::Uri uri = *text::parse_uri(request.base_url() + "/v1/calls");
  text::Parameters parameters = list.kept;
  parameters.emplace_back("page_size", std::to_string(list.page_size));
  if (page) parameters.emplace_back("record_index", std::to_string(*page));
  text::append_query(uri, parameters);
  return JsonObject{{"href", text::to_text(uri)}};
}

}  // namespace

ApiReply create_call(ApiContext& context, Caller caller, http::Request request) {
  const auto body = json_body(request);
  if (!body) co_return voice_error(400, body.error().detail);
  const directory::Application* application =
      context.services.directory.now()->application(*caller.application);
  auto call = read_call(*body, settings_of(*application));
  if (!call) co_return voice_invalid(call.error());
  if (call->random_from) call->from = random_number(context, *caller.application);
  const auto leg = start(context, caller, *call);
  if (!leg) co_return voice_error(leg.error().code == ErrorCode::Exhausted ? 429 : 503, leg.error().detail);
  const call::Leg* made = context.services.switchboard.leg(*leg);
  const JsonObject reply{{"uuid", base::to_uuid(*leg)},
                         {"status", "started"},
                         {"direction", "outbound"},
                         {"conversation_uuid", made == nullptr ? "" : conversation_text(made->call)}};
  co_return json_reply(201, Json(reply));
}

ApiReply show_call(ApiContext& context, Caller caller, http::Request request) {
  std::string uuid(request.parameter("uuid"));
  Result<store::LegRecord> record = co_await leg_record(context, caller, std::move(uuid));
  if (!record) co_return no_such_leg(record.error());
  const Json object = call_object(record->leg, shown_state(context, record->leg, record->extra));
  co_return json_reply(200, object);
}

ApiReply list_calls(ApiContext& context, Caller caller, http::Request request) {
  auto list = read_list(request);
  if (!list) co_return voice_invalid(list.error());
  list->legs.account = base::to_hex(caller.account);
  const base::WallTime since = shown_since(context, caller);
  list->legs.created_from = std::max(list->legs.created_from.value_or(since), since);
  // What was begun a moment ago is written by now.
  store::Store::Change nothing = [](store::Connection&) -> Result<void> { return {}; };
  (void)co_await dialect::write(context.services, std::move(nothing));
  std::function<Result<Found>(store::Connection&)> query = find_page(*list, caller);
  Result<Found> found = co_await dialect::read(context.services, std::move(query));
  if (!found) co_return voice_error(500, found.error().detail);
  text::JsonArray calls;
  for (const store::LegRecord& record : found->page) {
    const call::Leg* live = context.services.switchboard.leg(record.leg.id);
    const call::Leg& leg = live != nullptr ? *live : record.leg;
    calls.push_back(call_object(leg, shown_state(context, leg, record.extra)));
  }
  const int64_t last = std::max<int64_t>(0, (found->count - 1) / list->page_size);
  JsonObject links{{"self", page_link(request, *list, list->page)},
                   {"first", page_link(request, *list, std::nullopt)}};
  links.add("last", page_link(request, *list, last));
  if (list->page < last) links.add("next", page_link(request, *list, list->page + 1));
  if (list->page > 0) links.add("prev", page_link(request, *list, list->page - 1));
  JsonObject reply{{"count", found->count}, {"page_size", list->page_size}, {"record_index", list->page}};
  reply.add("_links", std::move(links));
  reply.add("_embedded", JsonObject{{"calls", std::move(calls)}});
  co_return json_reply(200, Json(std::move(reply)));
}

}  // namespace sotto::vonage
