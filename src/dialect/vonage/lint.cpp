#include "dialect/vonage/lint.h"

#include <algorithm>
#include <array>

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

// What stands inside an option, and where there is a range that the service allows.
struct Inside {
  std::string_view option;
  std::array<std::string_view, 13> names;
};
constexpr Inside kInside[] = {
    {"dtmf", {"timeOut", "maxDigits", "submitOnHash"}},
    {"speech",
     {"uuid", "endOnSilence", "language", "context", "startTimeout", "maxDuration", "saveAudio",
      "sensitivity"}},
    {"onAnswer", {"url", "ringbackTone", "ringback"}},
    {"endpoint",
     {"type", "number", "dtmfAnswer", "onAnswer", "shaken", "uri", "headers", "standard_headers",
      "content-type", "contentType", "authorization", "user", "extension"}},
    {"advancedMachineDetection", {"behavior", "mode", "beep_timeout"}},
    {"advanced_machine_detection", {"behavior", "mode", "beep_timeout"}}};

struct Bounds {
  std::string_view place;  // "action.option"
  double min;
  double max;
};
constexpr Bounds kBounds[] = {{"talk.level", -1, 1},           {"stream.level", -1, 1},
                              {"connect.timeout", 1, 7200},    {"connect.limit", 1, 7200},
                              {"record.endOnSilence", 3, 10},  {"record.timeOut", 3, 7200},
                              {"record.channels", 1, 32},      {"dtmf.timeOut", 0, 10},
                              {"dtmf.maxDigits", 1, 22},       {"speech.endOnSilence", 0.4, 10},
                              {"speech.startTimeout", 1, 60},  {"speech.maxDuration", 1, 60},
                              {"speech.sensitivity", 10, 100}, {"wait.timeout", 0.1, 7200}};

template <size_t N>
bool is_among(const std::string_view (&names)[N], std::string_view name) {
  return std::find(std::begin(names), std::end(names), name) != std::end(names);
}

class Linter {
 public:
  std::vector<Remark> run(const Json& ncco) && {
    EmptyScope scope;
    const auto program = parse_ncco(ncco, scope, flow::Role::Main);
    const std::vector<JsonField> actions = JsonField(ncco).elements();
    if (!program) refuse(program.error());
    for (size_t i = 0; i < actions.size(); ++i) {
      if (!program) refuse_alone(actions[i], scope);
      look_at(actions[i], i + 1 == actions.size());
    }
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

  // The document's error is its first: those of the other actions by themselves.
  void refuse_alone(const JsonField& action, Scope& scope) {
    const auto program = parse_ncco(Json(text::JsonArray{action.value()}), scope, flow::Role::Main);
    if (program || !program.error().detail.starts_with("[0]")) return;
    const Error there{program.error().code, action.path() + program.error().detail.substr(3)};
    const bool told = std::any_of(remarks_.begin(), remarks_.end(), [&](const Remark& each) {
      return each.place + ": " + each.text == there.detail;
    });
    if (!told) refuse(there);
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
    if (*name == "connect") look_at_connect(field, last);
    if (*name == "record") look_at_record(field, last);
    if (*name == "input") look_at_input(field, last);
    if (*name == "transfer") ends_here_ = "the transfer before it hands the leg over";
  }

  void look_at_connect(const JsonField& field, bool last) {
    const bool random = field["randomFromNumber"].lenient_boolean().value_or(false);
    if (field["from"].null_or_absent() && !random)
      add(Level::Note, field.path(), "the callee is shown no number: there is no from");
    if (field["endpoint"].one_or_more().size() > 1)
      add(Level::Warning, field["endpoint"].path(), "is followed for its first entry alone");
    if (!last)
      add(Level::Note, field.path(), "what follows runs when nobody answers, and when the callee hangs up");
  }

  void look_at_record(const JsonField& field, bool last) {
    const bool ends = !field["endOnSilence"].null_or_absent() || !field["endOnKey"].null_or_absent() ||
                      !field["timeOut"].null_or_absent();
    if (!ends && last)
      add(Level::Warning, field.path(), "records nothing: the call ends, since no action follows");
    if (field["split"].null_or_absent() && !field["channels"].null_or_absent())
      add(Level::Warning, field["channels"].path(), "is ignored: channels needs split");
  }

  void look_at_input(const JsonField& field, bool last) {
    const auto mode = field["mode"].text();
    if (mode && *mode == "asynchronous" && last)
      add(Level::Warning, field.path(), "hears no key: the call ends, since no action follows");
    if (field["type"].null_or_absent()) add(Level::Note, field.path(), "has no type: keys are waited for");
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
    look_at_value(action.name, field, option);
    look_inside(field, option.key);
  }

  void look_at_value(std::string_view where, const JsonField& field, const text::JsonMember& option) {
    const bool text = option.value.text() != nullptr;
    if (text && is_among(kBooleans, option.key))
      add(Level::Note, field.path(), "is a string, and taken as a boolean");
    if (text && is_among(kNumbers, option.key))
      add(Level::Note, field.path(), "is a string, and taken as a number");
    const std::string place = std::string(where) + "." + option.key;
    const auto bounds = std::find_if(std::begin(kBounds), std::end(kBounds),
                                     [&](const Bounds& each) { return each.place == place; });
    const auto number = field.lenient_number();
    if (bounds == std::end(kBounds) || !number) return;
    if (*number < bounds->min) add(Level::Warning, field.path(), "is too low, and brought into its range");
    if (*number > bounds->max) add(Level::Warning, field.path(), "is too high, and brought into its range");
  }

  void look_inside(const JsonField& field, std::string_view option) {
    const auto known = std::find_if(std::begin(kInside), std::end(kInside),
                                    [&](const Inside& each) { return each.option == option; });
    if (known == std::end(kInside)) return;
    for (const JsonField& each : field.one_or_more()) {
      if (each.value().object() == nullptr) continue;
      for (const text::JsonMember& member : each.value().object()->members()) {
        const bool named =
            std::find(known->names.begin(), known->names.end(), member.key) != known->names.end();
        if (!named) {
          add(Level::Warning, each[member.key].path(), "is ignored: there is no such option");
          continue;
        }
        look_at_value(option, each[member.key], member);
        look_inside(each[member.key], member.key);
      }
    }
  }

  void look_at_conversation(const JsonField& field) {
    ends_here_ = "the conversation before it lasts until the leg is hung up or transferred";
    const bool waits = !field["startOnEnter"].lenient_boolean().value_or(true);
    if (waits) {
      add(Level::Warning, field.path(),
          "the caller may wait for ever: the conversation starts when somebody enters without startOnEnter "
          "false");
      if (field["musicOnHoldUrl"].null_or_absent())
        add(Level::Note, field.path(), "the caller waits in silence: there is no musicOnHoldUrl");
    }
    look_at_hearing(field, "canHear", "this leg hears nobody: the list is empty");
    look_at_hearing(field, "canSpeak", "nobody hears this leg: the list is empty");
    if (!field["endOnExit"].lenient_boolean().value_or(false)) {
      add(Level::Warning, field.path(),
          "a party may be left alone in the room: nobody's leaving ends it without endOnExit");
    }
  }

  void look_at_hearing(const JsonField& field, std::string_view option, const char* remark) {
    const text::JsonArray* legs = field[option].value().array();
    if (legs != nullptr && legs->empty()) add(Level::Note, field[option].path(), remark);
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
