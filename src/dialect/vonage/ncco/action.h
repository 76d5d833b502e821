#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "dialect/vonage/ncco/options.h"
#include "dialect/vonage/ncco/scope.h"
#include "flow/program.h"

namespace sotto::vonage {

// What an NCCO has become so far.
struct Build {
  Scope& scope;
  flow::Program program;
  bool barge_in = false;  // keys stop what plays, until an input

  void add(flow::StepSpec spec) { program.steps.push_back({std::move(spec), flow::Needs::Answering}); }
};

enum class Honoured : uint8_t { Yes, Nearly, No };

struct Option {
  std::string_view name;
  Honoured honoured = Honoured::Yes;
  std::string_view note;  // what differs
};

struct Action {
  std::string_view name;
  void (*parse)(Options& options, Build& build);
  std::span<const Option> options;
};

std::span<const Action> actions();
const Action* find_action(std::string_view name);

// One for each file beside this one.
extern const Action kConnect;
extern const Action kConversation;
extern const Action kInput;
extern const Action kNotify;
extern const Action kRecord;
extern const Action kStream;
extern const Action kTalk;
extern const Action kTransfer;
extern const Action kWait;

// Shared by several actions.
float gain_db(double level);
call::PromptSpec looped_file(std::string url);

}  // namespace sotto::vonage
