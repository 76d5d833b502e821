#include "dialect/voipnow/extension_services.h"

#include "dialect/voipnow/extension_settings.h"
#include "dialect/voipnow/scope.h"
#include "directory/route.h"

namespace sotto::voipnow {
namespace {

using directory::Phone;

constexpr std::chrono::seconds kAgentRing{20};
constexpr std::chrono::seconds kForwardRing{60};
constexpr std::chrono::seconds kKeyTimeout{8};

flow::Ask ask_for(Parts& parts, call::LegId caller, flow::Asking when, FollowUps::Make make) {
  return {when, parts.follow_ups.add(caller, std::move(make)), false};
}

// By id: the extension may be gone or changed when it is needed again.
ProgramPtr again(Parts& parts, directory::PhoneId extension, call::LegId caller) {
  const Phone* phone = parts.directory().phone(extension);
  return phone == nullptr ? nullptr : service_program(parts, *phone, caller);
}

base::Address caller_of(const Parts& parts, call::LegId caller) {
  const call::Leg* leg = parts.services.switchboard.leg(caller);
  return leg == nullptr ? base::Address{} : leg->from;
}

base::Address to_number(const Parts& parts, const Phone& near, const std::string& number) {
  const Phone* phone = directory::phone_near(parts.directory(), near, number);
  if (phone != nullptr) return {base::Address::Kind::Phone, phone->extension, {}};
  return {base::Address::Kind::Number, parse_phone_number(number).value_or(number), {}};
}

bool is_busy(const Parts& parts, const std::string& extension) {
  for (const call::LegId id : parts.services.switchboard.all_legs()) {
    const call::Leg* leg = parts.services.switchboard.leg(id);
    if (leg != nullptr && leg->live() && leg->origin.extension == extension) return true;
  }
  return false;
}

// ---- queue: its agents ring together, again and again, and the caller hears music

flow::PlayStep one_music(const ExtensionSettings& settings) {
  flow::PlayStep play;
  play.prompt = hold_music(settings.music);
  play.prompt.loops = 1;
  return play;
}

ProgramPtr music_then_again(Parts& parts, const Phone& queue, call::LegId caller,
                            const ExtensionSettings& settings) {
  flow::AskStep next;
  next.ask =
      ask_for(parts, caller, flow::Asking::Always,
              [&parts, id = queue.id, caller](const flow::Outcome&) { return again(parts, id, caller); });
  return make_program({{one_music(settings)}, {next}});
}

ProgramPtr queue_program(Parts& parts, const Phone& queue, call::LegId caller,
                         const ExtensionSettings& settings) {
  DialOrder order;
  for (const QueueAgent& agent : parts.agents.agents(queue)) {
    const base::Address to = to_number(parts, queue, agent.number);
    if (agent.status != AgentStatus::Online || is_busy(parts, to.text)) continue;
    if (order.to.size() < base::limits::kDialDestinationsMax) order.to.push_back(to);
  }
  if (order.to.empty()) return music_then_again(parts, queue, caller, settings);
  order.from = caller_of(parts, caller);
  order.ring = kAgentRing;
  // After a round that failed, music first: agents who all decline at once must not be rung without a pause.
  order.ask = ask_for(parts, caller, flow::Asking::OnFailure,
                      [&parts, id = queue.id, caller](const flow::Outcome&) -> ProgramPtr {
                        const Phone* phone = parts.directory().phone(id);
                        const auto now = phone == nullptr ? Result<ExtensionSettings>(ExtensionSettings{})
                                                          : parse_extension_settings(*phone);
                        if (phone == nullptr || !now) return nullptr;
                        return music_then_again(parts, *phone, caller, *now);
                      });
  flow::DialStep dial = dial_step(order);
  dial.ringback.own = hold_music(settings.music);
  dial.ringback.far_end = false;
  return make_program({{dial}});
}

// ---- conference

ProgramPtr conference_program(const Parts& parts, const Phone& conference) {
  flow::JoinRoomStep join;
  join.room = conference_room(conference.extension, {});
  join.wait_max = parts.services.settings.room_wait_max;
  return make_program({{join}});
}

// ---- menu

ProgramPtr chosen(Parts& parts, directory::PhoneId id, call::LegId caller, const flow::Outcome& outcome) {
  const Phone* menu = parts.directory().phone(id);
  const auto settings =
      menu == nullptr ? Result<ExtensionSettings>(ExtensionSettings{}) : parse_extension_settings(*menu);
  const auto* gathered = std::get_if<flow::Gathered>(&outcome);
  if (menu == nullptr || !settings || gathered == nullptr || gathered->digits.empty()) return nullptr;
  const auto choice = settings->menu.find(gathered->digits);
  if (choice == settings->menu.end()) return service_program(parts, *menu, caller);
  DialOrder order;
  order.to = {to_number(parts, *menu, choice->second)};
  order.from = caller_of(parts, caller);
  order.ring = kForwardRing;
  return make_program({{dial_step(order)}});
}

ProgramPtr menu_program(Parts& parts, const Phone& menu, call::LegId caller,
                        const ExtensionSettings& settings) {
  flow::PlayStep greeting;
  if (settings.greeting.empty()) {
    call::Speech speech;
    speech.runs = {call::SpeechRun{"Please choose."}};
    greeting.prompt.playlist = {std::move(speech)};
  } else {
    greeting.prompt.playlist = {call::AudioFile{settings.greeting}};
  }
  flow::GatherStep gather;
  gather.prompts = {greeting};
  gather.digits_max = 1;
  gather.first_digit_timeout = kKeyTimeout;
  gather.ask = ask_for(parts, caller, flow::Asking::Always,
                       [&parts, id = menu.id, caller](const flow::Outcome& outcome) {
                         return chosen(parts, id, caller, outcome);
                       });
  return make_program({{gather}});
}

}  // namespace

ProgramPtr service_program(Parts& parts, const Phone& extension, call::LegId caller) {
  const auto settings = parse_extension_settings(extension);
  if (!settings) return nullptr;
  switch (extension.kind) {
    case directory::ExtensionKind::Queue: return queue_program(parts, extension, caller, *settings);
    case directory::ExtensionKind::Conference: return conference_program(parts, extension);
    case directory::ExtensionKind::Ivr: return menu_program(parts, extension, caller, *settings);
    case directory::ExtensionKind::PhoneTerminal: break;
  }
  return nullptr;
}

}  // namespace sotto::voipnow
