// Commands to calls that are up.
#include <algorithm>

#include "admin/json.h"
#include "admin/resources.h"
#include "text/e164.h"
#include "text/json_text.h"

namespace sotto::admin {
namespace {

using text::Json;
using text::JsonArray;
using text::JsonObject;
using text::text_at;

// The live legs of a call, or the one leg, that the id names.
std::vector<call::LegId> live_legs(const call::Switchboard& switchboard, std::string_view id) {
  const auto leg = base::parse_id<call::LegId>(id);
  if (!leg) return {};
  if (const call::Leg* found = switchboard.leg(*leg); found != nullptr && found->live()) return {*leg};
  return switchboard.legs_of(call::CallId{leg->high, leg->low});
}

std::optional<hearing::SupervisionMode> mode_of(std::string_view word) {
  using hearing::SupervisionMode;
  static constexpr std::pair<std::string_view, SupervisionMode> kModes[] = {
      {"listen", SupervisionMode::Listen},
      {"whisper", SupervisionMode::Whisper},
      {"private", SupervisionMode::Private},
      {"barge", SupervisionMode::Barge},
  };
  for (const auto& [name, mode] : kModes) {
    if (name == word) return mode;
  }
  return std::nullopt;
}

// Who is to be rung: a phone by user or extension, else a number or a SIP URI.
base::Address supervisor_address(const directory::Snapshot& directory, const std::string& word) {
  using Kind = base::Address::Kind;
  if (directory.phone_by_user(word) != nullptr) return {Kind::User, word, {}};
  if (directory.phone_by_extension(word) != nullptr) return {Kind::Phone, word, {}};
  if (word.starts_with("sip:") || word.starts_with("sips:")) return {Kind::Sip, word, {}};
  return {Kind::Number, text::to_e164(word).value_or(word), {}};
}

// The one who supervises one of these legs already, at that address.
std::optional<call::LegId> supervisor_at(const call::Switchboard& switchboard, const base::Address& address,
                                         const std::vector<call::LegId>& legs) {
  for (const call::LegId id : switchboard.all_legs()) {
    const auto supervision = switchboard.supervision_of(id);
    if (!supervision || switchboard.leg(id)->to != address) continue;
    if (std::find(legs.begin(), legs.end(), supervision->target) != legs.end()) return id;
  }
  return std::nullopt;
}

// Of a call, the leg to coach: the agent who was dialled, else the caller.
call::LegId target_of(const call::Switchboard& switchboard, const std::vector<call::LegId>& legs) {
  for (const call::LegId id : legs) {
    const call::Leg* leg = switchboard.leg(id);
    if (leg != nullptr && leg->answered() && leg->direction == call::Direction::Outbound) return id;
  }
  return legs.front();
}

}  // namespace

Answer hang_up_call(Context context, http::Request request) {
  call::Switchboard& switchboard = context.services.switchboard;
  const std::vector<call::LegId> legs = live_legs(switchboard, request.parameter("id"));
  if (legs.empty()) co_return fail(ErrorCode::NotFound, "no call that is up has this id");
  JsonArray ended;
  for (const call::LegId leg : legs) {
    switchboard.hang_up(leg, {call::EndCause::HungUp, call::EndedBy::Api, 0, "hung up by the operator"});
    ended.emplace_back(base::to_hex(leg));
  }
  co_return json_reply(JsonObject{{"hung_up", ended}});
}

Answer supervise_call(Context context, http::Request request) {
  const auto body = body_of(request);
  if (!body) co_return fail(body.error());
  const auto mode = mode_of(text_at(*body, "mode"));
  if (!mode)
    co_return fail(ErrorCode::Invalid, "mode: allowed is \"listen\", \"whisper\", \"private\" or \"barge\"");
  const std::string supervisor = text_at(*body, "supervisor");
  if (supervisor.empty()) {
    co_return fail(ErrorCode::Invalid, "supervisor: missing; name a phone, a number or a SIP URI to ring");
  }
  call::Switchboard& switchboard = context.services.switchboard;
  const std::vector<call::LegId> legs = live_legs(switchboard, request.parameter("id"));
  if (legs.empty()) co_return fail(ErrorCode::NotFound, "no call that is up has this id");
  const base::Address address = supervisor_address(*context.services.directory.now(), supervisor);
  if (const auto there = supervisor_at(switchboard, address, legs)) {
    const call::LegId coached = switchboard.supervision_of(*there)->target;
    if (auto changed = switchboard.set_supervision_mode(*there, *mode); !changed)
      co_return fail(changed.error());
    co_return json_reply(
        JsonObject{{"leg", base::to_hex(*there)}, {"target", base::to_hex(coached)}, {"rings", false}});
  }
  const call::LegId target = target_of(switchboard, legs);
  const call::Leg* target_leg = switchboard.leg(target);

  call::NewLeg leg;
  leg.to = address;
  leg.from = target_leg->direction == call::Direction::Inbound ? target_leg->from : target_leg->to;
  leg.origin.account = target_leg->origin.account;
  const auto dialled = switchboard.dial(std::move(leg));
  if (!dialled) co_return fail(dialled.error());
  auto program = std::make_shared<flow::Program>();
  program->steps.push_back({flow::SuperviseStep{.target = target, .mode = *mode}, flow::Needs::Nothing});
  const auto running = context.services.flow.run(*dialled, std::move(program));
  if (!running) {
    switchboard.hang_up(*dialled,
                        {call::EndCause::ProgramFailed, call::EndedBy::Platform, 0, running.error().detail});
    co_return fail(running.error());
  }
  co_return json_reply(
      JsonObject{{"leg", base::to_hex(*dialled)}, {"target", base::to_hex(target)}, {"rings", true}}, 201);
}

}  // namespace sotto::admin
