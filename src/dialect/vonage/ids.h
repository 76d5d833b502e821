#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "call/leg.h"

// Our ids in the vendor's formats (vonage.md §11). They are the same 128 bits: nothing is looked up.
namespace sotto::vonage {

// 32 hex digits for an inbound leg, a dashed UUID for an outbound one. Both are taken wherever an id is read.
inline std::string leg_text(call::LegId id, call::Direction direction) {
  return direction == call::Direction::Inbound ? base::to_hex(id) : base::to_uuid(id);
}

template <typename Tag>
std::string conversation_text(const base::Id<Tag>& id) {
  return "CON-" + base::to_uuid(id);
}

using ConversationId = base::Id<struct ConversationTag>;
inline std::optional<ConversationId> parse_conversation(std::string_view text) {
  if (text.substr(0, 4) == "CON-") text.remove_prefix(4);  // documents of 2017 leave it out
  return base::parse_id<ConversationId>(text);
}

// A recording has two ids: of its file, which is ours, and one that only its event names.
inline std::string file_text(call::RecordingId id) {
  return base::to_uuid(id);
}
inline std::string recording_text(call::RecordingId id) {
  return base::id_to_uuid(~id.high, ~id.low);
}

}  // namespace sotto::vonage
