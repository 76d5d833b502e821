#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <unordered_map>

#include "call/prompt.h"
#include "directory/model.h"
#include "flow/program.h"

// The neutral programs that the actions are made of. Pure.
namespace sotto::voipnow {

using ProgramPtr = std::shared_ptr<const flow::Program>;

ProgramPtr make_program(std::vector<flow::Step> steps);

// A file or URL, or a soft tone when there is none; looped.
call::PromptSpec hold_music(const std::string& file);

struct DialOrder {
  std::vector<base::Address> to;
  base::Address from;
  std::chrono::seconds ring{60};
  std::chrono::seconds talk{0};  // 0: the step's own
  flow::Ask ask;
};
flow::DialStep dial_step(const DialOrder& order);

// Where the members of a conference extension meet; a scheduled one has a number of its own.
std::string conference_room(const std::string& extension, const std::string& number);

// A mailbox: its greeting, a tone, and what the caller says until he stops.
ProgramPtr voicemail(const directory::Phone& mailbox, const std::string& greeting_file);
// Of RecordingSpec::owner.
std::string voicemail_owner(std::string_view extension);
std::optional<std::string> mailbox_of(std::string_view owner);

// What a leg does next when its dial has failed, by the ids that DocumentRef carries. An entry goes with its
// leg.
class FollowUps {
 public:
  using Make = std::function<ProgramPtr(const flow::Outcome& outcome)>;  // null: the leg is hung up

  flow::DocumentRef add(call::LegId leg, Make make);
  ProgramPtr make(const flow::DocumentRef& document, const flow::Outcome& outcome) const;
  void forget(call::LegId leg);

 private:
  struct Entry {
    call::LegId leg;
    Make make;
  };
  uint64_t next_ = 1;
  std::unordered_map<uint64_t, Entry> entries_;
  std::unordered_multimap<call::LegId, uint64_t> by_leg_;
};

}  // namespace sotto::voipnow
