#include "campaign/program.h"

#include "base/check.h"
#include "campaign/whisper_text.h"

namespace sotto::campaign {
namespace {

constexpr std::chrono::seconds kBetweenWhispers{2};

call::PromptSpec spoken(const Campaign& campaign, std::vector<call::SpeechRun> runs) {
  call::Speech speech;
  speech.runs = std::move(runs);
  speech.language = campaign.language;
  speech.voice = campaign.voice;
  call::PromptSpec spec;
  spec.playlist.emplace_back(std::move(speech));
  return spec;
}

call::PromptSpec spoken(const Campaign& campaign, const std::string& text) {
  call::SpeechRun run;
  run.text = text;
  return spoken(campaign, std::vector<call::SpeechRun>{std::move(run)});
}

flow::Step say(const Campaign& campaign, const std::string& text) {
  flow::PlayStep play;
  play.prompt = spoken(campaign, text);
  return flow::Step{std::move(play)};
}

call::PromptSpec heard_meanwhile(const Campaign& campaign) {
  call::PromptSpec spec;
  spec.loops = 0;
  if (campaign.hold_music.empty()) {
    spec.playlist.emplace_back(call::Tone{});
  } else {
    call::AudioFile music;
    music.url = campaign.hold_music;
    spec.playlist.emplace_back(std::move(music));
  }
  return spec;
}

std::vector<TextPart> whisper_parts(const Campaign& campaign) {
  auto parts = parse_template("whisper", campaign.whisper);
  CHECK(parts.has_value());
  return std::move(*parts);
}

// What a program that only knows the campaign cannot do: the time waited is known when the agent answers.
flow::Screening screening(const Campaign& campaign, const call::Leg& caller, const Later& later) {
  flow::Screening screening;
  if (uses(whisper_parts(campaign), Placeholder::Wait)) {
    screening.program = later.whisper;
  } else {
    screening.program = std::make_shared<const flow::Program>(
        whisper_program(campaign, caller.from, std::chrono::seconds(0)));
  }
  screening.accept = campaign.accept_key.empty() ? flow::Accept::AnyAnswer : flow::Accept::Key;
  screening.accept_keys = campaign.accept_key;
  screening.silence_accepts = campaign.accept_key.empty();
  return screening;
}

flow::DialRecording recording(const Campaign& campaign) {
  flow::DialRecording recording;
  recording.spec.policy = call::RecordingPolicy::CallerCallee;
  recording.spec.channels = 2;
  recording.spec.owner = std::string(kDialect) + ":" + campaign.name;
  return recording;
}

flow::DialStep dial(const Campaign& campaign, const call::Leg& caller, const Later& later) {
  flow::DialStep dial;
  for (const base::Address& agent : campaign.agents) {
    flow::Destination destination;
    destination.to = agent;
    destination.tag = agent_tag(agent);
    destination.screening = screening(campaign, caller, later);
    if (!campaign.caller_gone_notice.empty()) {
      const auto notice = spoken(campaign, campaign.caller_gone_notice);
      destination.caller_gone_notice = std::get<call::Speech>(notice.playlist.front());
    }
    dial.destinations.push_back(std::move(destination));
  }
  dial.order = campaign.order == AgentOrder::Together ? flow::Order::Together : flow::Order::InTurn;
  dial.from = campaign.caller_id == CallerId::Caller ? caller.from : caller.to;
  dial.ring_timeout = campaign.ring_timeout;
  dial.ringback.own = heard_meanwhile(campaign);
  dial.end_caller_with_callee = true;
  if (campaign.recording == Recording::On) dial.recording = recording(campaign);
  if (!campaign.missed_message.empty()) dial.ask = {flow::Asking::OnFailure, later.missed, false};
  dial.tag = campaign.name;
  return dial;
}

flow::Program closed_program(const Campaign& campaign) {
  flow::Program program;
  if (campaign.closed_message.empty()) {
    program.steps.push_back(flow::Step{flow::RejectStep{}, flow::Needs::Nothing});
  } else {
    program.steps.push_back(say(campaign, campaign.closed_message));
  }
  return program;
}

}  // namespace

std::string agent_tag(const base::Address& agent) {
  return agent.text;
}

flow::Program inbound_program(const Campaign& campaign, const call::Leg& caller, Open open,
                              const Later& later) {
  if (open == Open::No) return closed_program(campaign);
  flow::Program program;
  flow::DialStep ring_agents = dial(campaign, caller, later);
  // A caller who is to hear nothing but ringing need not pay for it.
  const bool late = campaign.greeting.empty() && campaign.hold_music.empty();
  if (!campaign.greeting.empty()) program.steps.push_back(say(campaign, campaign.greeting));
  flow::Step step{std::move(ring_agents)};
  if (late) step.needs = flow::Needs::Ringing;
  program.steps.push_back(std::move(step));
  return program;
}

flow::Program whisper_program(const Campaign& campaign, const base::Address& caller,
                              std::chrono::seconds waited) {
  WhisperFacts facts;
  facts.topic = campaign.topic;
  if (caller.kind == base::Address::Kind::Number) facts.caller = caller.text;
  facts.caller_absent = campaign.withheld_caller;
  facts.campaign = campaign.name;
  facts.key = campaign.accept_key.substr(0, 1);
  facts.waited = waited;

  flow::PlayStep whisper;
  whisper.prompt = spoken(campaign, fill(whisper_parts(campaign), facts));
  flow::Program program;
  if (campaign.accept_key.empty()) {
    program.steps.push_back(flow::Step{std::move(whisper)});
    return program;
  }
  flow::GatherStep gather;
  for (int time = 0; time < campaign.whisper_times; ++time) {
    if (time > 0) gather.prompts.emplace_back(flow::PauseStep{kBetweenWhispers});
    gather.prompts.emplace_back(whisper);
  }
  gather.first_digit_timeout = campaign.accept_timeout;
  gather.barge_in = false;  // a wrong key does not silence it, the right one ends it
  gather.finish_keys = campaign.accept_key;
  program.steps.push_back(flow::Step{std::move(gather)});
  return program;
}

flow::Program missed_program(const Campaign& campaign) {
  flow::Program program;
  program.steps.push_back(say(campaign, campaign.missed_message));
  return program;
}

}  // namespace sotto::campaign
