// What is done to a call that is up: PUT /v1/calls/{uuid} and what plays in it.
#include "dialect/vonage/api/auth.h"
#include "dialect/vonage/api/errors.h"
#include "dialect/vonage/api/legs.h"
#include "dialect/vonage/ids.h"
#include "dialect/vonage/ncco/action.h"
#include "dialect/vonage/ncco/ncco.h"
#include "dialect/vonage/ncco/speech.h"

namespace sotto::vonage {
namespace {

using text::Json;
using text::JsonField;
using text::JsonObject;

constexpr size_t kSpokenMax = 1500;  // characters, without markup

http::Response done(const call::Leg& leg, std::string_view message) {
  const JsonObject body{{"message", message}, {"uuid", leg_text(leg.id, leg.direction)}};
  return json_reply(200, Json(body));
}

http::Response no_content_or(const Result<void>& result) {
  if (!result) return voice_error(400, result.error().detail);
  return http::Response::empty(204);
}

// Nothing to play to, or to silence.
http::Response not_up() {
  return voice_error(400, "The call is not answered.");
}

http::Response hang_up(ApiContext& context, const call::Leg& leg) {
  const auto cause = leg.answered() ? call::EndCause::HungUp : call::EndCause::Cancelled;
  context.services.switchboard.hang_up(leg.id, {cause, call::EndedBy::Api, 0, {}});
  return http::Response::empty(204);
}

// The leg's old conversation ends for it with what runs, so the new one begins in the same step.
http::Response transfer_inline(ApiContext& context, call::LegId leg, const Json& ncco) {
  const auto program = context.documents.parse(leg, ncco, flow::Role::Main);
  if (!program) return voice_invalid(inside("destination.ncco", program.error()));
  const call::Switchboard::Batch batch(context.services.switchboard);
  if (const auto replaced = context.services.flow.replace(leg, *program); !replaced) {
    return voice_error(400, replaced.error().detail);
  }
  context.documents.move_conversation(leg, conversation_text(ConversationId::make(context.services.random)));
  return http::Response::empty(204);
}

http::Response transfer(ApiContext& context, const call::Leg& leg, const Json& body) {
  if (!leg.answered() && leg.direction == call::Direction::Outbound) return not_up();
  Options options{JsonField(body)};
  Options destination = options.inner("destination");
  if (!options.has("destination")) return voice_invalid("destination", "Is required.");
  if (options.error()) return voice_invalid(*options.error());
  (void)destination.word("type", "ncco", {"ncco"});
  if (destination.error()) return voice_invalid(*destination.error());
  if (!context.states.contains(leg.id)) {
    CallState state = state_of_stored(leg, "{}");
    context.states.emplace(leg.id, std::move(state));
  }
  if (destination.has("ncco")) return transfer_inline(context, leg.id, destination.field("ncco").value());
  const std::string url = destination.required_url("url");
  if (destination.error()) return voice_invalid(*destination.error());
  const AnswerDocument document{{url, http::Method::Get}, {}, false};
  return no_content_or(context.services.flow.replace(leg.id, context.documents.keep(leg.id, document)));
}

http::Response act(ApiContext& context, const call::Leg& leg, const Json& body) {
  const auto action = JsonField(body)["action"].text();
  if (!action) return voice_invalid(action.error());
  call::Switchboard& board = context.services.switchboard;
  if (*action == "hangup") return hang_up(context, leg);
  if (*action == "transfer") return transfer(context, leg, body);
  const bool known =
      *action == "mute" || *action == "unmute" || *action == "earmuff" || *action == "unearmuff";
  if (!known) {
    return voice_invalid("action", "must be one of: transfer, hangup, mute, unmute, earmuff, unearmuff");
  }
  if (!leg.answered()) return not_up();
  if (*action == "mute" || *action == "unmute") return no_content_or(board.mute(leg.id, *action == "mute"));
  return no_content_or(board.earmuff(leg.id, *action == "earmuff"));
}

Result<call::PromptSpec> read_talk(const Json& body) {
  Options options{JsonField(body)};
  call::PromptSpec prompt = read_speech(options, "voice_name");
  const auto& speech = std::get<call::Speech>(prompt.playlist[0]);
  size_t characters = 0;
  for (const call::SpeechRun& run : speech.runs) characters += run.text.size();
  if (characters > kSpokenMax) options.refuse("text", "must not be longer than 1500 characters");
  if (options.error()) return fail(*options.error());
  return prompt;
}

Result<call::PromptSpec> read_stream(const Json& body) {
  Options options{JsonField(body)};
  call::PromptSpec prompt;
  prompt.playlist = {call::AudioFile{options.required_url("stream_url")}};
  read_playing(options, prompt);
  if (options.error()) return fail(*options.error());
  return prompt;
}

ApiReply play(ApiContext& context, Caller caller, http::Request request,
              Result<call::PromptSpec> (*read)(const Json& body), std::string_view message) {
  std::string uuid(request.parameter("uuid"));
  Result<call::LegId> id = co_await live_leg(context, caller, std::move(uuid));
  if (!id) co_return no_such_leg(id.error());
  const auto body = json_body(request);
  if (!body) co_return voice_error(400, body.error().detail);
  auto prompt = read(*body);
  if (!prompt) co_return voice_invalid(prompt.error());
  const call::Leg* leg = context.services.switchboard.leg(*id);
  if (leg == nullptr || !leg->answered()) co_return not_up();
  if (const auto played = context.services.flow.overlay(*id, std::move(*prompt)); !played) {
    co_return voice_error(400, played.error().detail);
  }
  co_return done(*leg, message);
}

ApiReply stop(ApiContext& context, Caller caller, http::Request request, std::string_view message) {
  std::string uuid(request.parameter("uuid"));
  Result<call::LegId> id = co_await live_leg(context, caller, std::move(uuid));
  if (!id) co_return no_such_leg(id.error());
  const call::Leg* leg = context.services.switchboard.leg(*id);
  if (leg == nullptr || !leg->answered()) co_return not_up();
  (void)context.services.flow.stop_overlay(*id);
  co_return done(*leg, message);
}

}  // namespace

ApiReply modify_call(ApiContext& context, Caller caller, http::Request request) {
  std::string uuid(request.parameter("uuid"));
  Result<call::LegId> id = co_await live_leg(context, caller, std::move(uuid));
  if (!id) co_return no_such_leg(id.error());
  const auto body = json_body(request);
  if (!body) co_return voice_error(400, body.error().detail);
  co_return act(context, *context.services.switchboard.leg(*id), *body);
}

ApiReply start_stream(ApiContext& context, Caller caller, http::Request request) {
  return play(context, caller, std::move(request), read_stream, "Stream started");
}

ApiReply stop_stream(ApiContext& context, Caller caller, http::Request request) {
  return stop(context, caller, std::move(request), "Stream stopped");
}

ApiReply start_talk(ApiContext& context, Caller caller, http::Request request) {
  return play(context, caller, std::move(request), read_talk, "Talk started");
}

ApiReply stop_talk(ApiContext& context, Caller caller, http::Request request) {
  return stop(context, caller, std::move(request), "Talk stopped");
}

ApiReply send_dtmf(ApiContext& context, Caller caller, http::Request request) {
  std::string uuid(request.parameter("uuid"));
  Result<call::LegId> id = co_await live_leg(context, caller, std::move(uuid));
  if (!id) co_return no_such_leg(id.error());
  const auto body = json_body(request);
  if (!body) co_return voice_error(400, body.error().detail);
  const auto digits = JsonField(*body)["digits"].lenient_text();
  if (!digits || digits->empty()) co_return voice_invalid("digits", "Is required.");
  if (digits->find_first_not_of("0123456789*#p") != std::string::npos) {
    co_return voice_invalid("digits", "may hold the characters 0-9, *, # and p");
  }
  const call::Leg* leg = context.services.switchboard.leg(*id);
  if (leg == nullptr || !leg->answered()) co_return not_up();
  if (const auto sent = context.services.switchboard.send_digits(*id, *digits); !sent) {
    co_return voice_error(400, sent.error().detail);
  }
  co_return done(*leg, "DTMF sent");
}

ApiReply subscribe_dtmf(ApiContext& context, Caller caller, http::Request request) {
  std::string uuid(request.parameter("uuid"));
  Result<call::LegId> id = co_await live_leg(context, caller, std::move(uuid));
  if (!id) co_return no_such_leg(id.error());
  const auto body = json_body(request);
  if (!body) co_return voice_error(400, body.error().detail);
  Options options{JsonField(*body)};
  const std::string url = options.required_url("event_url");
  if (options.error()) co_return voice_invalid(*options.error());
  const auto state = context.states.find(*id);
  // There must be an asynchronous input to take over from (vonage.md §2.7).
  if (state == context.states.end() || !state->second.digits) {
    co_return voice_error(400, "The call has no asynchronous input.");
  }
  state->second.digits = Hook{url, http::Method::Post};
  co_return http::Response::empty(200);
}

ApiReply unsubscribe_dtmf(ApiContext& context, Caller caller, http::Request request) {
  std::string uuid(request.parameter("uuid"));
  Result<call::LegId> id = co_await live_leg(context, caller, std::move(uuid));
  if (!id) co_return no_such_leg(id.error());
  const auto state = context.states.find(*id);
  if (state != context.states.end() && state->second.digits) state->second.digits = Hook{};
  co_return http::Response::empty(200);
}

}  // namespace sotto::vonage
