// PUT phoneCalls: the checks in their order, the action, and the kind of reply that the client is to get
// (decisions D3 and D5).
#include "dialect/voipnow/actions/action.h"

namespace sotto::voipnow {
namespace {

using text::Json;
using text::JsonArray;
using text::JsonObject;

constexpr int64_t kWaitMax_s = 300;

// Whisper's page misspells its code: it is answered to the letter, with the right word in the message.
tl::unexpected<ApiError> no_call(bool whisper) {
  if (!whisper) return refuse("pc_phonecall_invalid", "phoneCallId: no such call");
  return refuse("pc_honecall_invalid", "phoneCallId: no such call (pc_phonecall_invalid)");
}

// Prefer: wait=20 (RFC 7240).
std::optional<std::chrono::seconds> preferred_wait(const http::Request& request) {
  for (const std::string_view line : request.headers.all("Prefer")) {
    for (const std::string_view preference : http::split_list(line)) {
      if (!preference.starts_with("wait=")) continue;
      const auto wait = read_number(preference.substr(5));
      if (wait && *wait > 0) return std::chrono::seconds(std::min(*wait, kWaitMax_s));
    }
  }
  return std::nullopt;
}

struct Begun {
  Place place;
  Performed performed;
};

Checked<Begun> begin(const Ask& ask) {
  auto place = read_place(ask);
  if (!place) return tl::unexpected(place.error());
  const auto body = text::parse_json(ask.request.body);
  const JsonObject* object = body ? body->object() : nullptr;
  const Json* said = object == nullptr ? nullptr : object->find("action");
  const std::string name = said == nullptr || said->text() == nullptr ? std::string() : *said->text();
  const bool is_whisper = name == "Whisper";
  const ActionRow* row = find_action(name);

  const std::string* id = text::find_parameter(ask.request.parameters, "call");
  PhoneCall* call = nullptr;
  if (id != nullptr) {
    call = is_object_id(*id) ? ask.parts.book.find(*id) : nullptr;
    if (call == nullptr || !concerns(ask, *place, *call)) return no_call(is_whisper);
  } else if (row != nullptr && !row->for_all_calls) {
    return no_call(is_whisper);
  }
  if (object == nullptr) {
    return refuse("request_invalid",
                  "body: " + (body ? std::string("an object is wanted") : body.error().detail));
  }
  if (row == nullptr) return refuse("pc_action_invalid", "action: \"" + name + "\" is no action");
  Action action{ask, *place, *object, row->name, call, {}};
  action.calls = call != nullptr ? std::vector<PhoneCall*>{call} : calls_at(ask, *place);
  auto performed = row->perform(action);
  if (!performed) return tl::unexpected(performed.error());
  return Begun{std::move(*place), std::move(*performed)};
}

// What is left of the calls by now, whole or in short.
http::Response render(const Ask& ask, const Begun& begun, int status, bool whole) {
  const Renderer renderer = renderer_for(ask, begun.place);
  JsonArray calls;
  for (const call::CallId id : begun.performed.calls) {
    const PhoneCall* call = ask.parts.book.find(id);
    if (call == nullptr) continue;
    calls.push_back(whole ? renderer.phone_call(*call) : renderer.short_phone_call(*call));
  }
  if (calls.empty()) return http::Response::empty(204);
  if (begun.performed.as_array) return json_reply(status, std::move(calls));
  return json_reply(status, calls.front());
}

// Holds the reply until it is known what came of every phone that rings; at most `limit`.
asio::awaitable<RingOutcome> outcome_of(Parts& parts, std::vector<RingResult> rings,
                                        std::optional<std::chrono::seconds> limit) {
  uint64_t alarm = 0;
  if (limit) {
    alarm = parts.alarms.start(*limit, [rings] {
      for (const RingResult& ring : rings) ring->set(RingOutcome::StillRinging);
    });
  }
  RingOutcome outcome = RingOutcome::NotJoined;
  for (const RingResult& ring : rings) {
    const RingOutcome one = co_await ring->wait();
    if (one == RingOutcome::Joined || outcome == RingOutcome::NotJoined) outcome = one;
  }
  parts.alarms.stop(alarm);
  co_return outcome;
}

}  // namespace

asio::awaitable<Reply> put_phone_call(Ask ask) {
  const Checked<Begun> begun = begin(ask);
  if (!begun) co_return tl::unexpected(begun.error());
  if (begun->performed.rings.empty()) co_return render(ask, *begun, 200, true);
  const ActionReply reply = ask.scope.settings().action_reply;
  const auto preferred = preferred_wait(ask.request);
  if (reply != ActionReply::Joined && !preferred) {
    co_return render(ask, *begun, reply == ActionReply::Ok ? 200 : 202, false);
  }
  std::vector<RingResult> rings = begun->performed.rings;
  const RingOutcome outcome = co_await outcome_of(ask.parts, std::move(rings), preferred);
  if (outcome == RingOutcome::Joined) co_return render(ask, *begun, 200, true);
  if (outcome == RingOutcome::StillRinging) co_return render(ask, *begun, 202, false);
  co_return http::Response::empty(204);
}

}  // namespace sotto::voipnow
