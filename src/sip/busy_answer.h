#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "sip/address.h"
#include "sip/message.h"

// Refusing a call at the least cost: the few headers that the answer repeats are found in the text, nothing
// is kept, and nothing else is looked at (a stateless UAS, RFC 3261 §8.2.7).
namespace sotto::sip {

// An INVITE that begins a call, as far as its answer needs it: Via, From, To, Call-ID and CSeq, as views into
// `text`. Nullopt for anything else: another method, an INVITE in a dialog, and one that is written so that
// it takes the parser to be sure.
std::optional<Message> read_beginning(std::string_view text);
template <std::same_as<std::string> Text>
std::optional<Message> read_beginning(Text&& temporary) = delete;

// An INVITE that belongs to no call, as far as its To tells at a glance: for the many that get no answer.
bool is_plain_beginning(std::string_view text);

// 503 with Retry-After. `to_tag` is for its ACK to be recognised by.
std::string busy_answer(const Message& beginning, const Flow& flow, std::string_view to_tag,
                        std::chrono::seconds retry_after);

}  // namespace sotto::sip
