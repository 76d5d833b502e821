#pragma once

#include <string>

#include "call/switchboard.h"
#include "dialect/voipnow/call_book.h"
#include "dialect/voipnow/values.h"
#include "directory/snapshot.h"
#include "text/json.h"

namespace sotto::voipnow {

// 0 unknown, 1 off hook, 2 trying, 3 ringing, 4 the other side rings, 5 on call.
enum class ViewStatus { Unknown = 0, OffHook = 1, Trying = 2, Ringing = 3, FarRinging = 4, OnCall = 5 };

// What a view is rendered from. A value for one answer; what it refers to outlives it.
class Renderer {
 public:
  // `link` is what comes before the call's id in its address.
  Renderer(const call::Switchboard& switchboard, const directory::Snapshot& directory, const CallBook& book,
           std::string link)
      : switchboard_(switchboard), directory_(directory), book_(book), link_(std::move(link)) {}

  text::Json phone_call(const PhoneCall& call) const;
  text::Json short_phone_call(const PhoneCall& call) const;  // id, extension, link
  ViewStatus status(const PhoneCall& call, const View& view) const;
  std::string self_link(const PhoneCall& call) const { return link_ + call.key; }
  // Every number by which the call's parties go, for DELETE and Transfer.
  const call::Leg* party(const PhoneCall& call, std::string_view number) const;

 private:
  struct Sides {
    std::vector<std::string> source;
    std::vector<std::string> destination;
    int flow = 0;
  };
  Sides sides(const View& view, const call::Leg& leg) const;
  std::vector<const call::Leg*> peers(const call::Leg& leg) const;
  bool is_calling(const View& view, const call::Leg& leg) const;
  std::string text_of(const call::Leg& leg) const;
  std::string text_of(const base::Address& address) const;
  text::Json view(const PhoneCall& call, const View& view) const;
  std::string caller_id(const View& view, const call::Leg& leg) const;
  void add_states(const PhoneCall& call, const View& view, text::JsonObject& out) const;

  const call::Switchboard& switchboard_;
  const directory::Snapshot& directory_;
  const CallBook& book_;
  const std::string link_;
};

// The caller id that a leg's far end was shown, as "Name <number>".
std::string shown_caller_id(const base::Address& from);
// The other way: to the letter for a phone of ours; as a number for the outside.
base::Address shown_on_phone(const CallerId& caller_id);
base::Address shown_outside(const CallerId& caller_id);

}  // namespace sotto::voipnow
