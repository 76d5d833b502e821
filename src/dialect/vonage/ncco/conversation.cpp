#include "dialect/vonage/ncco/action.h"
#include "dialect/vonage/ncco/recording.h"

namespace sotto::vonage {
namespace {

constexpr size_t kMembersMax = 50;  // vonage.md §4.5

void parse(Options& options, Build& build) {
  flow::JoinRoomStep step;
  const std::string name = options.required_text("name");
  if (name.empty()) options.refuse("name", "is required");
  step.room = build.scope.application() + ":" + name;
  step.start_on_enter = options.boolean("startOnEnter", true);
  step.end_on_exit = options.boolean("endOnExit", false);
  step.muted = options.boolean("mute", false);
  step.can_speak = options.legs("canSpeak");
  step.can_hear = options.legs("canHear");
  if (step.muted && step.can_speak) options.refuse("mute", "cannot be used with canSpeak");
  const std::string music = options.url("musicOnHoldUrl");
  if (!music.empty()) step.wait = looped_file(music);
  const bool record = options.boolean("record", false);
  call::RecordingSpec recording = read_recording(options, build.scope);
  if (record) step.recording = std::move(recording);
  step.legs_max = kMembersMax;
  step.wait_max = build.scope.room_wait_max();
  build.add(std::move(step));
}

constexpr Option kOptions[] = {
    {"name"},         {"musicOnHoldUrl"},
    {"startOnEnter"}, {"endOnExit"},
    {"record"},       {"eventUrl"},
    {"eventMethod"},  {"canSpeak"},
    {"canHear"},      {"mute"},
    {"format"},       {"split"},
    {"channels"},     {"transcription", Honoured::No, "recordings are not transcribed"}};

void parse_transfer(Options& options, Build& build) {
  const char* key = options.has("conversationId") ? "conversationId" : "conversation_id";
  const std::string conversation = options.required_text(key);
  const auto room = build.scope.room_of(conversation);
  if (!room) options.refuse(key, "is no named conversation that is there now");
  flow::JoinRoomStep step;
  step.room = room.value_or(std::string());
  step.can_speak = options.legs("canSpeak");
  step.can_hear = options.legs("canHear");
  step.muted = options.boolean("mute", false);
  step.legs_max = kMembersMax;
  step.wait_max = build.scope.room_wait_max();
  build.add(std::move(step));
}

constexpr Option kTransferOptions[] = {
    {"conversationId", Honoured::Nearly, "a named conversation that is there already"},
    {"conversation_id", Honoured::Nearly, "a named conversation that is there already"},
    {"canSpeak"},
    {"canHear"},
    {"mute"}};

}  // namespace

const Action kConversation{"conversation", parse, kOptions};
const Action kTransfer{"transfer", parse_transfer, kTransferOptions};

}  // namespace sotto::vonage
