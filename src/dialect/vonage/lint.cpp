#include "dialect/vonage/lint.h"

#include <algorithm>

#include "dialect/vonage/ncco/action.h"
#include "dialect/vonage/ncco/ncco.h"

namespace sotto::vonage {
namespace {

using text::Json;
using text::JsonField;
using Level = Remark::Level;

constexpr std::string_view kBooleans[] = {"bargeIn", "startOnEnter", "endOnExit", "record",
                                          "mute",    "beepStart",    "premium",   "randomFromNumber"};
constexpr std::string_view kNumbers[] = {"loop",    "level",     "style",        "timeout", "limit",
                                         "timeOut", "maxDigits", "endOnSilence", "channels"};
constexpr size_t kSpokenMax = 1500;

template <size_t N>
bool is_among(const std::string_view (&names)[N], std::string_view name) {
  return std::find(std::begin(names), std::end(names), name) != std::end(names);
}

class Linter {
 public:
  std::vector<Remark> run(const Json& ncco) && {
    EmptyScope scope;
    const auto program = parse_ncco(ncco, scope, flow::Role::Main);
    if (!program) refuse(program.error());
    const std::vector<JsonField> actions = JsonField(ncco).elements();
    for (size_t i = 0; i < actions.size(); ++i) look_at(actions[i], i + 1 == actions.size());
    if (program && actions.empty())
      add(Level::Warning, "document", "the call ends at once: there is no action");
    return std::move(remarks_);
  }

 private:
  void add(Level level, std::string place, std::string text) {
    remarks_.push_back({level, std::move(place), std::move(text)});
  }

  void refuse(const Error& error) {
    const size_t colon = error.detail.find(": ");
    if (colon == std::string::npos) return add(Level::Error, "document", error.detail);
    add(Level::Error, error.detail.substr(0, colon), error.detail.substr(colon + 2));
  }

  void look_at(const JsonField& field, bool last) {
    const auto name = field["action"].text();
    const Action* action = name ? find_action(*name) : nullptr;
    if (action == nullptr || field.value().object() == nullptr) return;
    if (!ends_here_.empty()) {
      add(Level::Warning, field.path(), "is never reached: " + ends_here_);
      ends_here_.clear();
    }
    for (const text::JsonMember& option : field.value().object()->members()) {
      if (option.key != "action") look_at_option(*action, field[option.key], option);
    }
    if (*name == "conversation") look_at_conversation(field);
    if (*name == "talk" || *name == "stream") look_at_playing(field, last);
    if (*name == "connect" && field["from"].null_or_absent()) {
      add(Level::Note, field.path(), "the callee is shown no number: there is no from");
    }
  }

  void look_at_option(const Action& action, const JsonField& field, const text::JsonMember& option) {
    const auto known = std::find_if(action.options.begin(), action.options.end(),
                                    [&](const Option& each) { return each.name == option.key; });
    if (known == action.options.end())
      return add(Level::Warning, field.path(), "is ignored: there is no such option");
    if (known->honoured == Honoured::No)
      add(Level::Warning, field.path(), "is ignored: " + std::string(known->note));
    if (known->honoured == Honoured::Nearly && !known->note.empty()) {
      add(Level::Note, field.path(), "is honoured nearly: " + std::string(known->note));
    }
    const bool text = option.value.text() != nullptr;
    if (text && is_among(kBooleans, option.key))
      add(Level::Note, field.path(), "is a string, and taken as a boolean");
    if (text && is_among(kNumbers, option.key))
      add(Level::Note, field.path(), "is a string, and taken as a number");
  }

  void look_at_conversation(const JsonField& field) {
    ends_here_ = "the conversation before it lasts until the leg is hung up or transferred";
    const bool waits = !field["startOnEnter"].lenient_boolean().value_or(true);
    if (waits) {
      add(Level::Warning, field.path(),
          "the caller may wait for ever: the conversation starts when somebody enters without startOnEnter "
          "false");
    }
    if (!field["endOnExit"].lenient_boolean().value_or(false)) {
      add(Level::Warning, field.path(),
          "a party may be left alone in the room: nobody's leaving ends it without endOnExit");
    }
  }

  void look_at_playing(const JsonField& field, bool last) {
    const bool endless = field["loop"].lenient_integer().value_or(1) == 0;
    const bool stoppable = field["bargeIn"].lenient_boolean().value_or(false);
    if (endless && !stoppable) {
      add(Level::Warning, field.path(), "plays until the call is hung up or transferred: loop is 0");
      ends_here_ = "what plays before it has no end";
    }
    if (stoppable && last) add(Level::Warning, field["bargeIn"].path(), "stops nothing: no input follows");
    const auto text = field["text"].text();
    if (text && text->size() > kSpokenMax)
      add(Level::Note, field["text"].path(), "is longer than the service allows");
  }

  std::vector<Remark> remarks_;
  std::string ends_here_;  // why what follows is not reached
};

}  // namespace

std::vector<Remark> lint_ncco(const Json& ncco) {
  return Linter().run(ncco);
}

}  // namespace sotto::vonage
