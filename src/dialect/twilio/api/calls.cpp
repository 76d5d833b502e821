#include "dialect/twilio/api/calls.h"

#include <algorithm>

#include "dialect/host/await.h"
#include "dialect/twilio/number_settings.h"
#include "dialect/twilio/sid.h"
#include "store/leg_store.h"
#include "text/ascii.h"

namespace sotto::twilio {
namespace {

constexpr size_t kInlineBytesMax = 4000;
constexpr uint64_t kScanBatch = 1000;
constexpr uint64_t kScanMax = 20'000;

std::string formatted(const call::Address& address) {
  const std::string& digits = address.text;
  const bool american =
      address.kind == call::Address::Kind::Number && digits.size() == 11 && digits[0] == '1';
  if (!american) return address_text(address);
  return "(" + digits.substr(1, 3) + ") " + digits.substr(4, 3) + "-" + digits.substr(7);
}

text::Json owned_number(const ApiParts& parts, const call::Leg& leg, std::string_view direction) {
  const call::Address& own = direction == "inbound" ? leg.to : leg.from;
  if (own.kind != call::Address::Kind::Number || direction == "outbound-dial") return {};
  const directory::Number* number = parts.shared.services.directory.now()->number(std::string_view(own.text));
  return number == nullptr || !number->owner ? text::Json() : text::Json(sid("PN", number->id));
}

bool is_inline_or_url(const ApiRequest& request) {
  return request.has("Url") || request.has("Twiml") || request.has("ApplicationSid");
}

// What the call does once it is answered.
struct Script {
  std::string url;
  http::Method method = http::Method::Post;
  std::string twiml;
  Callback fallback;
  Callback status;
  std::string application_sid;
};

ApiResult<Script> read_application(const ApiParts& parts, const std::string& application_sid,
                                   const Accounts::Account& account) {
  const auto id = parse_sid<directory::ApplicationId>(application_sid, "AP");
  const directory::Application* application =
      id ? parts.shared.services.directory.now()->application(*id) : nullptr;
  if (application == nullptr || application->account != account.id) {
    return refuse(400, 21218,
                  "ApplicationSid: \"" + application_sid + "\" is no application of this account");
  }
  const VoiceSettings voice = voice_of(*application);
  if (voice.url.empty()) return refuse(400, 21205, "The application has no voice URL");
  Script script;
  script.url = voice.url;
  script.method = voice.method;
  script.fallback = {voice.fallback_url, voice.fallback_method, {}};
  script.status = {voice.status_callback, voice.status_callback_method, {"completed"}};
  script.application_sid = application_sid;
  return script;
}

// Of several the URL wins (error 32019 of the vendor's list).
ApiResult<Script> read_script(const ApiParts& parts, const ApiRequest& request) {
  if (const std::string application = request.text("ApplicationSid"); !application.empty()) {
    return read_application(parts, application, request.account);
  }
  Script script;
  auto url = request.url("Url", 21205);
  if (!url) return tl::unexpected(url.error());
  auto method = request.method("Method");
  if (!method) return tl::unexpected(method.error());
  auto fallback = read_callback(request, "FallbackUrl", "FallbackMethod", {}, {}, 21402);
  if (!fallback) return tl::unexpected(fallback.error());
  script.url = *url;
  script.method = *method;
  script.fallback = *fallback;
  if (!script.url.empty()) return script;
  script.twiml = request.text("Twiml");
  if (script.twiml.size() > kInlineBytesMax) return refuse(400, 32018, "Twiml: longer than 4000 characters");
  if (script.twiml.empty()) return refuse(400, 21205, "Url parameter is required.");
  return script;
}

flow::DocumentRef link_to(const ApiParts& parts, call::LegId leg, const Script& script) {
  return parts.shared.links.add(leg, Link{script.url, script.method, flow::Role::Main, Link::For::Next, {}});
}

// Digits and a recording come before the document (twilio.md §4.2).
std::shared_ptr<const flow::Program> prelude(const Outgoing& outgoing, flow::DocumentRef next) {
  auto program = std::make_shared<flow::Program>();
  if (!outgoing.send_digits.empty()) program->steps.push_back({flow::SendDigitsStep{outgoing.send_digits}});
  if (outgoing.recording) {
    flow::RecordStep record;
    record.spec = *outgoing.recording;
    record.wait = flow::Wait::No;
    program->steps.push_back({std::move(record)});
  }
  program->steps.push_back({flow::AskStep{{flow::Asking::Always, next, false}}});
  return program;
}

Result<void> start(const ApiParts& parts, call::LegId id, const Outgoing& outgoing, const Script& script) {
  flow::Engine& flow = parts.shared.services.flow;
  if (!script.twiml.empty()) {
    const call::Leg* leg = parts.shared.services.switchboard.leg(id);
    auto program = parts.documents.read_inline(*leg, script.twiml);
    if (program == nullptr) program = application_error(flow::Role::Main);
    auto whole = std::make_shared<flow::Program>(*prelude(outgoing, {}));
    whole->steps.pop_back();
    whole->steps.insert(whole->steps.end(), program->steps.begin(), program->steps.end());
    parts.shared.legs.runs(id, whole);
    return flow.run(id, whole);
  }
  const flow::DocumentRef next = link_to(parts, id, script);
  if (outgoing.send_digits.empty() && !outgoing.recording) return flow.run(id, next);
  return flow.run(id, prelude(outgoing, next));
}

ApiResult<call::MachineDetection> read_detection(const ApiRequest& request) {
  call::MachineDetection detection;
  const auto mode = request.choice("MachineDetection", {"Enable", "DetectMessageEnd"}, "", 21262);
  if (!mode) return tl::unexpected(mode.error());
  detection.wait_for_message_end = *mode == "DetectMessageEnd";
  const struct {
    const char* name;
    std::chrono::milliseconds& value;
    int64_t unit, fallback, min, max;
  } rows[] = {{"MachineDetectionTimeout", detection.timeout, 1000, 30, 3, 59},
              {"MachineDetectionSpeechThreshold", detection.speech_threshold, 1, 2400, 1000, 6000},
              {"MachineDetectionSpeechEndThreshold", detection.speech_end_threshold, 1, 1200, 500, 5000},
              {"MachineDetectionSilenceTimeout", detection.silence_timeout, 1, 5000, 2000, 10'000}};
  for (const auto& row : rows) {
    const auto number = request.whole(row.name, row.fallback, row.min, row.max, 21263);
    if (!number) return tl::unexpected(number.error());
    row.value = std::chrono::milliseconds(*number * row.unit);
  }
  return detection;
}

ApiResult<void> read_machine(const ApiRequest& request, Outgoing& outgoing) {
  const bool wanted = request.has("MachineDetection") && outgoing.send_digits.empty();
  auto detection = read_detection(request);
  if (!detection) return tl::unexpected(detection.error());
  const auto async = request.flag("AsyncAmd", request.has("AmdStatusCallback"));
  if (!async) return tl::unexpected(async.error());
  const bool participant = request.has("AmdStatusCallback");
  if (auto valid = check_methods(request, {"AmdStatusCallbackMethod", "AsyncAmdStatusCallbackMethod"});
      !valid)
    return valid;
  auto callback =
      participant
          ? read_callback(request, "AmdStatusCallback", "AmdStatusCallbackMethod", {}, {}, 21402)
          : read_callback(request, "AsyncAmdStatusCallback", "AsyncAmdStatusCallbackMethod", {}, {}, 21402);
  if (!callback) return tl::unexpected(callback.error());
  if (!wanted) return {};
  outgoing.detection = *detection;
  outgoing.await_verdict = !*async;
  if (*async) outgoing.machine = *callback;
  return {};
}

// To and From, as the directory can route them.
ApiResult<void> read_addresses(const ApiParts& parts, const ApiRequest& request, Outgoing& outgoing) {
  const std::string& country = parts.shared.services.settings.default_region;
  const std::string to = request.text("To");
  if (to.empty()) return refuse(400, 21201, "No 'To' number is specified");
  std::string from = request.text("From");
  if (from.empty()) return refuse(400, 21213, "No 'From' number is specified");
  from = request.text("CallerId", from);
  const size_t question = to.find('?');
  auto callee = parse_address(to.substr(0, question), country);
  if (!callee)
    return refuse(400, 21211, "The phone number you are attempting to call, " + to + ", is not valid.");
  auto caller = parse_address(from, country);
  // To a SIP address the caller may be any user.
  const bool user =
      callee->kind == call::Address::Kind::Sip && from.find_first_of(" \t\r\n<>\"@:;") == std::string::npos;
  if (!caller && user) caller = call::Address{call::Address::Kind::User, from, {}};
  if (!caller) return refuse(400, 21212, "The source phone number provided, " + from + ", is not valid.");
  if (!request.account.any_caller_id && caller->kind == call::Address::Kind::Number) {
    const directory::Number* own =
        parts.shared.services.directory.now()->number(std::string_view(caller->text));
    if (own == nullptr || own->owner != request.account.id) {
      return refuse(400, 21210,
                    "The source phone number provided, " + from + ", is not yet verified for your account.");
    }
  }
  outgoing.leg.to = *callee;
  outgoing.leg.from = *caller;
  if (question == std::string::npos || callee->kind != call::Address::Kind::Sip) return {};
  for (const std::string_view piece : text::split(std::string_view(to).substr(question + 1), '&')) {
    const size_t equals = piece.find('=');
    const std::string name = text::percent_decode(piece.substr(0, equals));
    const bool custom = text::lower_case(name).starts_with("x-");
    if (!custom || equals == std::string_view::npos)
      return refuse(400, 21228, "To: header " + name + " may not be sent");
    outgoing.leg.headers.emplace(name, text::percent_decode(piece.substr(equals + 1)));
  }
  return {};
}

// One request to an app for the call, as its Events show it.
text::Json render_event(const LoggedRequest& logged) {
  text::JsonObject parameters;
  for (const auto& [name, value] : logged.parameters) parameters.set(name, value);
  text::JsonObject request{
      {"method", logged.method}, {"url", logged.url}, {"parameters", std::move(parameters)}};
  const bool answered = logged.status != 0;
  text::JsonObject response{
      {"response_code", answered ? text::Json(static_cast<int64_t>(logged.status)) : text::Json()},
      {"request_duration", static_cast<int64_t>(logged.took.count())},
      {"content_type", answered ? text::Json(logged.content_type) : text::Json()},
      {"response_body", answered ? text::Json(logged.body) : text::Json()},
      {"date_created", rfc2822(logged.at)}};
  return text::Json(text::JsonObject{{"request", std::move(request)}, {"response", std::move(response)}});
}

// Whether a filter of the list admits the leg.
struct CallFilter {
  std::string to;
  std::string from;
  std::string parent;
  std::string status;
  TimeFilter started;
  TimeFilter ended;

  bool admits(const call::Leg& leg, const LegNotes& notes) const {
    const std::string parent_sid = !notes.parent_sid.empty() ? notes.parent_sid
                                   : leg.carrier             ? sid("CA", *leg.carrier)
                                                             : std::string();
    return (to.empty() || address_text(leg.to) == to) && (from.empty() || address_text(leg.from) == from) &&
           (parent.empty() || parent_sid == parent) && (status.empty() || call_status(leg) == status) &&
           started.admits(leg.answered_at ? leg.answered_at : std::optional(leg.created)) &&
           ended.admits(leg.ended_at);
  }
};

ApiResult<CallFilter> read_filter(const ApiRequest& request) {
  CallFilter filter;
  filter.to = request.text("To");
  filter.from = request.text("From");
  filter.parent = request.text("ParentCallSid");
  const auto status = request.choice(
      "Status", {"queued", "ringing", "in-progress", "completed", "busy", "failed", "no-answer", "canceled"},
      "", 20001);
  if (!status) return tl::unexpected(status.error());
  filter.status = *status;
  auto started = read_times(request, "StartTime");
  if (!started) return tl::unexpected(started.error());
  auto ended = read_times(request, "EndTime");
  if (!ended) return tl::unexpected(ended.error());
  filter.started = *started;
  filter.ended = *ended;
  return filter;
}

}  // namespace

text::Json render_call(const ApiParts& parts, const ApiRequest& request, const call::Leg& leg,
                       const LegNotes& notes) {
  const std::string_view direction = direction_of(leg, notes);
  const std::string id = sid("CA", leg.id);
  const std::string uri = request.base + "/Calls/" + id;
  const std::string parent = !notes.parent_sid.empty() ? notes.parent_sid
                             : leg.carrier             ? sid("CA", *leg.carrier)
                                                       : std::string();
  const base::WallTime changed = leg.ended_at      ? *leg.ended_at
                                 : leg.answered_at ? *leg.answered_at
                                                   : leg.created;
  const auto optional = [](const std::string& text) {
    return text.empty() ? text::Json() : text::Json(text);
  };
  text::JsonObject links;
  for (const auto& [key, path] : std::initializer_list<std::pair<const char*, const char*>>{
           {"notifications", "Notifications"},
           {"recordings", "Recordings"},
           {"payments", "Payments"},
           {"events", "Events"},
           {"siprec", "Siprec"},
           {"streams", "Streams"},
           {"transcriptions", "Transcriptions"},
           {"user_defined_message_subscriptions", "UserDefinedMessageSubscriptions"},
           {"user_defined_messages", "UserDefinedMessages"}}) {
    links.add(key, uri + "/" + path + ".json");
  }
  text::JsonObject out;
  out.add("sid", id);
  out.add("date_created", rfc2822(leg.created));
  out.add("date_updated", rfc2822(changed));
  out.add("parent_call_sid", optional(parent));
  out.add("account_sid", request.account.settings.account_sid);
  out.add("to", address_text(leg.to));
  out.add("to_formatted", formatted(leg.to));
  out.add("from", address_text(leg.from));
  out.add("from_formatted", formatted(leg.from));
  out.add("phone_number_sid", owned_number(parts, leg, direction));
  out.add("status", call_status(leg));
  out.add("start_time", rfc2822(leg.answered_at));
  out.add("end_time", rfc2822(leg.ended_at));
  out.add("duration", leg.ended_at ? text::Json(std::to_string(duration_of(leg).count())) : text::Json());
  out.add("price", text::Json());
  out.add("price_unit", "USD");
  out.add("direction", direction);
  out.add("answered_by", optional(notes.answered_by));
  out.add("api_version", "2010-04-01");
  out.add("forwarded_from", optional(leg.forwarded_from));
  out.add("group_sid", text::Json());
  out.add("caller_name", optional(leg.from.display_name));
  out.add("queue_time", "0");
  out.add("trunk_sid", text::Json());
  out.add("uri", uri + ".json");
  out.add("subresource_uris", std::move(links));
  return text::Json(std::move(out));
}

ApiResult<call::RecordingSpec> read_recording(const ApiRequest& request, std::string_view source,
                                              std::string_view prefix) {
  const auto channels = request.choice("RecordingChannels", {"mono", "dual"}, "mono", 20001);
  if (!channels) return tl::unexpected(channels.error());
  const auto track = request.choice("RecordingTrack", {"both", "inbound", "outbound"}, "both", 20001);
  if (!track) return tl::unexpected(track.error());
  const auto trim = request.choice("Trim", {"trim-silence", "do-not-trim"}, "do-not-trim", 20001);
  if (!trim) return tl::unexpected(trim.error());
  const std::string name = std::string(prefix) + "RecordingStatusCallback";
  auto status = read_callback(request, name, name + "Method", name + "Event", {"completed"}, 21502);
  if (!status) return tl::unexpected(status.error());
  RecordingOwner owner;
  owner.source = source;
  owner.track = *track;
  owner.status = *status;
  call::RecordingSpec spec;
  const bool dual = *channels == "dual" && *track == "both";
  spec.policy = dual ? call::RecordingPolicy::SaidAndHeard : call::RecordingPolicy::Mixed;
  if (*track != "both") spec.policy = one_track(*track);
  spec.channels = dual ? 2 : 1;
  spec.trim_silence = *trim == "trim-silence";
  spec.owner = to_text(owner);
  return spec;
}

ApiResult<Outgoing> read_outgoing(const ApiParts& parts, const ApiRequest& request) {
  Outgoing outgoing;
  if (auto read = read_addresses(parts, request, outgoing); !read) return tl::unexpected(read.error());
  outgoing.leg.origin = {request.account.hex, {}, std::string(kDialect), {}};
  outgoing.leg.user = request.text("SipAuthUsername");
  outgoing.leg.password = request.text("SipAuthPassword");
  outgoing.leg.early_media = false;
  const auto timeout = request.whole("Timeout", 60, 1, 600, 21208);
  if (!timeout) return tl::unexpected(timeout.error());
  outgoing.leg.ring_timeout = std::chrono::seconds(*timeout);
  const auto limit = request.whole("TimeLimit", 0, 1, 86'400, 20001);
  if (!limit) return tl::unexpected(limit.error());
  outgoing.time_limit = *limit;
  auto status = read_callback(request, "StatusCallback", "StatusCallbackMethod", "StatusCallbackEvent",
                              {"completed"}, 21402);
  if (!status) return tl::unexpected(status.error());
  outgoing.status = *status;
  outgoing.send_digits = request.text("SendDigits");
  if (outgoing.send_digits.size() > 32 ||
      outgoing.send_digits.find_first_not_of("0123456789ABCD#*wW") != std::string::npos) {
    return refuse(400, 21206, "SendDigits: expected up to 32 of 0-9 A-D # * w W");
  }
  const auto if_machine = request.choice("IfMachine", {"Continue", "Hangup"}, "", 21207);
  if (!if_machine) return tl::unexpected(if_machine.error());
  if (auto read = read_machine(request, outgoing); !read) return tl::unexpected(read.error());
  const auto record = request.flag("Record", false);
  if (!record) return tl::unexpected(record.error());
  auto spec = read_recording(request, "OutboundAPI", "");
  if (!spec) return tl::unexpected(spec.error());
  if (*record) outgoing.recording = *spec;
  return outgoing;
}

ApiResult<call::LegId> dial(const ApiParts& parts, const ApiRequest&, Outgoing outgoing) {
  auto leg = parts.shared.services.switchboard.dial(outgoing.leg);
  if (!leg) return refuse(leg.error());
  LegNotes& notes = parts.shared.legs.open(*leg);
  notes.status = outgoing.status;
  notes.machine = outgoing.machine;
  notes.time_limit = std::chrono::seconds(outgoing.time_limit);
  notes.detection = outgoing.detection;
  notes.await_verdict = outgoing.await_verdict;
  parts.shared.legs.save(*leg);
  return *leg;
}

asio::awaitable<ApiResult<ApiReply>> create_call(ApiParts& parts, ApiRequest request) {
  auto outgoing = read_outgoing(parts, request);
  if (!outgoing) co_return tl::unexpected(outgoing.error());
  if (!is_inline_or_url(request)) co_return refuse(400, 21205, "Url parameter is required.");
  auto script = read_script(parts, request);
  if (!script) co_return tl::unexpected(script.error());
  if (!outgoing->status && script->status) outgoing->status = script->status;
  auto leg = dial(parts, request, *outgoing);
  if (!leg) co_return tl::unexpected(leg.error());
  LegNotes& notes = parts.shared.legs.open(*leg);
  notes.fallback = script->fallback;
  notes.application_sid = script->application_sid;
  parts.shared.legs.save(*leg);
  const call::Leg* made = parts.shared.services.switchboard.leg(*leg);
  text::Json shown = render_call(parts, request, *made, notes);
  parts.callbacks.on_initiated(*leg);
  if (auto running = start(parts, *leg, *outgoing, *script); !running) co_return refuse(running.error());
  co_return ApiReply{201, std::move(shown), {}};
}

asio::awaitable<ApiResult<ApiReply>> show_call(ApiParts& parts, ApiRequest request) {
  ApiResult<FoundLeg> found = co_await find_leg(parts, request, "Sid");
  if (!found) co_return tl::unexpected(found.error());
  co_return ApiReply{200, render_call(parts, request, found->leg, found->notes), {}};
}

asio::awaitable<ApiResult<ApiReply>> list_calls(ApiParts& parts, ApiRequest request) {
  const auto page = read_page(request);
  if (!page) co_return tl::unexpected(page.error());
  const auto filter = read_filter(request);
  if (!filter) co_return tl::unexpected(filter.error());
  const auto wanted = static_cast<size_t>((page->number + 1) * page->size + 1);
  std::vector<text::Json> items;
  for (uint64_t offset = 0; offset < kScanMax && items.size() < wanted; offset += kScanBatch) {
    store::LegQuery query;
    query.account = request.account.hex;
    query.offset = offset;
    query.count_max = kScanBatch;
    std::function<Result<std::vector<store::LegRecord>>(store::Connection&)> ask =
        [query](store::Connection& connection) { return store::find_legs(connection, query); };
    const Result<std::vector<store::LegRecord>> batch =
        co_await dialect::read<std::vector<store::LegRecord>>(parts.shared.services, std::move(ask));
    if (!batch) co_return refuse(batch.error());
    for (const store::LegRecord& record : *batch) {
      const call::Leg* live = parts.shared.services.switchboard.leg(record.leg.id);
      const call::Leg& leg = live == nullptr ? record.leg : *live;
      const LegNotes notes = LegBook::read(record.extra);
      if (filter->admits(leg, notes)) items.push_back(render_call(parts, request, leg, notes));
    }
    if (batch->size() < kScanBatch) break;
  }
  co_return paginate(request, "calls", std::move(items));
}

// Status wins over a document (twilio.md §10).
asio::awaitable<ApiResult<ApiReply>> update_call(ApiParts& parts, ApiRequest request) {
  ApiResult<FoundLeg> found = co_await find_leg(parts, request, "Sid");
  if (!found) co_return tl::unexpected(found.error());
  const call::LegId id = found->leg.id;
  const auto status = request.choice("Status", {"canceled", "completed"}, "", 20001);
  if (!status) co_return tl::unexpected(status.error());
  if (auto valid = check_methods(request, {"Method", "FallbackMethod", "StatusCallbackMethod"}); !valid) {
    co_return tl::unexpected(valid.error());
  }
  call::Switchboard& board = parts.shared.services.switchboard;
  const call::Leg* live = board.leg(id);
  const bool up = live != nullptr && live->live();
  if (!up) co_return refuse(400, 21220, "Call is not in-progress. Cannot redirect.");
  LegNotes& notes = parts.shared.legs.open(id);
  if (request.has("StatusCallback")) {
    auto callback =
        read_callback(request, "StatusCallback", "StatusCallbackMethod", {}, {"completed"}, 21402);
    if (!callback) co_return tl::unexpected(callback.error());
    notes.status = *callback;
    parts.shared.legs.save(id);
  }
  if (request.has("FallbackUrl")) {
    auto fallback = read_callback(request, "FallbackUrl", "FallbackMethod", {}, {}, 21402);
    if (!fallback) co_return tl::unexpected(fallback.error());
    notes.fallback = *fallback;
  }
  const auto limit = request.whole("TimeLimit", 0, 1, 86'400, 20001);
  if (!limit) co_return tl::unexpected(limit.error());
  if (*limit != 0) (void)board.set_time_limit(id, std::chrono::seconds(*limit));
  if (!status->empty()) {
    const bool hang_up = *status == "completed" || !live->answered();
    call::Leg after = *live;
    if (hang_up) {
      const auto cause = live->answered() ? call::EndCause::HungUp : call::EndCause::Cancelled;
      board.hang_up(id, {cause, call::EndedBy::Api, 0, {}});
      if (const auto ended = parts.shared.legs.leg(id)) after = *ended;
    }
    co_return ApiReply{200, render_call(parts, request, after, notes), {}};
  }
  if (!request.has("Url") && !request.has("Twiml")) {
    co_return ApiReply{200, render_call(parts, request, *live, notes), {}};
  }
  auto script = read_script(parts, request);
  if (!script) co_return tl::unexpected(script.error());
  Result<void> replaced;
  if (script->twiml.empty()) {
    replaced = parts.shared.services.flow.replace(id, link_to(parts, id, *script));
  } else {
    auto program = parts.documents.read_inline(*live, script->twiml);
    replaced = parts.shared.services.flow.replace(
        id, program == nullptr ? application_error(flow::Role::Main) : program);
  }
  if (!replaced) co_return refuse(400, 21220, "Call is not in-progress. Cannot redirect.");
  const auto after = parts.shared.legs.leg(id);
  co_return ApiReply{
      200, render_call(parts, request, after.value_or(found->leg), parts.shared.legs.open(id)), {}};
}

asio::awaitable<ApiResult<ApiReply>> erase_call(ApiParts& parts, ApiRequest request) {
  ApiResult<FoundLeg> found = co_await find_leg(parts, request, "Sid");
  if (!found) co_return tl::unexpected(found.error());
  if (found->leg.live()) co_return refuse(409, 20009, "Cannot delete a call before it is complete");
  const call::LegId id = found->leg.id;
  if (LegNotes* notes = parts.shared.legs.find(id)) notes->ended.reset();
  store::Store::Change change = [id](store::Connection& connection) {
    return store::erase_leg(connection, id);
  };
  const Result<void> erased = co_await dialect::write(parts.shared.services, std::move(change));
  if (!erased) co_return refuse(erased.error());
  co_return ApiReply{204, {}, {}};
}

asio::awaitable<ApiResult<ApiReply>> list_call_events(ApiParts& parts, ApiRequest request) {
  ApiResult<FoundLeg> found = co_await find_leg(parts, request, "CallSid");
  if (!found) co_return tl::unexpected(found.error());
  std::vector<text::Json> items;
  for (const LoggedRequest& each : parts.shared.requests.of(found->leg.id))
    items.push_back(render_event(each));
  co_return paginate(request, "events", std::move(items));
}

}  // namespace sotto::twilio
