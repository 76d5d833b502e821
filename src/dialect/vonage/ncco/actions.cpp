#include <algorithm>
#include <array>

#include "dialect/vonage/ncco/action.h"
#include "dialect/vonage/ncco/ncco.h"

namespace sotto::vonage {
namespace {

// A level of 1 is this much louder, of -1 this much quieter.
constexpr double kLevelDb = 12;

}  // namespace

std::span<const Action> actions() {
  static const std::array<Action, 9> kActions = {kTalk,  kStream, kConnect, kConversation, kRecord,
                                                 kInput, kNotify, kWait,    kTransfer};
  return kActions;
}

const Action* find_action(std::string_view name) {
  const auto all = actions();
  const auto it =
      std::find_if(all.begin(), all.end(), [name](const Action& each) { return each.name == name; });
  return it == all.end() ? nullptr : &*it;
}

float gain_db(double level) {
  return static_cast<float>(level * kLevelDb);
}

call::PromptSpec looped_file(std::string url) {
  return call::PromptSpec{{call::AudioFile{std::move(url)}}, 0, 0.0F};
}

Result<std::shared_ptr<const flow::Program>> parse_ncco(const text::Json& document, Scope& scope,
                                                        flow::Role role) {
  const text::JsonField root(document);
  const auto list = root.array();
  if (!list) return fail(list.error());
  Build build{scope, {}, false};
  for (const text::JsonField& element : *list) {
    if (const auto object = element.object(); !object) return fail(object.error());
    const auto name = element["action"].text();
    if (!name) return fail(name.error());
    const Action* action = find_action(*name);
    if (action == nullptr)
      return element["action"].refuse(ErrorCode::Invalid, "\"" + *name + "\" is not an action");
    if (build.barge_in && *name != "talk" && *name != "stream" && *name != "input") {
      return element["action"].refuse(ErrorCode::Invalid,
                                      "after bargeIn only talk, stream and input may follow");
    }
    Options options(element);
    action->parse(options, build);
    if (options.error()) return fail(*options.error());
  }
  if (auto valid = flow::validate(build.program, role); !valid) return fail(valid.error());
  return std::make_shared<const flow::Program>(std::move(build.program));
}

}  // namespace sotto::vonage
